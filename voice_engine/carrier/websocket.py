"""The carrier's end of a media socket over a real websocket, for engines in another process."""

import asyncio
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.media import MediaSocket, Message

CONNECT_TIMEOUT_S = 10.0
"""Twilio gives a media server about as long (error 31920)."""

CLOSE_TIMEOUT_S = 2.0

NORMAL_CLOSURE = 1000
ABNORMAL_CLOSURE = 1006


class WebSocketEnd:
    """A `MediaSocket` over an open client connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def run(self, on_message: Callable[[Message], None]) -> int:
        """Deliver messages until the engine closes; return the close code."""
        try:
            while True:
                on_message(await self._connection.recv())
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else ABNORMAL_CLOSURE

    async def send(self, text: str) -> None:
        """Send one text message; after the close this does nothing."""
        try:
            await self._connection.send(text)
        except ConnectionClosed:
            return

    async def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Close; idempotent."""
        await self._connection.close(code)


async def open_websocket(url: str, *, signature: str | None = None) -> MediaSocket:
    """Connect to a stream URL; a `calls.Connector`. Raises UpstreamFailed (`stream_refused`)."""
    headers = None if signature is None else {"X-Twilio-Signature": signature}
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            connection = await connect(
                url,
                additional_headers=headers,
                compression=None,
                close_timeout=CLOSE_TIMEOUT_S,
                max_queue=None,
                ping_interval=None,
            )
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
        message = f"stream: {url}: {str(error) or type(error).__name__}"
        raise UpstreamFailed("stream_refused", message, provider="engine", retryable=True) from error
    return WebSocketEnd(connection)
