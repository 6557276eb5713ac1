"""What the worker asks of a durable engine; `durable` has the real one, the tests a small one of their own."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from voice_engine.jobs.attempt import RunStep
from voice_engine.jobs.ledger import Taken

Execute = Callable[[str, int, RunStep], Awaitable[None]]
"""(job id, attempt, how to run a step) → the attempt was run."""


class Progress(Enum):
    """How far the engine is with an attempt."""

    UNKNOWN = auto()
    """It never heard of it."""

    QUEUED = auto()
    """It will give it to some worker."""

    HELD = auto()
    """A worker has it, or had it when it died."""

    ENDED = auto()
    """It will not run it again, whatever became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The engine's view of an attempt; `executor` is who has it, where it is held."""

    progress: Progress
    executor: str | None = None


class Workflows(Protocol):
    """Runs attempts so that they end once, whichever worker dies in between."""

    def open(self, execute: Execute) -> None:
        """Start; attempts that this executor left behind are queued again."""
        ...

    async def start(self, taken: Taken) -> None:
        """Run the attempt here, now; nothing, if the engine has heard of it already."""
        ...

    async def held(self, taken: Sequence[Taken]) -> Mapping[str, Held]:
        """The engine's view of each of these attempts, by job."""
        ...

    async def resume(self, taken: Sequence[Taken]) -> None:
        """Queue attempts again whose worker is dead; should it live, its next step is refused."""
        ...

    async def memory(self, taken: Taken) -> Mapping[str, Any]:
        """Results of the steps that the attempt finished, by name."""
        ...

    async def forget(self, *, ended_before: dt.datetime, most: int) -> int:
        """Delete the memory of attempts that ended before; how many."""
        ...

    async def close(self) -> None:
        """Stop; what still runs stays as it is, for whoever comes."""
        ...


def workflow_id(taken: Taken) -> str:
    """The engine's name of an attempt: the outbox row's id, with the number from the second attempt on."""
    return taken.job_id if taken.attempt == 1 else f"{taken.job_id}-{taken.attempt}"
