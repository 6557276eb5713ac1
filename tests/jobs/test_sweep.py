"""What the sweep does about attempts that nobody runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.jobs.engines import MemoryWorkflows
from tests.jobs.rows import NOW, book, enqueue, run_of, take
from voice_engine.jobs import roster
from voice_engine.jobs.execution import Execution
from voice_engine.jobs.heart import Heart, Pulse
from voice_engine.jobs.intake import Intake
from voice_engine.jobs.ledger import Taken
from voice_engine.jobs.models import RunState
from voice_engine.jobs.roster import Watch
from voice_engine.jobs.sweep import Sweep, SweepSettings
from voice_engine.jobs.workflows import Held, Progress
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job

PATIENCE_S = 10.0


class Site:
    """Worker "me", its clock in hand."""

    def __init__(self, store: Store, group: asyncio.TaskGroup) -> None:
        self.store = store
        self.clock_s = 0.0
        self.workflows = MemoryWorkflows(group)
        jobs = book()
        heart = Heart(store, "me", Pulse(), now=lambda: NOW, clock_s=lambda: 0.0)
        heart.lease.renew(asked_at_s=0.0)
        self.heart = heart
        execution = Execution(store, jobs, heart, now=lambda: NOW, chance=lambda: 0.0, on_ended=lambda: None)
        self.workflows.open(execution.execute)
        self.intake = Intake(
            store, jobs, heart,
            execution=execution, workflows=self.workflows, look=asyncio.Event(), most_running=9, now=lambda: NOW,
        )  # fmt: skip
        self.sweep = Sweep(
            store, heart, self.intake,
            execution=execution, workflows=self.workflows, watch=Watch(dead_s=12, now_s=lambda: self.clock_s),
            settings=SweepSettings(every_s=3600, patience_s=PATIENCE_S), clock_s=lambda: self.clock_s,
        )  # fmt: skip

    async def job(self, executor: str) -> Taken:
        """A job that a worker took over."""
        await enqueue(self.store, Job(kind="k"))
        (taken,) = await take(self.store, book(), executor=executor)
        return taken

    async def at(self, clock_s: float) -> None:
        """One sweep, at this time of the watcher's clock."""
        self.clock_s = clock_s
        await self.sweep.once()


@asynccontextmanager
async def site(store: Store) -> AsyncIterator[Site]:
    async with asyncio.TaskGroup() as group:
        opened = Site(store, group)
        await opened.heart.begin()
        yield opened


async def register(store: Store, executor: str) -> None:
    async with store.system("test") as work:
        await roster.register(work, executor, "t1", pid=1, now=NOW)


async def test_what_the_engine_never_heard_of_is_started(store: Store) -> None:
    """The worker died between its own row and the engine's."""
    async with site(store) as here:
        taken = await here.job("me")

        await here.at(0)

        assert here.workflows.started == [taken]


async def test_the_jobs_of_a_dead_worker_are_resumed(store: Store) -> None:
    async with site(store) as here:
        await register(store, "other")
        taken = await here.job("other")
        here.workflows.views[taken.job_id] = Held(progress=Progress.HELD, executor="other")

        await here.at(0)
        await here.at(11)
        before = list(here.workflows.resumed)
        await here.at(12)

        assert before == []
        assert here.workflows.resumed == [taken]
        assert (await run_of(store, taken.job_id)).executor == "me"


async def test_what_a_living_worker_holds_is_left_to_it(store: Store) -> None:
    """The row says me, the engine gave it to another meanwhile: it will say so itself."""
    async with site(store) as here:
        await register(store, "other")
        taken = await here.job("me")
        here.workflows.views[taken.job_id] = Held(progress=Progress.HELD, executor="other")

        await here.at(0)

        assert here.workflows.resumed == []


async def test_what_looks_idle_here_gets_time_to_show_itself(store: Store) -> None:
    async with site(store) as here:
        taken = await here.job("me")
        queued, held = Held(progress=Progress.QUEUED), Held(progress=Progress.HELD, executor="me")

        for clock_s, view in [(0, queued), (PATIENCE_S, held), (2 * PATIENCE_S - 1, held)]:
            here.workflows.views[taken.job_id] = view
            await here.at(clock_s)
        before = list(here.workflows.resumed)
        await here.at(2 * PATIENCE_S)

        assert before == []
        assert here.workflows.resumed == [taken]


async def test_an_attempt_whose_end_was_not_noted_has_failed(store: Store) -> None:
    async with site(store) as here:
        taken = await here.job("me")
        here.workflows.views[taken.job_id] = Held(progress=Progress.ENDED)
        here.workflows.steps.records[taken.job_id] = {"dial": {"value": "CA1"}, "talk": {"error": {}}}

        await here.at(0)
        early = await run_of(store, taken.job_id)
        await here.at(PATIENCE_S)
        late = await run_of(store, taken.job_id)

        assert early.state == RunState.RUNNING
        assert (late.state, late.memory) == (RunState.WAITING, {"dial": "CA1"})
