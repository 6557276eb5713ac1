"""One attempt at a job, as its handler sees it: steps whose results are remembered by name.

A step's result crosses the durable engine as a small JSON record, also when it failed: nothing is pickled, and a
replay raises the same kind of error as the first run did.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from voice_engine import errors
from voice_engine.errors import UpstreamFailed, VoiceEngineError
from voice_engine.jobs.lease import Lease
from voice_engine.ports.jobs import StepFailed

T = TypeVar("T")

Record = dict[str, Any]
"""What is remembered of a step: `{"value": …}` or `{"error": …}`."""

RunStep = Callable[[str, Callable[[], Awaitable[Record]]], Awaitable[Record]]
"""The durable engine's part: run this once under this name, or say what came of it when it was run."""


class EngineStopped(BaseException):
    """The durable engine can run no more steps of this attempt: no handler's `except Exception` may swallow it."""


KINDS: Mapping[str, type[VoiceEngineError]] = {
    kind.__name__: kind
    for kind in (
        errors.InvalidInput, errors.NotAllowed, errors.NotFound, errors.Conflict, errors.QuotaExceeded,
        errors.ProtocolError,
    )
}  # fmt: skip


class JobAttempt:
    """`Attempt` over a durable engine. `memory` has the results of steps that earlier attempts finished."""

    def __init__(
        self, job_id: str, *, number: int, most: int, memory: Mapping[str, Any], run_step: RunStep, lease: Lease
    ) -> None:
        self._job_id = job_id
        self._number = number
        self._most = most
        self._run_step = run_step
        self._lease = lease
        self._begun: set[str] = set()
        self.memory: dict[str, Any] = dict(memory)

    @property
    def job_id(self) -> str:
        """The outbox row's id."""
        return self._job_id

    @property
    def number(self) -> int:
        """Which try this is, from 1."""
        return self._number

    @property
    def is_last(self) -> bool:
        """Whether a failure now is final."""
        return self._number >= self._most

    async def step(self, name: str, do: Callable[[], Awaitable[T]]) -> T:
        """Do this once for the job, under a good lease.

        Raises:
            StepFailed: it raised something that is none of our own errors.
            ValueError: the name was used before in this attempt (a bug of the handler).
        """
        if name in self._begun:
            raise ValueError(f"the step {name!r} has two bodies")
        self._begun.add(name)
        if name in self.memory:
            remembered: T = self.memory[name]
            return remembered
        cause: Exception | None = None

        async def recorded() -> Record:
            nonlocal cause
            await self._lease.hold()
            try:
                return {"value": json.loads(json.dumps(await do()))}
            except Exception as error:  # noqa: BLE001  # the edge of a step: it is raised again below
                cause = error
                return {"error": describe(error)}

        record = await self._run_step(name, recorded)
        if "error" in record:
            raise rebuild(record["error"]) from cause
        self.memory[name] = record["value"]
        value: T = record["value"]
        return value


def describe(error: Exception) -> Record:
    """An error as JSON. Of errors that are not ours only the class is told: their text may be anybody's words."""
    if not isinstance(error, VoiceEngineError):
        return {"kind": StepFailed.__name__, "code": "step_failed", "message": type(error).__name__}
    told: Record = {
        "kind": next((name for name, kind in KINDS.items() if isinstance(error, kind)), StepFailed.__name__),
        "code": error.code,
        "message": error.message,
        "details": json.loads(json.dumps(error.details, default=str)),
    }
    if isinstance(error, UpstreamFailed):
        told |= {"kind": UpstreamFailed.__name__, "provider": error.provider, "retryable": error.retryable}
    return told


def rebuild(told: Record) -> VoiceEngineError:
    """The error that `describe` told."""
    code, message = told["code"], told["message"]
    if told["kind"] == UpstreamFailed.__name__:
        return UpstreamFailed(code, message, provider=told["provider"], retryable=told["retryable"])
    kind = KINDS.get(told["kind"], StepFailed)
    return kind(code, message, details=told.get("details"))
