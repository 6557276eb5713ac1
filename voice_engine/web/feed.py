"""A browser's media socket: audio as on any other, and between it what happens in the call.

Happenings never stand in the way of audio. They wait in a queue of their own, are sent one at a time, and when the
browser is too slow the oldest go, those first that the next one of their kind makes worthless.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import orjson

from voice_engine.ports.call import EngineEvent
from voice_engine.ports.media import MediaSocket, Message
from voice_engine.web.calls import Visitor
from voice_engine.web.socket import NORMAL_CLOSURE

MOST_WAITING = 128
"""Happenings that wait for a slow browser: ten seconds of a lively call, about 30 kB."""

FLUSH_S = 1.0
"""How long the end of a call waits for what is still to be told of it."""

PASSING = frozenset({"transcript.interim", "reply.clause", "speech.started", "backchannel"})
"""What a later event tells better, or nobody misses: dropped first."""

_PERSONAL = "pii_"


class BrowserSocket:
    """`MediaSocket` of a browser that is told of its call. One per connection. `visitor`: whose it is, if known."""

    def __init__(self, socket: MediaSocket, visitor: Visitor | None = None) -> None:
        self._socket = socket
        self.visitor = visitor
        self._waiting: deque[EngineEvent] = deque()
        self._wake = asyncio.Event()
        self._told = asyncio.Event()
        self._told.set()
        self._open = True
        self._held = False

    def hold(self) -> None:
        """From now on a normal close waits for `let_go`: the end of the call is written down first."""
        self._held = True

    async def let_go(self) -> None:
        """Close, after what waits was told."""
        self._held = False
        await self.close()

    def tell(self, event: EngineEvent) -> None:
        """Have the browser know of this soon. Returns at once; nothing happens once the socket is closed."""
        if not self._open:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._make_room()
        self._waiting.append(event)
        self._told.clear()
        self._wake.set()

    async def run(self, on_message: Callable[[Message], None]) -> int:
        """Deliver messages until the socket closes; the close code."""
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(self._tell_all(), name="tell browser")
            try:
                return await self._socket.run(on_message)
            finally:
                self._shut()
                telling.cancel()

    async def send(self, text: str) -> None:
        """Send one message of the stream."""
        await self._socket.send(text)

    async def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Close, after what waits was told, if that is soon; idempotent."""
        if self._held and code == NORMAL_CLOSURE:
            return
        if self._open and code == NORMAL_CLOSURE:
            try:
                async with asyncio.timeout(FLUSH_S):
                    await self._told.wait()
            except TimeoutError:  # the browser is too slow: the call's page has it all
                pass
        self._shut()
        await self._socket.close(code)

    def _shut(self) -> None:
        self._open = False
        self._waiting.clear()
        self._told.set()

    def _make_room(self) -> None:
        """Drop the oldest that can be spared."""
        spare = next((at for at, event in enumerate(self._waiting) if event.type in PASSING), 0)
        del self._waiting[spare]

    async def _tell_all(self) -> None:
        """Send what waits, until cancelled: one at a time, so that audio comes between."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._socket.send(message_of(self._waiting.popleft()))
                await asyncio.sleep(0)
            self._told.set()


def message_of(event: EngineEvent) -> str:
    """An event on a browser's wire. What was said is its caller's own: nothing is masked."""
    facts = {name.removeprefix(_PERSONAL): value for name, value in event.facts.items()}
    body = {
        "event": "engine",
        "sequence": event.sequence,
        "type": event.type,
        "atMs": event.at_ms,
        "facts": facts,
    }
    return orjson.dumps(body).decode()
