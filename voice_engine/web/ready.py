"""Whether this process can take a new call: it does not drain, and its database answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog

from voice_engine.errors import UpstreamFailed

PING_S = 1.0
"""How long the database may take to answer; a webhook would wait for it as long as the carrier does."""
KEPT_S = 2.0
"""How long an answer holds: whoever asks often costs one query in two seconds, whatever the number of probes."""

Ping = Callable[[], Awaitable[None]]
"""Asks the database for anything. Raises UpstreamFailed."""

_log = structlog.get_logger(__name__)


class Readiness:
    """`ping` None: there is no database. `now` is a monotonic clock in seconds."""

    def __init__(self, ping: Ping | None, *, draining: Callable[[], bool], now: Callable[[], float]) -> None:
        self._ping = ping
        self._draining = draining
        self._now = now
        self._asking = asyncio.Lock()
        self._answered: tuple[float, bool] | None = None

    async def status(self) -> Literal["ready", "draining", "database_unavailable"]:
        """Why not, in a stable word."""
        if self._draining():
            return "draining"
        return "ready" if await self._database_answers() else "database_unavailable"

    async def _database_answers(self) -> bool:
        if self._ping is None:
            return True
        async with self._asking:
            if self._answered is None or self._now() - self._answered[0] >= KEPT_S:
                answers = await _within(PING_S, self._ping)
                if not answers:
                    _log.error("ready.database_unavailable")
                self._answered = (self._now(), answers)
            return self._answered[1]


async def _within(seconds: float, ping: Ping) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await ping()
    except (TimeoutError, UpstreamFailed):
        return False
    return True
