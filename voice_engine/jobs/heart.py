"""A worker's heartbeat: its row, its lease, and the discovery that it was given up for dead."""

import asyncio
import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.jobs import roster
from voice_engine.jobs.lease import Lease, boot_s
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

_log = structlog.get_logger(__name__)


class FencedOff(Exception):
    """Others gave this worker up for dead, or another has its name: it must end now, and may be started anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Times of a heartbeat, in seconds: the lease ends well before others may reap (`lease_s` < `dead_s`)."""

    beat_s: float = 2.0
    lease_s: float = 8.0
    dead_s: float = 12.0

    def __post_init__(self) -> None:
        if not 0 < self.beat_s < self.lease_s < self.dead_s:
            raise ValueError("a worker needs beat_s < lease_s < dead_s")


class Heart:
    """Beats for one executor. `clock_s` is monotonic and counts while the machine sleeps."""

    def __init__(
        self,
        store: Store,
        executor: str,
        pulse: Pulse,
        *,
        now: Callable[[], dt.datetime],
        clock_s: Callable[[], float] = boot_s,
    ) -> None:
        self._store = store
        self._pulse = pulse
        self._now = now
        self._clock_s = clock_s
        self._token = new_id()
        self.executor = executor
        self.lease = Lease(length_s=pulse.lease_s, now_s=clock_s)

    async def begin(self) -> None:
        """Take the name; whoever still has it is fenced off. Raises UpstreamFailed."""
        asked_at_s = self._clock_s()
        async with self._store.system("jobs: a worker comes") as work:
            await roster.register(work, self.executor, self._token, pid=os.getpid(), now=self._now())
        self.lease.renew(asked_at_s=asked_at_s)

    async def beat(self) -> None:
        """Beat until cancelled. Raises FencedOff."""
        while True:
            await asyncio.sleep(self._pulse.beat_s)
            asked_at_s = self._clock_s()
            try:
                async with self._store.system("jobs: a heartbeat") as work:
                    alive = await roster.beat(work, self.executor, self._token, now=self._now())
            except UpstreamFailed as error:
                _log.warning("worker.beat_failed", code=error.code)
                continue
            if not alive:
                _log.error("worker.fenced_off", executor=self.executor)
                raise FencedOff(f"{self.executor} was given up for dead")
            self.lease.renew(asked_at_s=asked_at_s)

    async def end(self) -> None:
        """Go in order: what was left running is at once free for others. Raises UpstreamFailed."""
        async with self._store.system("jobs: a worker leaves") as work:
            await roster.leave(work, self.executor, self._token)
