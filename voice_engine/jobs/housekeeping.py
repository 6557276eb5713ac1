"""The worker's own calendar entry: what ended long ago is forgotten, in the rows and in the durable engine."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from voice_engine.jobs import ledger
from voice_engine.jobs.ledger import Horizon
from voice_engine.jobs.workflows import Workflows
from voice_engine.ports.jobs import Attempt, CronEntry, JobKind
from voice_engine.store.engine import Store

KIND = "jobs.forget"

RUNS_KEPT = dt.timedelta(days=14)
"""How long one can look up what became of a job."""

KEYS_KEPT = dt.timedelta(days=60)
"""How long a job's key is known: the same work enqueued again within it is not done again."""

CALENDAR_KEPT = dt.timedelta(days=2)
"""Entries of the calendar come often, and are at most a day apart."""

MEMORY_KEPT = dt.timedelta(days=1)
"""The engine's memory of an attempt serves while it runs; beyond that it is for who looks into a fault."""

MOST_AT_ONCE = 500
"""Rows a transaction: others write in between."""

EVERY_S = 6 * 3600


class Forget:
    """Deletes what ended long ago."""

    def __init__(self, store: Store, workflows: Workflows, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._workflows = workflows
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Do it, in small transactions; nothing here needs a memory."""
        del payload, attempt
        now = self._now()
        horizon = Horizon(runs=now - RUNS_KEPT, keys=now - KEYS_KEPT, calendar=now - CALENDAR_KEPT)
        forgotten = 1
        while forgotten:
            async with self._store.system("jobs: retention") as work:
                forgotten = await ledger.forget(work, horizon, most=MOST_AT_ONCE)
        forgotten = 1
        while forgotten:
            forgotten = await self._workflows.forget(ended_before=now - MEMORY_KEPT, most=MOST_AT_ONCE)


def housekeeping(
    store: Store, workflows: Workflows, *, now: Callable[[], dt.datetime]
) -> tuple[JobKind, CronEntry]:
    """The kind and its place in the calendar."""
    kind = JobKind(name=KIND, handler=Forget(store, workflows, now=now), timeout_s=3600)
    return kind, CronEntry(name=KIND, kind=KIND, every_s=EVERY_S)
