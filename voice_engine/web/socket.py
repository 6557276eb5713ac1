"""`MediaSocket` over ASGI: the default media transport, on the same port as the webhooks.

It speaks raw ASGI rather than Starlette's `WebSocket`, and past ASGI where the server lets it (`direct`): a call is
fifty messages a second each way.
"""

from collections.abc import Callable

from starlette.types import Receive, Send

from voice_engine.ports.media import Message
from voice_engine.web.direct import DirectProtocol

NORMAL_CLOSURE = 1000
ABNORMAL_CLOSURE = 1006
"""RFC 6455, 7.4.1: the connection went away without a close frame."""


class AsgiSocket:
    """One accepted ASGI websocket; `direct` is its connection, where the server gives it."""

    def __init__(self, receive: Receive, send: Send, *, direct: DirectProtocol | None = None) -> None:
        self._receive = receive
        self._direct = direct
        self._send = send
        self._closed = False

    async def run(self, on_message: Callable[[Message], None]) -> int:
        """Deliver messages until the peer closes, or we did; return the close code."""
        if self._direct is not None:
            self._direct.divert(on_message)
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self._closed = True
                return int(event.get("code") or ABNORMAL_CLOSURE)
            text = event.get("text")
            on_message(event["bytes"] if text is None else text)

    async def send(self, text: str) -> None:
        """Send one message; the server waits while the socket's buffer is full. Nothing happens once closed."""
        if self._closed:
            return
        if self._direct is not None:
            self._closed = not await self._direct.send_direct(text)
            return
        try:
            await self._send({"type": "websocket.send", "text": text})
        except OSError:  # the ASGI server's word for a peer that is gone
            self._closed = True

    async def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Close; idempotent."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._send({"type": "websocket.close", "code": code})
        except OSError:
            return
