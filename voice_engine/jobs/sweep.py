"""What keeps jobs from getting lost: the dead are reaped, their jobs adopted, idle attempts seen to."""

import asyncio
from collections.abc import Sequence

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.jobs import ledger, roster
from voice_engine.jobs.execution import Execution
from voice_engine.jobs.heart import Heart
from voice_engine.jobs.intake import Intake
from voice_engine.jobs.ledger import Taken
from voice_engine.jobs.roster import Watch
from voice_engine.jobs.workflows import Held, Progress, Workflows
from voice_engine.store.engine import Store

_log = structlog.get_logger(__name__)


class Sweep:
    """Every `every_s`: reap, adopt, and see to this worker's own attempts that do not run here."""

    def __init__(
        self,
        store: Store,
        heart: Heart,
        intake: Intake,
        *,
        execution: Execution,
        workflows: Workflows,
        watch: Watch,
        every_s: float,
    ) -> None:
        self._store = store
        self._heart = heart
        self._watch = watch
        self._workflows = workflows
        self._execution = execution
        self._intake = intake
        self._every_s = every_s
        self._idle_before: set[Taken] = set()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self._sweep()
            except UpstreamFailed as error:
                _log.warning("worker.sweep_failed", code=error.code)
            await asyncio.sleep(self._every_s)

    async def _sweep(self) -> None:
        me = self._heart.executor
        async with self._store.system("jobs: who lives", writes=False) as work:
            counts = await roster.beats(work)
        dead = [worker for worker in self._watch.dead(counts) if worker[0] != me]
        await self._heart.lease.hold()
        async with self._store.system("jobs: reap and adopt") as work:
            for executor, token in dead:
                if await roster.reap(work, executor, token, at_count=counts[executor, token]):
                    _log.warning("worker.reaped", dead=executor)
            adopted = await roster.adopt_orphans(work, me)
            mine = await ledger.running_of(work, me)
            living = {executor for executor, _ in await roster.beats(work)}
        if adopted:
            _log.warning("worker.adopted", jobs=adopted)
        idle = [each for each in mine if not self._is_here(each)]
        await self._see_to(idle, living)
        self._idle_before = set(idle)

    def _is_here(self, taken: Taken) -> bool:
        return taken.job_id in self._execution.running or taken.job_id in self._intake.starting

    async def _see_to(self, idle: Sequence[Taken], living: set[str]) -> None:
        """Start what the engine never heard of, queue again what the dead held, give up what it has ended.

        What looks idle once may be on its way from one table to the other: only the dead are not waited for.
        """
        views = await self._workflows.held(idle)
        await self._intake.start([each for each in idle if views[each.job_id].progress is Progress.UNKNOWN])
        await self._workflows.resume([each for each in idle if self._is_stranded(each, views[each.job_id], living)])
        for each in idle:
            if views[each.job_id].progress is Progress.ENDED and each in self._idle_before:
                _log.warning("worker.attempt_lost", job_id=each.job_id, attempt=each.attempt)
                memory = await self._workflows.memory(each)
                await self._execution.give_up(each.job_id, each.attempt, memory)

    def _is_stranded(self, taken: Taken, held: Held, living: set[str]) -> bool:
        if held.progress is not Progress.HELD:
            return False
        if held.executor == self._heart.executor:
            return taken in self._idle_before
        return held.executor not in living
