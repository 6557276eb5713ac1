"""Short ways to write and read jobs in tests."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from voice_engine.jobs import ledger
from voice_engine.jobs.ledger import Taken
from voice_engine.jobs.models import JobRunRow
from voice_engine.ports.jobs import Attempt, JobBook, JobKind, JobQueue, job_book
from voice_engine.store import outbox
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


class Idle:
    """Does nothing."""

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        del payload, attempt


def book(*queues: JobQueue, kinds: tuple[str, ...] = ("k",), queue: str = "default") -> JobBook:
    return job_book([JobKind(name=kind, handler=Idle(), queue=queue) for kind in kinds], queues)


async def enqueue(store: Store, *jobs: Job) -> list[str]:
    """The ids of the new rows."""
    async with store.system("test") as work:
        ids = [await outbox.enqueue(work, job) for job in jobs]
    return [job_id for job_id in ids if job_id is not None]


async def take(
    store: Store, jobs: JobBook, *, executor: str = "w1", most: int = 10, now: dt.datetime = NOW
) -> list[Taken]:
    async with store.system("test") as work:
        return await ledger.take_over(work, jobs, executor=executor, most=most, now=now)


async def run_of(store: Store, job_id: str) -> JobRunRow:
    async with store.system("test", writes=False) as work:
        row = (await work.session.scalars(sa.select(JobRunRow).where(JobRunRow.id == job_id))).one()
        work.session.expunge(row)
        return row
