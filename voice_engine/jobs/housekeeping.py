"""The worker's own calendar entry: what ended long ago is forgotten, in the rows and in the durable engine."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from voice_engine.jobs import ledger
from voice_engine.jobs.workflows import Workflows
from voice_engine.ports.jobs import Attempt, CronEntry, JobKind
from voice_engine.store.engine import Store

KIND = "jobs.forget"

RUNS_KEPT = dt.timedelta(days=14)
"""How long one can look up what became of a job."""

KEYS_KEPT = dt.timedelta(days=60)
"""How long a job's key is known: the same work enqueued again within it is not done again."""

MOST_AT_ONCE = 500
"""Rows a transaction: others write in between."""

HOUR_S = 3600


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
        ended_before, keys_before = now - RUNS_KEPT, now - KEYS_KEPT
        forgotten = MOST_AT_ONCE
        while forgotten >= MOST_AT_ONCE:
            async with self._store.system("jobs: retention") as work:
                forgotten = await ledger.forget(
                    work, ended_before=ended_before, keys_before=keys_before, most=MOST_AT_ONCE
                )
        forgotten = MOST_AT_ONCE
        while forgotten >= MOST_AT_ONCE:
            forgotten = await self._workflows.forget(ended_before=ended_before, most=MOST_AT_ONCE)


def housekeeping(
    store: Store, workflows: Workflows, *, now: Callable[[], dt.datetime]
) -> tuple[JobKind, CronEntry]:
    """The kind and its place in the calendar: daily, at a quiet hour of most of our users (09:20 UTC)."""
    kind = JobKind(name=KIND, handler=Forget(store, workflows, now=now), timeout_s=HOUR_S)
    return kind, CronEntry(name=KIND, kind=KIND, every_s=24 * HOUR_S, offset_s=9 * HOUR_S + 20 * 60)
