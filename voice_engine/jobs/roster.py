"""Which workers are alive: one row each, beaten every few seconds, and the reaping of those whose row stands still.

A worker is dead when its count has not moved for a while *by the watcher's own clock*, so machines need not agree
on the time. Reaping deletes the row: the worker, should it live after all, finds that out with its next beat.
"""

import datetime as dt
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from voice_engine.jobs.models import JobRunRow, JobWorkerRow, RunState
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows


class Watch:
    """Remembers when each worker's count last moved. `now_s` is a monotonic clock."""

    def __init__(self, *, dead_s: float, now_s: Callable[[], float]) -> None:
        self._dead_s = dead_s
        self._now_s = now_s
        self._seen: dict[tuple[str, str], tuple[int, float]] = {}

    def dead(self, beats: Mapping[tuple[str, str], int]) -> list[tuple[str, str]]:
        """Those, of (executor, token) → count, whose count stood still for `dead_s`."""
        now_s = self._now_s()
        seen = {}
        for worker, count in beats.items():
            last = self._seen.get(worker)
            seen[worker] = last if last is not None and last[0] == count else (count, now_s)
        self._seen = seen
        return [worker for worker, (_, since_s) in seen.items() if now_s - since_s >= self._dead_s]


async def register(work: UnitOfWork, executor: str, token: str, *, pid: int, now: dt.datetime) -> None:
    """Take this name; a worker that still has it is fenced off."""
    await changed_rows(work, sa.delete(JobWorkerRow).where(JobWorkerRow.executor == executor))
    work.session.add(JobWorkerRow(executor=executor, token=token, beats=0, pid=pid, started_at=now, beat_at=now))


async def beat(work: UnitOfWork, executor: str, token: str, *, now: dt.datetime) -> bool:
    """Say that this worker lives; False: it was given up for dead."""
    mine = (JobWorkerRow.executor == executor, JobWorkerRow.token == token)
    alive = sa.update(JobWorkerRow).where(*mine).values(beats=JobWorkerRow.beats + 1, beat_at=now)
    return bool(await changed_rows(work, alive))


async def leave(work: UnitOfWork, executor: str, token: str) -> None:
    """Go in order; what is still running is at once free to be adopted."""
    mine = (JobWorkerRow.executor == executor, JobWorkerRow.token == token)
    await changed_rows(work, sa.delete(JobWorkerRow).where(*mine))


async def beats(work: UnitOfWork) -> dict[tuple[str, str], int]:
    """Every worker's count, by (executor, token)."""
    rows = await work.session.execute(sa.select(JobWorkerRow.executor, JobWorkerRow.token, JobWorkerRow.beats))
    return {(executor, token): count for executor, token, count in rows}


async def reap(work: UnitOfWork, executor: str, token: str, *, at_count: int) -> bool:
    """Give a worker up for dead, unless it moved since it was looked at; whether it was."""
    still = (JobWorkerRow.executor == executor, JobWorkerRow.token == token, JobWorkerRow.beats == at_count)
    return bool(await changed_rows(work, sa.delete(JobWorkerRow).where(*still)))


async def adopt_orphans(work: UnitOfWork, executor: str) -> int:
    """Make this worker's every running job whose worker is no more; how many."""
    alive = sa.exists().where(JobWorkerRow.executor == JobRunRow.executor)
    orphans = (JobRunRow.state == RunState.RUNNING, ~alive)
    return await changed_rows(work, sa.update(JobRunRow).where(*orphans).values(executor=executor))
