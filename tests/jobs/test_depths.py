"""What waits is counted; what is done, taken back or not due is not."""

import datetime as dt

from tests.fakes.accounts import NOW
from voice_engine.jobs.depths import read_depths
from voice_engine.jobs.models import JobRunRow, JobWorkerRow, RunState
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, cancel, enqueue
from voice_engine.store.rows import new_id


def run(state: RunState) -> JobRunRow:
    return JobRunRow(
        id=new_id(), kind="a", queue="default", payload={}, state=state, attempt=1, due_at=NOW, started_at=NOW
    )


async def test_jobs_are_counted_by_where_they_stand(store: Store) -> None:
    async with store.system("tests") as work:
        await enqueue(work, Job(kind="a"))
        await enqueue(work, Job(kind="a", due_at=NOW + dt.timedelta(hours=1)))
        await enqueue(work, Job(kind="a", key="k"))
        await cancel(work, key="k")
        work.session.add_all(
            [
                run(RunState.WAITING),
                run(RunState.RUNNING),
                run(RunState.DEAD),
                run(RunState.DEAD),
                run(RunState.DONE),
            ]
        )

    async with store.system("tests", writes=False) as work:
        found = await read_depths(work, now=NOW)

    assert (found.outbox, found.waiting, found.running, found.dead) == (1, 1, 1, 2)


async def test_a_worker_whose_heart_stands_still_is_not_alive(store: Store) -> None:
    beats = {"alive": dt.timedelta(seconds=2), "dead": dt.timedelta(minutes=1)}
    async with store.system("tests") as work:
        for name, ago in beats.items():
            row = JobWorkerRow(executor=name, token=new_id(), beats=1, pid=1, started_at=NOW, beat_at=NOW - ago)
            work.session.add(row)

    async with store.system("tests", writes=False) as work:
        assert (await read_depths(work, now=NOW)).workers == 1
