"""Durable work, as those see it who do it: handlers by kind, their queues, retries and calendar entries.

Work is handed over as a row written in the caller's own transaction (`store.outbox`); a worker process takes it
over exactly once and runs its handler at least once, each named step of it once.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from voice_engine.errors import QuotaExceeded, UpstreamFailed, VoiceEngineError

T = TypeVar("T")

JOBS_TOPIC = "jobs"
"""The bus topic that wakes the workers: a row was written, or one was cancelled."""

DEFAULT_QUEUE = "default"

CRON_PREFIX = "cron:"
"""Keys of calendar entries begin so."""


class Attempt(Protocol):
    """One try at a job, and the memory of its steps."""

    @property
    def job_id(self) -> str:
        """The outbox row's id, the same for every attempt: good as an idempotency key towards others."""
        ...

    @property
    def number(self) -> int:
        """Which try this is, from 1."""
        ...

    @property
    def is_last(self) -> bool:
        """Whether a failure now is final."""
        ...

    async def step(self, name: str, do: Callable[[], Awaitable[T]]) -> T:
        """Do this once for the job: what it returned is remembered, over attempts, crashes and workers.

        `name` is unique within the job. The result must be JSON (and comes back as JSON gives it: a tuple as a
        list). A step that failed is done again in the next attempt. A crash between doing and remembering does it
        again, so its effect must bear that, or be looked up first.
        Between steps a handler decides by its payload and its steps' results alone: the clock and the rows may have
        changed when it is run again.
        """
        ...


class JobHandler(Protocol):
    """Does one kind of job. May run again from its beginning after a crash: steps, or idempotent by nature."""

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Do the work. Whatever is raised is an attempt that failed; `is_final` says whether it was the last.

        Raises:
            JobAbandoned: it can never succeed.
        """
        ...


class JobAbandoned(VoiceEngineError):
    """A handler's verdict that its job can never succeed: straight to the dead, without retries."""


class StepFailed(VoiceEngineError):
    """What a step raised that is none of our own errors; its class is named in the message."""


def is_final(error: Exception) -> bool:
    """Whether trying again cannot help: a verdict, a domain's refusal, a provider's fault that is not retryable.

    What nobody foresaw is tried again, within its kind's budget.
    """
    if isinstance(error, UpstreamFailed):
        return not error.retryable
    return isinstance(error, VoiceEngineError) and not isinstance(error, QuotaExceeded | StepFailed)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a job is tried and how long it rests in between. Times in seconds."""

    attempts: int = 5
    first_s: float = 2.0
    factor: float = 3.0
    longest_s: float = 900.0
    jitter: float = 0.3
    """Share of the pause that is left to chance, so that what failed together does not come back together."""

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first_s < 0 or self.factor < 1 or not 0 <= self.jitter <= 1:
            raise ValueError("a retry policy needs attempts ≥ 1, first_s ≥ 0, factor ≥ 1, jitter within 0..1")

    def pause_s(self, failed: int, chance: float) -> float | None:
        """Rest after attempt number `failed`; None: there is no next one. `chance` is a random number in 0..1."""
        if failed >= self.attempts:
            return None
        full_s: float = min(self.longest_s, self.first_s * self.factor ** (failed - 1))
        return full_s * (1 - self.jitter * chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueue:
    """What jobs share: how many run at once in all workers; how many start in any `rate_period_s` (None: any)."""

    name: str = DEFAULT_QUEUE
    concurrency: int = 8
    rate: int | None = None
    rate_period_s: float = 1.0

    def __post_init__(self) -> None:
        if self.concurrency < 1 or self.rate_period_s <= 0 or (self.rate is not None and self.rate < 1):
            raise ValueError(f"queue {self.name!r} lets nothing through")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """A kind of job: who does it, on which queue, how often, and how long one attempt may take (seconds)."""

    name: str
    handler: JobHandler
    queue: str = DEFAULT_QUEUE
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeout_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CronEntry:
    """A job that comes again: at every multiple of `every_s` (UTC) plus `offset_s`, at most a day apart.

    What fell due while no worker ran is made up for once, not once a slot. The payload is `{"slot": ISO time}`.
    """

    name: str
    kind: str
    every_s: int
    offset_s: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.every_s <= 86_400 or not 0 <= self.offset_s < self.every_s:
            raise ValueError(f"calendar entry {self.name!r}: every_s is 1 to 86,400, offset_s below it")

    def slot(self, now: dt.datetime) -> dt.datetime:
        """The latest time at or before `now` at which this entry was due."""
        seconds = int(now.timestamp() - self.offset_s) // self.every_s * self.every_s + self.offset_s
        return dt.datetime.fromtimestamp(seconds, dt.UTC)

    def key(self, slot: dt.datetime) -> str:
        """The name under which the slot's job is enqueued once, whoever enqueues it."""
        return f"{CRON_PREFIX}{self.name}:{slot.isoformat()}"


@dataclass(frozen=True, slots=True)
class JobBook:
    """Every kind, queue and calendar entry that a worker knows; made once, by `job_book`."""

    kinds: Mapping[str, JobKind]
    queues: Mapping[str, JobQueue]
    crons: tuple[CronEntry, ...]


def job_book(kinds: Iterable[JobKind], queues: Iterable[JobQueue] = (), crons: Iterable[CronEntry] = ()) -> JobBook:
    """Put a book together; the default queue is there unless it is stated.

    Raises:
        ValueError: a name twice, a kind on an unknown queue, an entry of an unknown kind.
    """
    stated = list(queues)
    if all(queue.name != DEFAULT_QUEUE for queue in stated):
        stated.append(JobQueue())
    kinds, crons = list(kinds), tuple(crons)
    by_kind, by_queue = {kind.name: kind for kind in kinds}, {queue.name: queue for queue in stated}
    if len(by_kind) != len(kinds) or len(by_queue) != len(stated) or len({c.name for c in crons}) != len(crons):
        raise ValueError("a job book has a name twice")
    for kind in kinds:
        if kind.queue not in by_queue:
            raise ValueError(f"job {kind.name!r} is on the unknown queue {kind.queue!r}")
    for entry in crons:
        if entry.kind not in by_kind:
            raise ValueError(f"calendar entry {entry.name!r} is of the unknown kind {entry.kind!r}")
    return JobBook(kinds=by_kind, queues=by_queue, crons=crons)
