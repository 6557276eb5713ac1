"""How much durable work there is: the numbers that an operator watches."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.jobs.models import JobRunRow, JobWorkerRow, RunState
from voice_engine.store.outbox import OutboxRow
from voice_engine.store.uow import UnitOfWork

FRESH = dt.timedelta(seconds=15)
"""A worker beats every 2 s and is given up for dead after 12 s (`heart.Pulse`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDepths:
    """Jobs by where they stand. `outbox`: due, and not taken over by a worker yet; `dead` is the operator's."""

    outbox: int
    waiting: int
    running: int
    dead: int
    workers: int


async def read_depths(work: UnitOfWork, *, now: dt.datetime) -> JobDepths:
    """Count, in a unit of the system. Rows are forgotten after two weeks, so that this stays cheap."""
    due = sa.or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= now)
    left = (OutboxRow.taken_at.is_(None), OutboxRow.cancelled_at.is_(None), due)
    outbox = await work.session.scalar(sa.select(sa.func.count(OutboxRow.id)).where(*left))
    open_states = (RunState.WAITING, RunState.RUNNING, RunState.DEAD)
    by_state = sa.select(JobRunRow.state, sa.func.count(JobRunRow.id)).group_by(JobRunRow.state)
    counted = await work.session.execute(by_state.where(JobRunRow.state.in_(open_states)))
    states: dict[str, int] = {row[0]: row[1] for row in counted}
    alive = sa.select(sa.func.count(JobWorkerRow.executor)).where(JobWorkerRow.beat_at > now - FRESH)
    return JobDepths(
        outbox=int(outbox or 0),
        waiting=states.get(RunState.WAITING, 0),
        running=states.get(RunState.RUNNING, 0),
        dead=states.get(RunState.DEAD, 0),
        workers=int(await work.session.scalar(alive) or 0),
    )
