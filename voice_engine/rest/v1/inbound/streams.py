"""Following inbound events as server-sent events (HTML Living Standard, 9.2).

A follower reads the log from its place: the bus only wakes it, and each wake is one statement. Its place is the
id of the last event that it got, so that one that comes again misses nothing and hears nothing twice.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from voice_engine.domains.calls.words import events_topic
from voice_engine.domains.inbound.events import EventLog
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.errors import QuotaExceeded, UpstreamFailed
from voice_engine.ports.bus import POLL_S, Bus, Subscription
from voice_engine.rest.security import OutOfScope, Principal, Unauthenticated
from voice_engine.rest.v1.inbound.event_schemas import EventOut, event_out, visible
from voice_engine.store.engine import Store

EVENT_STREAM = "text/event-stream"

_log = structlog.get_logger(__name__)

StillGood = Callable[[], Awaitable[object]]
"""Raises Unauthenticated or OutOfScope when the token that opened the stream is good no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Who follows, from which number on, and which call only (None: all)."""

    principal: Principal
    after: int
    call_id: str | None
    still_good: StillGood
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """The client has hung up. A stream is not cancelled: that could tear a statement apart."""


class EventStreams:
    """The followers of this process."""

    def __init__(self, store: Store, log: EventLog, bus: Bus, settings: InboundSettings) -> None:
        self._store = store
        self._log = log
        self._bus = bus
        self._settings = settings
        self._of_user: Counter[str] = Counter()
        self._of_organization: Counter[str] = Counter()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream soon: the process stops, and followers come again elsewhere."""
        self._closing.set()

    def connected(self, organization_id: str) -> int:
        """How many follow the organization's events here."""
        return self._of_organization[organization_id]

    def check_room(self, principal: Principal) -> None:
        """Raise QuotaExceeded `rate_limited` when this user has as many streams as one may have."""
        if self._of_user[principal.user_id] >= self._settings.streams_per_user:
            raise QuotaExceeded(
                "rate_limited",
                f"you have {self._settings.streams_per_user} event streams open; close one of them",
                details={"retry_after_seconds": round(self._settings.heartbeat_s)},
            )

    async def follow(self, follower: Follower) -> AsyncGenerator[str, None]:
        """The stream's text: events as they come, a comment as heartbeat, until the token or the time is up."""
        loop, settings = asyncio.get_running_loop(), self._settings
        ends, beat = loop.time() + settings.stream_s, loop.time() + settings.heartbeat_s
        organization_id, after = follower.principal.organization_id, follower.after
        with self._counted(follower.principal), self._bus.subscribe(events_topic(organization_id)) as woken:
            yield f"retry: {settings.retry_ms}\n\n"
            while loop.time() < ends and not self._left(follower):
                try:
                    async with self._store.read(organization_id) as work:
                        scanned = await self._log.scan(work, after=after, call_id=follower.call_id)
                except UpstreamFailed as error:
                    _log.warning("events.stream_cut", code=error.code)
                    return
                for event in visible(scanned.events, follower.principal):
                    yield _message(event_out(event))
                after = scanned.upto
                if not scanned.is_all:
                    continue
                await self._pause(woken, follower, max(0.0, min(POLL_S, beat - loop.time(), ends - loop.time())))
                if loop.time() >= beat:
                    beat += settings.heartbeat_s
                    if not await _is_good(follower):
                        return
                    yield ": heartbeat\n\n"

    def _left(self, follower: Follower) -> bool:
        return follower.gone.is_set() or self._closing.is_set()

    async def _pause(self, woken: Subscription, follower: Follower, longest_s: float) -> None:
        """Until something happened, the client has gone, or everybody has to."""
        async with asyncio.TaskGroup() as tasks:
            waits = [
                tasks.create_task(woken.wait(longest_s)),
                tasks.create_task(follower.gone.wait()),
                tasks.create_task(self._closing.wait()),
            ]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    @contextmanager
    def _counted(self, principal: Principal) -> Iterator[None]:
        self._of_user[principal.user_id] += 1
        self._of_organization[principal.organization_id] += 1
        try:
            yield
        finally:
            self._of_user -= Counter({principal.user_id: 1})
            self._of_organization -= Counter({principal.organization_id: 1})


class Leaving(Protocol):
    """Who may hang up in the middle."""

    @property
    def gone(self) -> asyncio.Event:
        """Set once they have."""
        ...


class EventStream(StreamingResponse):
    """A follower's answer. It ends when the client hangs up, at a moment that suits the stream."""

    def __init__(self, parts: AsyncGenerator[str, None], follower: Leaving) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(parts, media_type=EVENT_STREAM, headers=headers)
        self._parts = parts
        self._follower = follower

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what comes while the client is there."""
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self._listen(receive))
            try:
                async with aclosing(self._parts):
                    with suppress(OSError):  # what a server says of a client that has gone
                        await self.stream_response(send)
            finally:
                listening.cancel()

    async def _listen(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._follower.gone.set()


async def _is_good(follower: Follower) -> bool:
    try:
        await follower.still_good()
    except (Unauthenticated, OutOfScope):
        return False
    return True


def _message(event: EventOut) -> str:
    """One event; JSON has no line breaks of its own."""
    return f"id: {event.id}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n"
