"""The worker process: its parts, one task each, and their end.

Attempts run on this loop too, as the durable engine's tasks; handlers send heavy work to threads.
"""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from voice_engine.jobs.calendar import Calendar
from voice_engine.jobs.execution import Execution
from voice_engine.jobs.heart import FencedOff, Heart, Pulse
from voice_engine.jobs.intake import Intake
from voice_engine.jobs.lease import boot_s
from voice_engine.jobs.roster import Watch
from voice_engine.jobs.sweep import Sweep, SweepSettings
from voice_engine.jobs.workflows import Workflows
from voice_engine.ports.bus import Bus
from voice_engine.ports.jobs import JOBS_TOPIC, JobBook
from voice_engine.store.engine import Store

CANCEL_S = 2.0
"""How long cancelled attempts may take to clean up."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """Numbers of a worker, times in seconds. `drain_s` is what attempts get to finish after SIGTERM."""

    most_running: int = 16
    pulse: Pulse = field(default_factory=Pulse)
    sweep: SweepSettings = field(default_factory=SweepSettings)
    drain_s: float = 30.0


class Worker:
    """One worker. `run` ends after `drain`, or raises `FencedOff`."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        book: JobBook,
        workflows: Workflows,
        *,
        executor: str,
        settings: WorkerSettings,
        now: Callable[[], dt.datetime],
        chance: Callable[[], float],
        clock_s: Callable[[], float] = boot_s,
    ) -> None:
        self._bus = bus
        self._workflows = workflows
        self._drain_s = settings.drain_s
        self._look = asyncio.Event()
        self._draining = asyncio.Event()
        self._heart = Heart(store, executor, settings.pulse, now=now, clock_s=clock_s)
        self._execution = Execution(store, book, self._heart, now=now, chance=chance, on_ended=self._look.set)
        self._intake = Intake(
            store, book, self._heart,
            execution=self._execution, workflows=workflows, look=self._look, most_running=settings.most_running,
            now=now,
        )  # fmt: skip
        watch = Watch(dead_s=settings.pulse.dead_s, now_s=clock_s)
        self._sweep = Sweep(
            store, self._heart, self._intake,
            execution=self._execution, workflows=workflows, watch=watch, settings=settings.sweep, clock_s=clock_s,
        )  # fmt: skip
        self._calendar = Calendar(store, book.crons, now=now, on_enqueued=self._look.set)

    def drain(self) -> None:
        """Take nothing more, let run what runs, then end."""
        self._draining.set()

    async def run(self) -> None:
        """Work until drained.

        Raises:
            FencedOff: the process must end; what it ran is another's now.
            UpstreamFailed: the database could not be reached, at the start or at the end.
        """
        await self._heart.begin()
        self._workflows.open(self._execution.execute)
        _log.info("worker.started", executor=self._heart.executor)
        fenced: BaseException | None = None
        try:
            await self._work()
        except* FencedOff as found:
            fenced = found.exceptions[0]
        finally:
            await self._stop()
        if fenced is not None:
            raise FencedOff(str(fenced)) from fenced
        await self._heart.end()
        self._bus.publish(JOBS_TOPIC)
        _log.info("worker.stopped", executor=self._heart.executor)

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._heart.beat())
            loops = [
                group.create_task(self._intake.hear(self._bus)),
                group.create_task(self._intake.run()),
                group.create_task(self._sweep.run()),
                group.create_task(self._calendar.run()),
            ]
            await self._draining.wait()
            _log.info("worker.draining", running=len(self._execution.running))
            for loop in loops:
                loop.cancel()
            await self._quiet(self._drain_s)
            beating.cancel()

    async def _quiet(self, longest_s: float) -> None:
        """Wait until nothing runs, so long at most."""
        try:
            async with asyncio.timeout(longest_s):
                while self._execution.running or self._intake.starting:
                    self._look.clear()
                    await self._look.wait()
        except TimeoutError:
            _log.warning("worker.left_running", jobs=sorted(self._execution.running))

    async def _stop(self) -> None:
        """End what still runs (it goes on elsewhere, or here after a restart), then the engine."""
        for task in list(self._execution.running.values()):
            task.cancel()
        await self._quiet(CANCEL_S)
        await self._workflows.close()
