"""`MediaSocket` over picows: the leaner media transport, on a port of its own.

It costs a third of the CPU of an ASGI stack per frame (docs/adr/0006), at the price of a second port: the reverse
proxy sends /media/twilio/ there. Needs the `picows` extra.
"""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from voice_engine.ports.media import Message
from voice_engine.telephony.twilio.protocol import MAX_MESSAGE_BYTES
from voice_engine.web.gate import StreamGate
from voice_engine.web.socket import ABNORMAL_CLOSURE, NORMAL_CLOSURE

EARLY_FRAMES = 16
"""Messages that may come before the engine listens: the handshake's packet can bring the first ones."""

MESSAGE_TOO_BIG = 1009
SERVICE_RESTART = 1012

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class LeanSocket(WSListener):
    """One media socket; picows calls the `on_…` methods in the loop's thread."""

    def __init__(self, gate: StreamGate, spawn: Spawn, live: set["LeanSocket"]) -> None:
        self._gate = gate
        self._spawn = spawn
        self._live = live
        self._transport: WSTransport | None = None
        self._on_message: Callable[[Message], None] | None = None
        self._early: list[bytes] = []
        self._partial = bytearray()
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()

    async def run(self, on_message: Callable[[Message], None]) -> int:
        """Deliver messages until the socket closes; return the peer's close code."""
        early, self._early = self._early, []
        self._on_message = on_message
        for message in early:
            on_message(message)
        await self._gone.wait()
        handshake = self._transport.close_handshake if self._transport else None
        received = handshake.recv if handshake else None
        return int(received.code.value) if received else ABNORMAL_CLOSURE

    async def send(self, text: str) -> None:
        """Send one message; waits while the socket's buffer is full. Nothing happens once closed."""
        await self._writable.wait()
        if self._transport is not None and not self._closing(self._transport):
            self._transport.send(WSMsgType.TEXT, text)

    async def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Close; idempotent."""
        if self._transport is not None and not self._closing(self._transport):
            self._hang_up(self._transport, code)

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The upgrade is done: hand the socket to the gate."""
        self._transport = transport
        self._live.add(self)
        self._spawn(self._gate.serve(self))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Join fragments, deliver text, answer a close."""
        kind = frame.msg_type
        if kind is WSMsgType.TEXT and frame.fin:
            self._deliver(frame.get_payload_as_bytes())
        elif kind in {WSMsgType.TEXT, WSMsgType.CONTINUATION}:
            self._join(transport, frame)
        elif kind is WSMsgType.CLOSE:
            if not transport.is_close_frame_sent:
                transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif kind is WSMsgType.BINARY:
            self._hang_up(transport, WSCloseCode.UNSUPPORTED_DATA.value)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The connection is gone."""
        self._live.discard(self)
        self._gone.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """The socket's buffer is full."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """There is room again."""
        self._writable.set()

    def _deliver(self, message: bytes) -> None:
        if self._on_message is not None:
            self._on_message(message)
        elif len(self._early) < EARLY_FRAMES:
            self._early.append(message)

    def _join(self, transport: WSTransport, frame: WSFrame) -> None:
        self._partial += frame.get_payload_as_bytes()
        if len(self._partial) > MAX_MESSAGE_BYTES:
            self._hang_up(transport, MESSAGE_TOO_BIG)
        elif frame.fin:
            message, self._partial = bytes(self._partial), bytearray()
            self._deliver(message)

    @staticmethod
    def _closing(transport: WSTransport) -> bool:
        return transport.is_disconnected or transport.is_close_frame_sent

    @staticmethod
    def _hang_up(transport: WSTransport, code: int) -> None:
        transport.send_close(WSCloseCode(code))
        transport.disconnect()


@asynccontextmanager
async def listen(gate: StreamGate, listener: sockets.socket) -> AsyncIterator[None]:
    """Serve media sockets on a listening socket while the context is open; what is open then closes with 1012."""
    live: set[LeanSocket] = set()
    async with asyncio.TaskGroup() as tasks:

        def route(request: WSUpgradeRequest) -> LeanSocket | WSUpgradeResponseWithListener:
            path, _, query = request.path.decode("latin-1").partition("?")
            if gate.may_upgrade(path, query, request.headers.get("X-Twilio-Signature", "")):
                return LeanSocket(gate, tasks.create_task, live)
            return WSUpgradeResponseWithListener(WSUpgradeResponse.create_error_response(403), None)

        server = await ws_create_server(
            route,
            sock=listener,
            max_frame_size=MAX_MESSAGE_BYTES,
            enable_auto_ping=True,
            auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
        )
        try:
            yield
        finally:
            server.close()
            for socket in tuple(live):
                await socket.close(SERVICE_RESTART)
