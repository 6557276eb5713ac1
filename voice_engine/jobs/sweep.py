"""What keeps jobs from getting lost: the dead are reaped, their jobs adopted, idle attempts seen to."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.jobs import ledger, roster
from voice_engine.jobs.execution import Execution
from voice_engine.jobs.heart import Heart
from voice_engine.jobs.intake import Intake
from voice_engine.jobs.ledger import Taken
from voice_engine.jobs.roster import Watch
from voice_engine.jobs.workflows import Progress, Workflows
from voice_engine.store.engine import Store

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSettings:
    """Times in seconds. `patience_s`: how long an attempt of ours may look idle before something is done.

    It may be on its way: queued a moment ago and not yet begun, or ended and not yet noted everywhere.
    """

    every_s: float = 4.0
    patience_s: float = 10.0


class Sweep:
    """Again and again: reap, adopt, and see to this worker's own attempts that do not run here."""

    def __init__(
        self,
        store: Store,
        heart: Heart,
        intake: Intake,
        *,
        execution: Execution,
        workflows: Workflows,
        watch: Watch,
        settings: SweepSettings,
        clock_s: Callable[[], float],
    ) -> None:
        self._store = store
        self._heart = heart
        self._intake = intake
        self._execution = execution
        self._workflows = workflows
        self._watch = watch
        self._settings = settings
        self._clock_s = clock_s
        self._suspects: dict[tuple[Taken, Progress], float] = {}

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.once()
            except UpstreamFailed as error:
                _log.warning("worker.sweep_failed", code=error.code)
            await asyncio.sleep(self._settings.every_s)

    async def once(self) -> None:
        """One sweep. Raises UpstreamFailed."""
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
        await self._see_to([each for each in mine if not self._is_here(each)], living)

    def _is_here(self, taken: Taken) -> bool:
        return taken.job_id in self._execution.running or taken.job_id in self._intake.starting

    async def _see_to(self, idle: Sequence[Taken], living: set[str]) -> None:
        """Start what the engine never heard of, queue again what the dead held, give up what it has ended."""
        views = await self._workflows.held(idle)
        waited = self._suspect({(each, views[each.job_id].progress) for each in idle})
        stranded = []
        for each in idle:
            held = views[each.job_id]
            match held.progress:
                case Progress.UNKNOWN:
                    await self._intake.start([each])
                case Progress.HELD if held.executor == self._heart.executor:
                    stranded += [each] if each in waited else []
                case Progress.HELD:
                    stranded += [each] if held.executor not in living else []
                case Progress.ENDED if each in waited:
                    await self._give_up(each)
                case Progress.ENDED | Progress.QUEUED:
                    pass
                case _:
                    assert_never(held.progress)
        await self._workflows.resume(stranded)

    def _suspect(self, seen: set[tuple[Taken, Progress]]) -> set[Taken]:
        """Remember how long each has looked as it does; those that have for longer than our patience."""
        now_s = self._clock_s()
        self._suspects = {each: self._suspects.get(each, now_s) for each in seen}
        patience_s = self._settings.patience_s
        return {taken for (taken, _), since_s in self._suspects.items() if now_s - since_s >= patience_s}

    async def _give_up(self, taken: Taken) -> None:
        _log.warning("worker.attempt_lost", job_id=taken.job_id, attempt=taken.attempt)
        memory = await self._workflows.memory(taken)
        await self._execution.give_up(taken.job_id, taken.attempt, memory)
