"""uvicorn's websocket protocol with a short cut for media: messages to a call-back, answers to the transport.

ASGI's way costs a queue, a task's wake-up and two system calls a message (uvicorn pauses and resumes reading around
each), a quarter of what a call costs (measured: docs/BENCHMARKS.md). Handshake, pings, closing and everything that
is no media socket stay uvicorn's.
"""

from collections.abc import Callable

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from voice_engine.ports.media import Message

EXTENSION = "voice_engine.direct"
"""The ASGI extension under which an endpoint finds its connection."""


class DirectProtocol(WebSocketsSansIOProtocol):
    """Ordinary ASGI until an endpoint diverts its messages."""

    _deliver: Callable[[Message], None] | None = None

    def handle_connect(self, event: Request) -> None:
        """The handshake: name this connection in the scope before the application's task runs."""
        super().handle_connect(event)
        if self.response.status_code == 101:  # switching protocols
            self.scope["extensions"][EXTENSION] = {"connection": self}

    def divert(self, deliver: Callable[[Message], None]) -> None:
        """From now on hand each message to `deliver`; `receive` then brings the disconnect only."""
        waiting = [self.queue.get_nowait() for _ in range(self.queue.qsize())]
        self._deliver = deliver
        for event in waiting:
            if event["type"] == "websocket.receive":
                text = event.get("text")
                deliver(event["bytes"] or b"" if text is None else text)
            else:
                self.queue.put_nowait(event)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def send_receive_event_to_app(self) -> None:
        """A whole message has come."""
        deliver = self._deliver
        if deliver is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        frames, self.frames = self.frames, []
        deliver(frames[0] if len(frames) == 1 else b"".join(frames))

    async def send_direct(self, text: str) -> bool:
        """Send one message, waiting while the transport's buffer is full; False when the connection is closed."""
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            return False
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True


def connection_of(scope: Scope) -> DirectProtocol | None:
    """The connection behind an ASGI scope, where the server is ours."""
    extension = scope.get("extensions", {}).get(EXTENSION)
    return extension["connection"] if extension else None
