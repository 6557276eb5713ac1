"""`MediaSocket` over ASGI: the default media transport, on the same port as the webhooks.

It speaks raw ASGI rather than Starlette's `WebSocket`: a call is fifty messages a second each way.
"""

from collections.abc import Callable

from starlette.types import Receive, Send

from voice_engine.ports.media import Message

NORMAL_CLOSURE = 1000
ABNORMAL_CLOSURE = 1006
"""RFC 6455, 7.4.1: the connection went away without a close frame."""


class AsgiSocket:
    """One accepted ASGI websocket."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._closed = False

    async def run(self, on_message: Callable[[Message], None]) -> int:
        """Deliver messages until the peer closes, or we did; return the close code."""
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
