"""What ended long ago is forgotten, in the rows and in the engine."""

import asyncio
import datetime as dt

from tests.fakes.jobs import InlineAttempt
from tests.jobs.engines import MemoryWorkflows
from tests.jobs.rows import NOW, after, book, enqueue, take
from voice_engine.jobs import ledger
from voice_engine.jobs.housekeeping import MEMORY_KEPT, MOST_AT_ONCE, RUNS_KEPT, housekeeping
from voice_engine.jobs.ledger import Done
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job


class Engine(MemoryWorkflows):
    """An engine that has more to forget than fits one go."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        super().__init__(group)
        self.asked: list[dt.datetime] = []

    async def forget(self, *, ended_before: dt.datetime, most: int) -> int:
        self.asked.append(ended_before)
        return most if len(self.asked) == 1 else 0


async def test_old_rows_go_and_the_engine_is_asked_until_nothing_is_left(store: Store) -> None:
    old, recent = await enqueue(store, Job(kind="k", due_at=after(-2)), Job(kind="k", due_at=after(-1)))
    await take(store, book())
    long_ago = NOW - RUNS_KEPT - dt.timedelta(seconds=1)
    async with store.system("test") as work:
        await ledger.finish(work, old, 1, Done(), now=long_ago)
        await ledger.finish(work, recent, 1, Done(), now=NOW)

    async with asyncio.TaskGroup() as group:
        engine = Engine(group)
        kind, entry = housekeeping(store, engine, now=lambda: NOW)
        await kind.handler.run({}, InlineAttempt(job_id="j", number=1, most=1))

    async with store.system("test", writes=False) as work:
        assert (await ledger.depths(work))["done"] == 1
    assert engine.asked == [NOW - MEMORY_KEPT] * 2
    assert entry.kind == kind.name
    assert MOST_AT_ONCE > 1
