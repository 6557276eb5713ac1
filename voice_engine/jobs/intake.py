"""Take-over: due jobs become attempts of this worker within milliseconds of the wake that told of them."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.jobs import ledger
from voice_engine.jobs.execution import Execution
from voice_engine.jobs.heart import Heart
from voice_engine.jobs.ledger import Taken
from voice_engine.jobs.workflows import Workflows
from voice_engine.ports.bus import POLL_S, Bus
from voice_engine.ports.jobs import JOBS_TOPIC, JobBook
from voice_engine.store.engine import Store

_log = structlog.get_logger(__name__)


class Intake:
    """Looks when woken, when the next job falls due, and every `POLL_S` in any case."""

    def __init__(
        self,
        store: Store,
        book: JobBook,
        heart: Heart,
        *,
        execution: Execution,
        workflows: Workflows,
        look: asyncio.Event,
        most_running: int,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._book = book
        self._heart = heart
        self._workflows = workflows
        self._execution = execution
        self._look = look
        self._most_running = most_running
        self._now = now
        self.starting: set[str] = set()
        """Jobs that are taken over and not yet running."""

    async def hear(self, bus: Bus) -> None:
        """Turn the bus's wakes into looks, until cancelled."""
        with bus.subscribe(JOBS_TOPIC, capacity=1) as wakes:
            async for _ in wakes:
                self._look.set()

    async def run(self) -> None:
        """Take over what is due, until cancelled."""
        while True:
            self._look.clear()
            try:
                wait_s = await self._take_due()
            except UpstreamFailed as error:
                _log.warning("worker.take_over_failed", code=error.code)
                wait_s = POLL_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._look.wait()
            except TimeoutError:
                continue

    async def _take_due(self) -> float:
        """Take over what is due and start it; seconds until the next look, unless something happens before."""
        if len(self._execution.running) >= self._most_running:
            return POLL_S
        async with self._store.system("jobs: what is due", writes=False) as work:
            soonest = await ledger.next_due(work, self._book.kinds)
        if soonest is None:
            return POLL_S
        early_s = (soonest - self._now()).total_seconds()
        if early_s > 0:
            return min(early_s, POLL_S)
        await self._heart.lease.hold()
        executor, now = self._heart.executor, self._now()
        async with self._store.system("jobs: take over") as work:
            taken = await ledger.take_over(work, self._book, executor=executor, most=self._most_running, now=now)
        await self.start(taken)
        return 0.0 if taken else POLL_S

    async def start(self, taken: Sequence[Taken]) -> None:
        """Hand attempts to the engine, which runs them here; what it does not take now, the sweep hands again."""
        names = {each.job_id for each in taken}
        self.starting |= names
        try:
            for each in taken:
                try:
                    await self._workflows.start(each)
                except UpstreamFailed as error:
                    _log.warning("worker.start_failed", job_id=each.job_id, code=error.code)
        finally:
            self.starting -= names
            self._look.set()
