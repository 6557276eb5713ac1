"""A call's page while the call lasts: what happens in it, as server-sent events (HTML Living Standard, 9.2).

The rows are read from the follower's place, the number of the last event that it got: the bus only wakes it, so
that one that comes again misses nothing. What passes (interim words, speech as it begins) has no number: it may be
lost.

| event       | data                                         | when                                          |
|-------------|----------------------------------------------|-----------------------------------------------|
| `state`     | `status`, `up_ms`, `html` of the chips       | first, and when it changes                    |
| `line`      | `position`, `html`                           | a line was said; it replaces one in its place |
| `happening` | `type`, `at_ms`, …                           | another event of the call                     |
| `passing`   | a list of events                             | as they come                                  |
| `ended`     | {}                                           | once: outcome and transcript are written      |
| `recording` | {}                                           | once, after `ended`: it can be played         |
| `done`      | {}                                           | nothing more will come                        |
"""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from voice_engine.domains.answering.record import Stage, awaits_recording, stage_of
from voice_engine.domains.calls.models import Call, CallEvent, TranscriptEntry
from voice_engine.domains.calls.repository import calls, journal
from voice_engine.domains.calls.words import WATCHED_S, WATCHED_TOPIC, call_topic, passing_topic
from voice_engine.errors import QuotaExceeded, UpstreamFailed
from voice_engine.ports.bus import POLL_S, Bus, Message, Subscription
from voice_engine.store.engine import Store

