"""The worker's loops over an engine in memory: wakes, capacity, the calendar, drain, fencing."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.jobs.engines import MemoryWorkflows
from tests.jobs.rows import enqueue
from voice_engine.bus.local import LocalBus
from voice_engine.jobs import roster
from voice_engine.jobs.heart import FencedOff, Pulse
from voice_engine.jobs.sweep import SweepSettings
from voice_engine.jobs.worker import Worker, WorkerSettings
from voice_engine.ports.jobs import Attempt, CronEntry, JobKind, job_book
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job

pytestmark = pytest.mark.slow


class Gate:
    """A handler that notes its jobs and waits for leave to end."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.cancelled: list[str] = []
        self.open = asyncio.Event()
        self.changed = asyncio.Event()

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        name = payload.get("name", payload.get("slot", ""))
        self.begun.append(name)
        self.changed.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        self.ended.append(name)
        self.changed.set()

    async def until(self, begun: int) -> None:
        async with asyncio.timeout(5):
            while len(self.begun) < begun:
                self.changed.clear()
                await self.changed.wait()


class Site:
    def __init__(
        self, store: Store, group: asyncio.TaskGroup, *, crons: tuple[CronEntry, ...], drain_s: float
    ) -> None:
        self.store = store
        self.gate = Gate()
        self.bus = LocalBus()
        store.announce = self.bus.publish
        self.workflows = MemoryWorkflows(group)
        self.now = dt.datetime.now(dt.UTC)
        self.worker = Worker(
            store,
            self.bus,
            job_book([JobKind(name="k", handler=self.gate)], crons=crons),
            self.workflows,
            executor="w1",
            settings=WorkerSettings(
                most_running=2,
                pulse=Pulse(beat_s=0.05, lease_s=2.0, dead_s=3.0),
                sweep=SweepSettings(every_s=60),
                drain_s=drain_s,
            ),
            now=lambda: dt.datetime.now(dt.UTC),
            chance=lambda: 0.0,
        )
        self.running: asyncio.Task[None]


@asynccontextmanager
async def site(store: Store, *, crons: tuple[CronEntry, ...] = (), drain_s: float = 5.0) -> AsyncIterator[Site]:
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        opened = Site(store, group, crons=crons, drain_s=drain_s)
        opened.running = group.create_task(_quietly(opened.worker))
        try:
            yield opened
        finally:
            opened.gate.open.set()
            opened.worker.drain()


async def _quietly(worker: Worker) -> None:
    """A fenced worker's end is the test's to judge, by what it did."""
    try:
        await worker.run()
    except FencedOff:
        return


async def test_a_wake_has_the_job_begun_long_before_the_next_poll(store: Store) -> None:
    async with site(store) as here:
        here.gate.open.set()
        await enqueue(store, Job(kind="k", payload={"name": "first"}))
        await here.gate.until(1)
        loop = asyncio.get_running_loop()
        begun_s = loop.time()

        await enqueue(store, Job(kind="k", payload={"name": "second"}))
        await here.gate.until(2)

        assert loop.time() - begun_s < 0.5


async def test_a_job_that_nobody_told_of_is_found_by_the_poll(store: Store) -> None:
    async with site(store) as here:
        await asyncio.sleep(0.05)
        store.announce = None

        await enqueue(store, Job(kind="k", payload={"name": "silent"}))

        await here.gate.until(1)


async def test_a_worker_takes_no_more_than_it_can_run(store: Store) -> None:
    async with site(store) as here:
        await enqueue(store, *(Job(kind="k", payload={"name": name}) for name in "abc"))
        await here.gate.until(2)
        await asyncio.sleep(0.1)
        begun = list(here.gate.begun)
        here.gate.open.set()
        await here.gate.until(3)

    assert len(begun) == 2


async def test_a_slot_of_the_calendar_is_run_once_by_two_workers(store: Store) -> None:
    entry = CronEntry(name="tick", kind="k", every_s=86_400)
    async with site(store, crons=(entry,)) as one:
        one.gate.open.set()
        await one.gate.until(1)
    async with site(store, crons=(entry,)) as other:
        await asyncio.sleep(0.1)

    assert one.gate.ended == [entry.slot(one.now).isoformat()]
    assert other.gate.begun == []


async def test_drain_takes_nothing_more_and_waits_for_what_runs(store: Store) -> None:
    async with site(store) as here:
        await enqueue(store, Job(kind="k", payload={"name": "running"}))
        await here.gate.until(1)

        here.worker.drain()
        await enqueue(store, Job(kind="k", payload={"name": "late"}))
        await asyncio.sleep(0.1)
        still_up = not here.running.done()
        here.gate.open.set()

    assert still_up
    assert here.gate.ended == ["running"]
    assert here.workflows.closed
    async with store.system("test", writes=False) as work:
        assert await roster.beats(work) == {}


async def test_a_drain_has_its_end(store: Store) -> None:
    async with site(store, drain_s=0.1) as here:
        await enqueue(store, Job(kind="k", payload={"name": "endless"}))
        await here.gate.until(1)

        here.worker.drain()
        await here.running

    assert (here.gate.ended, here.gate.cancelled) == ([], ["endless"])


async def test_a_fenced_worker_stops_what_it_runs_and_leaves_the_row_alone(store: Store) -> None:
    async with site(store) as here:
        await enqueue(store, Job(kind="k", payload={"name": "elsewhere"}))
        await here.gate.until(1)

        async with store.system("test") as work:
            await roster.register(work, "w1", "another", pid=1, now=here.now)
        await here.running

    assert here.gate.cancelled == ["elsewhere"]
    assert here.workflows.closed
    async with store.system("test", writes=False) as work:
        assert list(await roster.beats(work)) == [("w1", "another")]
