"""Calendar entries: each slot's job is enqueued once, by whichever worker comes first."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.jobs import CronEntry
from voice_engine.store import outbox
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job

LONGEST_S = 30.0
"""The calendar is looked at this often at least: the wall clock may jump."""

RETRY_S = 1.0

_log = structlog.get_logger(__name__)


class Calendar:
    """Keeps `entries`; `on_enqueued` is told when there is a job to take over."""

    def __init__(
        self,
        store: Store,
        entries: Sequence[CronEntry],
        *,
        now: Callable[[], dt.datetime],
        on_enqueued: Callable[[], None],
    ) -> None:
        self._store = store
        self._entries = entries
        self._now = now
        self._on_enqueued = on_enqueued
        self._done: dict[str, dt.datetime] = {}

    async def run(self) -> None:
        """Enqueue slots as they come, until cancelled."""
        while True:
            try:
                wait_s = await self._enqueue()
            except UpstreamFailed as error:
                _log.warning("worker.calendar_failed", code=error.code)
                wait_s = RETRY_S
            await asyncio.sleep(wait_s)

    async def _enqueue(self) -> float:
        """Enqueue the slots that have come; seconds until the next."""
        now = self._now()
        wait_s = LONGEST_S
        for entry in self._entries:
            slot = entry.slot(now)
            if self._done.get(entry.name) != slot:
                job = Job(kind=entry.kind, payload={"slot": slot.isoformat()}, key=entry.key(slot))
                async with self._store.system("jobs: a calendar entry") as work:
                    await outbox.enqueue(work, job)
                self._done[entry.name] = slot
                self._on_enqueued()
            next_slot = slot + dt.timedelta(seconds=entry.every_s)
            wait_s = min(wait_s, (next_slot - now).total_seconds())
        return wait_s