STREAMS_PER_USER = 4
"""Over HTTP/1.1 a browser opens six connections to one host: two are left for everything else."""
STREAM_S = 3600.0
HEARTBEAT_S = 15.0
RETRY_MS = 2000
BATCH = 200
LINES = frozenset({"turn.ai", "turn.human"})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Who follows which call, from which event on.

    `shows_words` False: their plan shows no transcript. `show_line` and `show_state` render for their language.
    `still_good`: whether the session that opened the stream still stands.
    """

    organization_id: str
    user_id: str
    call_id: str
    after: int
    shows_words: bool
    show_line: Callable[[TranscriptEntry], str]
    show_state: Callable[[Call], str]
    still_good: Callable[[], Awaitable[bool]]
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """The browser has hung up. A stream is not cancelled: that could tear a statement apart."""


@dataclass(slots=True)
class _Place:
    """What a follower was told already."""

    after: int
    state: tuple[object, ...] | None = None
    ended: bool = False
    recording: bool = False


class CallFollowing:
    """The followers of this process. `now` is the wall clock, UTC."""

    def __init__(self, store: Store, bus: Bus, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._bus = bus
        self._now = now
        self._of_user: Counter[str] = Counter()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream soon: the process stops, and browsers come again elsewhere."""
        self._closing.set()

    def check_room(self, user_id: str) -> None:
        """Raise QuotaExceeded `rate_limited` when this user has as many streams as one may have."""
        if self._of_user[user_id] >= STREAMS_PER_USER:
            raise QuotaExceeded(
                "rate_limited",
                f"you look at {STREAMS_PER_USER} live calls already; close one of them",
                details={"retry_after_seconds": round(HEARTBEAT_S)},
            )

    async def follow(self, follower: Follower) -> AsyncGenerator[str, None]:
        """The stream's text, until the call is over, the session is, or the time is up."""
        loop, place = asyncio.get_running_loop(), _Place(after=follower.after)
        ends, beat, look = loop.time() + STREAM_S, loop.time() + HEARTBEAT_S, 0.0
        topics = (call_topic(follower.call_id), passing_topic(follower.call_id))
        with self._counted(follower.user_id), self._bus.subscribe(*topics) as woken:
            yield f"retry: {RETRY_MS}\n\n"
            while loop.time() < ends and not self._left(follower):
                if loop.time() >= look:
                    self._bus.publish(WATCHED_TOPIC, follower.call_id.encode())
                    look = loop.time() + WATCHED_S / 3
                try:
                    news, over = await self._read(follower, place)
                except UpstreamFailed as error:
                    _log.warning("call.stream_cut", code=error.code)
                    return
                for text in news:
                    yield text
                if over:
                    yield _message("done", {})
                    return
                async for text in self._passing(woken, follower, until=loop.time() + POLL_S):
                    yield text
                if loop.time() >= beat:
                    beat = loop.time() + HEARTBEAT_S
                    if not await follower.still_good():
                        return
                    yield ": heartbeat\n\n"

    async def _read(self, follower: Follower, place: _Place) -> tuple[list[str], bool]:
        """What is new in the rows, and whether that was all there will be."""
        news: list[str] = []
        async with self._store.read(follower.organization_id) as work:
            while True:
                events = await journal.list_events(work, after=place.after, limit=BATCH, call_id=follower.call_id)
                told = [event for event in events if follower.shows_words or event.type not in LINES]
                lines = await journal.list_lines(work, follower.call_id, _positions(told))
                news += _news(told, {line.position: follower.show_line(line) for line in lines})
                place.after = events[-1].sequence if events else place.after
                if len(events) < BATCH:
                    break
            call = await calls.find_call(work, follower.call_id)
        if call is None:
            return news, True
        return [*self._state(follower, place, call), *news, *_end(place, call)], self._is_all(call)

    def _state(self, follower: Follower, place: _Place, call: Call) -> list[str]:
        state = (call.status, call.answered_at, call.handled_by)
        if state == place.state:
            return []
        place.state = state
        up_ms = None if call.answered_at is None else round((self._now() - call.answered_at).total_seconds() * 1000)
        html = follower.show_state(call)
        return [_message("state", {"status": call.status, "up_ms": up_ms, "html": html})]

    def _is_all(self, call: Call) -> bool:
        return stage_of(call) is Stage.ENDED and not awaits_recording(call, self._now())

    async def _passing(self, woken: Subscription, follower: Follower, *, until: float) -> AsyncGenerator[str, None]:
        """What passes, until the rows want to be looked at."""
        loop = asyncio.get_running_loop()
        while (left_s := until - loop.time()) > 0 and not self._left(follower):
            event = await self._next(woken, follower, left_s)
            if event is None:
                return
            if event.topic != passing_topic(follower.call_id):
                return
            if follower.shows_words:
                yield f"event: passing\ndata: {event.payload.decode()}\n\n"

    async def _next(self, woken: Subscription, follower: Follower, longest_s: float) -> Message | None:
        """The next message; None: time to look at the rows, or to go."""
        async with asyncio.TaskGroup() as tasks:
            got = tasks.create_task(woken.get())
            leaving = [tasks.create_task(follower.gone.wait()), tasks.create_task(self._closing.wait())]
            await asyncio.wait([got, *leaving], timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
            for wait in (got, *leaving):
                wait.cancel()
            with suppress(asyncio.CancelledError):
                event = await got
                return event if isinstance(event, Message) else None
        return None

    def _left(self, follower: Follower) -> bool:
        return follower.gone.is_set() or self._closing.is_set()

    @contextmanager
    def _counted(self, user_id: str) -> Iterator[None]:
        self._of_user[user_id] += 1
        try:
            yield
        finally:
            self._of_user -= Counter({user_id: 1})


def _positions(events: Sequence[CallEvent]) -> list[int]:
    turns = (event.payload.get("turn") for event in events if event.type in LINES)
    return sorted({turn for turn in turns if isinstance(turn, int)})


def _news(events: Sequence[CallEvent], lines: dict[int, str]) -> list[str]:
    """The events as messages; of lines their rendering, the newest for each place."""
    news = []
    for event in events:
        if event.type not in LINES:
            news.append(_message("happening", {**event.payload, "type": event.type}, number=event.sequence))
        elif (position := event.payload.get("turn")) in lines:
            body = {"position": position, "html": lines[position]}
            news.append(_message("line", body, number=event.sequence))
    return news


def _end(place: _Place, call: Call) -> list[str]:
    news = []
    if stage_of(call) is Stage.ENDED and not place.ended:
        place.ended = True
        news.append(_message("ended", {}))
    if place.ended and not place.recording and call.recording_key is not None:
        place.recording = True
        news.append(_message("recording", {}))
    return news


def _message(event: str, data: dict[str, Any], *, number: int | None = None) -> str:
    """One event; JSON has no line breaks of its own."""
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {event}\ndata: {orjson.dumps(data, default=str).decode()}\n\n"
