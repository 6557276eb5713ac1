"""What the database says came to its end, counted into this process's metrics: calls, credits, dials that failed.

A call may end in any process, or without one that held it (nobody answered, it was refused, its process died); the
rows know of all. Counted is what ended since this process began, once, found by looking a while back each time: a
row may be written later than the instant that it tells.
"""

import datetime as dt

from voice_engine.domains.calls.repository.tallies import list_ended, list_failed_dials
from voice_engine.domains.usage.repository import list_charges
from voice_engine.store.uow import UnitOfWork
from voice_engine.telemetry.metrics import Metrics

LOOKS_BACK = dt.timedelta(minutes=15)
"""A carrier's word on a call, or a bill that waited for it, comes within minutes."""


class Tallies:
    """Of one process, which began at `since`. Every server counts the whole installation."""

    def __init__(self, metrics: Metrics, *, since: dt.datetime) -> None:
        self._metrics = metrics
        self._since = since
        self._calls: dict[str, float] = {}
        self._charges: frozenset[str] = frozenset()
        self._dials: frozenset[str] = frozenset()

    async def take(self, work: UnitOfWork, *, now: dt.datetime) -> None:
        """Count what is new; `work` is a unit of the system. Raises UpstreamFailed."""
        since = max(self._since, now - LOOKS_BACK)
        ended = await list_ended(work, since=since)
        charges = await list_charges(work, since=since)
        dials = await list_failed_dials(work, since=since)
        for call in ended:
            if call.id not in self._calls:
                self._metrics.calls.labels(call.direction, call.status, call.reason).inc()
            more_s = call.seconds - self._calls.get(call.id, 0.0)  # a length may be learnt after the end
            self._metrics.call_seconds.labels(call.direction).inc(max(0.0, more_s))
        for charge_id, credits in charges:
            if charge_id not in self._charges:
                self._metrics.credits.inc(float(credits))
        for dial_id, code in dials:
            if dial_id not in self._dials:
                self._metrics.dial_errors.labels(code).inc()
        self._calls = {call.id: max(call.seconds, self._calls.get(call.id, 0.0)) for call in ended}
        self._charges = frozenset(charge_id for charge_id, _ in charges)
        self._dials = frozenset(dial_id for dial_id, _ in dials)
