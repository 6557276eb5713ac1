"""The SQL of jobs: take-over from the outbox within the queues' limits, and what became of each attempt.

Every change of state is a compare-and-set on (state, attempt), so that it may be made twice and counts once.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from voice_engine.jobs.models import JobRunRow, RunState
from voice_engine.ports.jobs import CRON_PREFIX, JobBook, JobQueue
from voice_engine.store import outbox
from voice_engine.store.outbox import OutboxRow
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

TAKE_OVER_LOCK = 0x766F6A62
"""PostgreSQL's advisory lock of the take-over: two workers that count at once would both see the last free place.
SQLite's writers queue by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An attempt that is this worker's to run."""

    job_id: str
    kind: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A job as its attempt sees it."""

    job_id: str
    kind: str
    key: str | None
    payload: Mapping[str, Any]
    attempt: int
    adoptions: int
    memory: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The attempt succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The attempt failed; `again_at` None: it was the last."""

    code: str
    message: str
    again_at: dt.datetime | None
    memory: Mapping[str, Any] = field(default_factory=dict)


Outcome = Done | Failed


def _due_since() -> sa.ColumnElement[dt.datetime]:
    return sa.func.coalesce(OutboxRow.due_at, OutboxRow.created_at)


def _open() -> tuple[sa.ColumnElement[bool], ...]:
    return (OutboxRow.taken_at.is_(None), OutboxRow.cancelled_at.is_(None))


async def next_due(work: UnitOfWork, kinds: Iterable[str]) -> dt.datetime | None:
    """When the soonest job of these kinds is or was due; None: there is none."""
    names = list(kinds)
    outbox_rows = sa.select(_due_since().label("due")).where(*_open(), OutboxRow.kind.in_(names))
    waiting = sa.select(JobRunRow.due_at.label("due")).where(
        JobRunRow.state == RunState.WAITING, JobRunRow.kind.in_(names)
    )
    soonest = [await work.session.scalar(each.order_by(sa.text("due")).limit(1)) for each in (outbox_rows, waiting)]
    known = [moment for moment in soonest if moment is not None]
    return min(known, default=None)


async def take_over(work: UnitOfWork, book: JobBook, *, executor: str, most: int, now: dt.datetime) -> list[Taken]:
    """Make due jobs this worker's, as many as their queues let through; the longest due first.

    `most` bounds what this worker runs at once, what it runs already included.
    """
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(TAKE_OVER_LOCK)))
    here = sa.select(sa.func.count()).where(JobRunRow.executor == executor, JobRunRow.state == RunState.RUNNING)
    places = most - (await work.session.scalar(here) or 0)
    taken: list[Taken] = []
    for queue in book.queues.values():
        kinds = [kind.name for kind in book.kinds.values() if kind.queue == queue.name]
        room = min(places - len(taken), await _room(work, queue, now))
        if room <= 0 or not kinds:
            continue
        again = await _take_waiting(work, kinds, executor=executor, most=room, now=now)
        fresh = await _take_fresh(work, kinds, queue, executor=executor, most=room - len(again), now=now)
        taken += again + fresh
    return taken


async def _room(work: UnitOfWork, queue: JobQueue, now: dt.datetime) -> int:
    running = sa.select(sa.func.count()).where(JobRunRow.queue == queue.name, JobRunRow.state == RunState.RUNNING)
    room = queue.concurrency - (await work.session.scalar(running) or 0)
    if queue.rate is not None:
        since = now - dt.timedelta(seconds=queue.rate_period_s)
        started = sa.select(sa.func.count()).where(JobRunRow.queue == queue.name, JobRunRow.started_at > since)
        room = min(room, queue.rate - (await work.session.scalar(started) or 0))
    return room


async def _take_waiting(
    work: UnitOfWork, kinds: Sequence[str], *, executor: str, most: int, now: dt.datetime
) -> list[Taken]:
    due = (
        sa.select(JobRunRow)
        .where(JobRunRow.state == RunState.WAITING, JobRunRow.kind.in_(kinds), JobRunRow.due_at <= now)
        .order_by(JobRunRow.due_at, JobRunRow.id)
        .limit(most)
        .with_for_update()
    )
    taken = []
    for row in await work.session.scalars(due):
        row.state, row.executor, row.started_at = RunState.RUNNING, executor, now
        row.attempt, row.adoptions = row.attempt + 1, 0
        taken.append(Taken(job_id=row.id, kind=row.kind, attempt=row.attempt))
    return taken


async def _take_fresh(
    work: UnitOfWork, kinds: Sequence[str], queue: JobQueue, *, executor: str, most: int, now: dt.datetime
) -> list[Taken]:
    if most <= 0:
        return []
    due = (
        sa.select(OutboxRow)
        .where(*_open(), OutboxRow.kind.in_(kinds), sa.or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= now))
        .order_by(_due_since(), OutboxRow.created_at, OutboxRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)  # one that is being cancelled right now
    )
    taken = []
    for row in await work.session.scalars(due):
        row.taken_at = now
        run = JobRunRow(
            id=row.id, kind=row.kind, queue=queue.name, key=row.key, payload=row.payload, state=RunState.RUNNING,
            attempt=1, executor=executor, due_at=row.due_at or row.created_at, started_at=now,
        )  # fmt: skip
        work.session.add(run)
        taken.append(Taken(job_id=row.id, kind=row.kind, attempt=1))
    return taken


def _is_running(job_id: str, attempt: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (JobRunRow.id == job_id, JobRunRow.attempt == attempt, JobRunRow.state == RunState.RUNNING)


async def begin(work: UnitOfWork, job_id: str, attempt: int, *, executor: str) -> Run | None:
    """The job, if this attempt of it is still to be run; it is this worker's from now on."""
    row = await work.session.scalar(sa.select(JobRunRow).where(*_is_running(job_id, attempt)).with_for_update())
    if row is None:
        return None
    row.executor = executor
    row.adoptions += 1
    return Run(
        job_id=row.id, kind=row.kind, key=row.key, payload=row.payload, attempt=row.attempt,
        adoptions=row.adoptions, memory=row.memory,
    )  # fmt: skip


