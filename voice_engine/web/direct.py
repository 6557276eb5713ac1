"""uvicorn's websocket protocol with a short cut for media: messages to a call-back, answers to the transport.

ASGI's way costs a queue, a task's wake-up and two system calls a message (uvicorn pauses and resumes reading around
each), and general parsing nearly as much as decoding, VAD and turn-taking together (docs/BENCHMARKS.md).
Handshake, control frames, fragments, closing and everything that is no media socket stay uvicorn's and websockets'.
"""

from collections.abc import Callable

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C where it is built
from websockets.http11 import Request
from websockets.protocol import State

from voice_engine.ports.media import Message
from voice_engine.telephony.twilio.protocol import MAX_MESSAGE_BYTES

_WHOLE_TEXT = 0x81
"""FIN and opcode 1 (RFC 6455, 5.2)."""

_MASKED = 0x80
_MASKED_LONG = 0xFE
"""Masked, with a 16-bit length: 126 to 65,535 bytes, as every media message of the carrier is."""

_CLOSE = 0x8

_LONGEST_HEADER_BYTES = 14

EXTENSION = "voice_engine.direct"
"""The ASGI extension under which an endpoint finds its connection."""


class DirectProtocol(WebSocketsSansIOProtocol):
    """Ordinary ASGI until an endpoint diverts its messages."""

    _deliver: Callable[[Message], None] | None = None
    _rest = b""
    _given_up = False

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

    def data_received(self, data: bytes) -> None:
        """Cut what comes into frames; media are read here, whatever else is whole goes to the general parser."""
        if not self.handshake_initiated or self._given_up:
            super().data_received(data)
            return
        if self._rest:
            data, self._rest = self._rest + data, b""
        at = 0
        while (size := _frame_bytes(data, at)) is not None:
            if (
                size > MAX_MESSAGE_BYTES + _LONGEST_HEADER_BYTES
            ):  # refused by the parser, and with it all that follows
                self._given_up = True
                super().data_received(data[at:])
                return
            if at + size > len(data):
                break
            self._take_frame(data[at : at + size])
            at += size
        self._rest = data[at:]

    def _take_frame(self, frame: bytes) -> None:
        """One whole frame. A text inside a fragmented message is left to the parser, which refuses it."""
        second = frame[1]
        deliver = self._deliver
        if (
            deliver is not None
            and frame[0] == _WHOLE_TEXT
            and _MASKED <= second <= _MASKED_LONG
            and not self.frames
            and not self.close_sent
        ):
            start = 8 if second == _MASKED_LONG else 6
            deliver(apply_mask(frame[start:], frame[start - 4 : start]))
            return
        if frame[0] & 0xF == _CLOSE:
            self._given_up = True  # nothing that follows a close is a message
        super().data_received(frame)

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
        self.transport.write(_text_frame(text.encode()))
        return True


def _text_frame(payload: bytes) -> bytes:
    """One whole, unmasked text message: what a server sends (RFC 6455, 5.1 and 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((_WHOLE_TEXT, size)) + payload
    if size < 1 << 16:
        return bytes((_WHOLE_TEXT, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_WHOLE_TEXT, 127)) + size.to_bytes(8, "big") + payload


def _frame_bytes(data: bytes, at: int) -> int | None:
    """Length of the frame that begins at `at`, header included; None while too little of it is here to tell."""
    here = len(data) - at
    if here < 2:  # RFC 6455, 5.2: two bytes, then the longer lengths
        return None
    mask_bytes, length = 4 * (data[at + 1] >> 7), data[at + 1] & 0x7F
    if length < 126:
        return 2 + mask_bytes + length
    header = 4 if length == 126 else 10
    if here < header:
        return None
    return header + mask_bytes + int.from_bytes(data[at + 2 : at + header], "big")


def connection_of(scope: Scope) -> DirectProtocol | None:
    """The connection behind an ASGI scope, where the server is ours."""
    extension = scope.get("extensions", {}).get(EXTENSION)
    return extension["connection"] if extension else None
