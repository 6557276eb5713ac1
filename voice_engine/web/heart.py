"""The heart of a process that holds calls: it says how many it can hold, and at once that it drains."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import structlog

from voice_engine.domains.calls.media import NOTHING, Capacity
from voice_engine.errors import UpstreamFailed
from voice_engine.web.drain import Drain

BEAT_S = 5.0
"""How often; whoever dials counts a process as gone after several times as long."""
DRAINING_BEAT_S = 1.0
"""While it drains: each time it learns whether a call of ours still rings that it may have to answer."""

_log = structlog.get_logger(__name__)


class Say(Protocol):
    """`domains.calls.media.MediaProcesses.say` for this process."""

    def __call__(self, capacity: Capacity, *, before: Capacity) -> Awaitable[int]:
        """What it can hold, and could before; how many dials ring. Raises UpstreamFailed."""
        ...


class MediaHeart:
    """Beats until cancelled. The drain is not over while dials ring that were made before it began."""

    def __init__(self, say: Say, capacity: Callable[[], Capacity], drain: Drain) -> None:
        self._say = say
        self._capacity = capacity
        self._drain = drain
        self._hurry = asyncio.Event()
        self._rings = True
        drain.follow(self._hurry.set)
        drain.wait_for(lambda: self._rings)

    async def run(self) -> None:
        """Say so now, then again and again."""
        said = NOTHING
        while True:
            self._hurry.clear()
            capacity = self._capacity()
            try:
                ringing = await self._say(capacity, before=said)
            except UpstreamFailed as error:
                _log.warning("media.heartbeat_missed", code=error.code)
            else:
                said = capacity
                self._rings = ringing > 0 or not capacity.draining
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAINING_BEAT_S if self._drain.draining else BEAT_S):
                    await self._hurry.wait()
