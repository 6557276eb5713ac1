"""Two ends of a websocket in memory: ordered, bounded, on whatever clock the loop keeps.

What a real socket does to its users is kept: a full buffer makes the sender wait, messages that were sent
before a close are still delivered, and sending after the close is silently lost.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from voice_engine.ports.media import MediaSocket, Message

BUFFER_MESSAGES = 512
"""Messages in flight in one direction: about ten seconds of 20 ms frames, as a kernel's buffers would hold."""

ABNORMAL_CLOSURE = 1006
"""RFC 6455, 7.4.1: the connection broke without a close frame."""


class _Pipe:
    """One direction: messages in order, and the close code that ends them."""

    def __init__(self, capacity: int) -> None:
        self.messages: deque[Message] = deque()
        self.code: int | None = None
        self.capacity = capacity
        self.changed = asyncio.Event()
        self.drained = asyncio.Event()
        self.drained.set()

    def put(self, message: Message) -> None:
        self.messages.append(message)
        if len(self.messages) >= self.capacity:
            self.drained.clear()
        self.changed.set()

    def close(self, code: int) -> None:
        if self.code is None:
            self.code = code
        self.changed.set()
        self.drained.set()

    def take(self) -> Message:
        message = self.messages.popleft()
        if len(self.messages) < self.capacity:
            self.drained.set()
        return message


class _End:
    """One end of the pair; satisfies `MediaSocket`."""

    def __init__(self, incoming: _Pipe, outgoing: _Pipe) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    async def run(self, on_message: Callable[[Message], None]) -> int:
        pipe = self._incoming
        while True:
            while pipe.messages:
                on_message(pipe.take())
            if pipe.code is not None:
                self._outgoing.close(pipe.code)
                return pipe.code
            pipe.changed.clear()
            await pipe.changed.wait()

    async def send(self, text: str) -> None:
        pipe = self._outgoing
        while pipe.code is None and len(pipe.messages) >= pipe.capacity:
            await pipe.drained.wait()
        if pipe.code is None:
            pipe.put(text)

    async def close(self, code: int = 1000) -> None:
        self._outgoing.close(code)
        self._incoming.messages.clear()
        self._incoming.close(code)


def socket_pair(capacity: int = BUFFER_MESSAGES) -> tuple[MediaSocket, MediaSocket]:
    """Make two connected ends; `capacity` is the number of undelivered messages that makes `send` wait."""
    there, back = _Pipe(capacity), _Pipe(capacity)
    return _End(back, there), _End(there, back)


class LocalConnector:
    """Connects any stream URL to an engine coroutine of this process.

    Each connection runs `handle` in `tasks`; when it returns or fails the engine's end is closed, as a server
    closes the socket of a handler that is done.
    """

    def __init__(self, handle: Callable[[MediaSocket], Awaitable[None]], tasks: asyncio.TaskGroup) -> None:
        self._handle = handle
        self._tasks = tasks

    async def __call__(self, url: str) -> MediaSocket:
        """Open a connection to `url` and return the carrier's end."""
        carrier_end, engine_end = socket_pair()
        self._tasks.create_task(self._serve(engine_end), name=f"engine {url}")
        return carrier_end

    async def _serve(self, socket: MediaSocket) -> None:
        try:
            await self._handle(socket)
        finally:
            await socket.close()
