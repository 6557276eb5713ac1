"""The seam between a media socket and whoever speaks Media Streams over it (engine or carrier)."""

from collections.abc import Callable
from typing import Protocol

Message = str | bytes
"""One websocket text message; bytes where the transport hands over UTF-8 without decoding."""


class MediaSocket(Protocol):
    """One open websocket that carries Media Streams messages, whatever library serves it."""

    async def run(self, on_message: Callable[[Message], None]) -> int:
        """Deliver each message to `on_message` (never awaited) until the peer closes; return the close code.

        Called once. `on_message` must return within 1 ms: a slow reader loses caller audio.
        """
        ...

    async def send(self, text: str) -> None:
        """Send one text message; wait while the transport's buffer is full.

        After the socket is closed this does nothing: what could not be sent was not heard.
        """
        ...

    async def close(self, code: int = 1000) -> None:
        """Close the socket; idempotent."""
        ...
