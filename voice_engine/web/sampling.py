"""Figures that stand in the database, sampled into this process's metrics: what waits, who works, what ended."""

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from voice_engine.domains.calls.repository.depths import count_waiting
from voice_engine.errors import UpstreamFailed
from voice_engine.jobs.depths import read_depths
from voice_engine.store.engine import Store
from voice_engine.telemetry.metrics import Metrics
from voice_engine.web.tallies import Tallies

EVERY_S = 10.0
"""Prometheus' usual interval is 15 s."""

_log = structlog.get_logger(__name__)


async def sample_depths(store: Store, metrics: Metrics, *, now: Callable[[], dt.datetime]) -> None:
    """Sample until cancelled. While the database is away the last figures stay, and its error is counted."""
    tallies = Tallies(metrics, since=now())
    while True:
        try:
            await sample_once(store, metrics, now=now(), tallies=tallies)
        except UpstreamFailed as error:
            metrics.provider_errors.labels("database", error.code).inc()
            _log.warning("metrics.not_sampled", code=error.code)
        await asyncio.sleep(EVERY_S)


async def sample_once(store: Store, metrics: Metrics, *, now: dt.datetime, tallies: Tallies) -> None:
    """One look. Raises UpstreamFailed."""
    async with store.system("figures of all organizations", writes=False) as work:
        jobs = await read_depths(work, now=now)
        calls = await count_waiting(work)
        await tallies.take(work, now=now)
    metrics.queue_depth.labels("outbox").set(jobs.outbox)
    for state, count in calls.items():
        metrics.queue_depth.labels(f"calls_{state}").set(count)
    for name, count in (("waiting", jobs.waiting), ("running", jobs.running), ("dead", jobs.dead)):
        metrics.jobs.labels(name).set(count)
    metrics.workers.set(jobs.workers)