async def finish(work: UnitOfWork, job_id: str, attempt: int, outcome: Outcome, *, now: dt.datetime) -> bool:
    """Note how the attempt ended; False when that is known already."""
    row = await work.session.scalar(sa.select(JobRunRow).where(*_is_running(job_id, attempt)).with_for_update())
    if row is None:
        return False
    match outcome:
        case Done():
            row.state, row.finished_at, row.memory = RunState.DONE, now, {}
        case Failed():
            row.log = [
                *row.log,
                {"attempt": attempt, "at": now.isoformat(), "code": outcome.code, "message": outcome.message},
            ]
            row.memory = {**row.memory, **outcome.memory}
            row.state = RunState.DEAD if outcome.again_at is None else RunState.WAITING
            row.due_at = outcome.again_at or row.due_at
            row.finished_at = now if outcome.again_at is None else None
    row.executor = None
    return True


async def cancel(work: UnitOfWork, *, key: str, now: dt.datetime) -> bool:
    """Take back a job that does not run: not taken over yet, or resting before its next attempt."""
    if await outbox.cancel(work, key=key):
        return True
    resting = (JobRunRow.key == key, JobRunRow.state == RunState.WAITING)
    withdrawn = sa.update(JobRunRow).where(*resting).values(state=RunState.CANCELLED, finished_at=now)
    return bool(await changed_rows(work, withdrawn))


async def running_of(work: UnitOfWork, executor: str) -> list[Taken]:
    """The attempts that are this worker's."""
    rows = await work.session.execute(
        sa.select(JobRunRow.id, JobRunRow.kind, JobRunRow.attempt).where(
            JobRunRow.executor == executor, JobRunRow.state == RunState.RUNNING
        )
    )
    return [Taken(job_id=job_id, kind=kind, attempt=attempt) for job_id, kind, attempt in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """What is older is forgotten: runs that ended, keys of the outbox, and both for entries of the calendar."""

    runs: dt.datetime
    keys: dt.datetime
    calendar: dt.datetime


async def forget(work: UnitOfWork, horizon: Horizon, *, most: int) -> int:
    """Delete what is older than the horizon, at most so many runs and so many outbox rows; how many of both."""
    of_calendar = JobRunRow.key.startswith(CRON_PREFIX)
    ended = sa.select(JobRunRow.id).where(
        sa.or_(
            JobRunRow.finished_at < horizon.runs,
            sa.and_(JobRunRow.finished_at < horizon.calendar, of_calendar),
        )
    )
    runs = await changed_rows(work, sa.delete(JobRunRow).where(JobRunRow.id.in_(ended.limit(most))))
    gone_at = sa.func.coalesce(OutboxRow.taken_at, OutboxRow.cancelled_at)
    gone = sa.or_(
        gone_at < horizon.keys, sa.and_(gone_at < horizon.calendar, OutboxRow.key.startswith(CRON_PREFIX))
    )
    old = sa.select(OutboxRow.id).where(gone, ~sa.exists().where(JobRunRow.id == OutboxRow.id)).limit(most)
    return runs + await changed_rows(work, sa.delete(OutboxRow).where(OutboxRow.id.in_(old)))


async def depths(work: UnitOfWork) -> Mapping[str, int]:
    """How many jobs there are by state, `queued` for those in the outbox: for metrics and `doctor`."""
    states = await work.session.execute(sa.select(JobRunRow.state, sa.func.count()).group_by(JobRunRow.state))
    found = {state: int(count) for state, count in states}
    queued = await work.session.scalar(sa.select(sa.func.count()).where(*_open()))
    return {"queued": queued or 0, **{str(state): found.get(state, 0) for state in RunState}}
