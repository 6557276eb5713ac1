"""An engine's end of a media socket, scripted: it notes what it is told and says what the test wants said."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

from voice_engine.ports.media import MediaSocket, Message

Body = dict[str, Any]


class ScriptedEngine:
    """Speaks Media Streams by hand, in the words of Twilio's pages.

    `on_event(engine, event)` is called for each message after it was noted. Replies are queued and sent in order.
    """

    def __init__(self, on_event: Callable[["ScriptedEngine", Body], None] | None = None) -> None:
        self.events: list[Body] = []
        self.at_ms: list[float] = []
        self.close_codes: list[int] = []
        self.stream_sid = ""
        self.call_sid = ""
        self._on_event = on_event
        self._outbox: asyncio.Queue[str | None] = asyncio.Queue()

    async def handle(self, socket: MediaSocket) -> None:
        """Serve one stream until its socket closes."""
        self._outbox = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write(socket))
            self.close_codes.append(await socket.run(self._read))
            writer.cancel()

    def of(self, event: str) -> list[Body]:
        """The noted messages of one kind."""
        return [body for body in self.events if body["event"] == event]

    def times(self, event: str) -> list[float]:
        """When they arrived, ms on the loop's clock."""
        return [at for at, body in zip(self.at_ms, self.events, strict=True) if body["event"] == event]

    def caller_audio(self) -> bytes:
        """Every inbound payload, joined."""
        return b"".join(base64.b64decode(body["media"]["payload"]) for body in self.of("media"))

    def send_audio(self, mulaw: bytes) -> None:
        """Send one media message."""
        payload = base64.b64encode(mulaw).decode()
        self.send({"event": "media", "streamSid": self.stream_sid, "media": {"payload": payload}})

    def send_mark(self, name: str) -> None:
        """Send a mark."""
        self.send({"event": "mark", "streamSid": self.stream_sid, "mark": {"name": name}})

    def send_clear(self) -> None:
        """Send a clear."""
        self.send({"event": "clear", "streamSid": self.stream_sid})

    def send(self, body: object) -> None:
        """Send anything as JSON."""
        self.send_text(json.dumps(body))

    def send_text(self, text: str) -> None:
        """Send any text."""
        self._outbox.put_nowait(text)

    def close(self) -> None:
        """Close the socket after what was queued."""
        self._outbox.put_nowait(None)

    async def _write(self, socket: MediaSocket) -> None:
        while (text := await self._outbox.get()) is not None:
            await socket.send(text)
        await socket.close()

    def _read(self, message: Message) -> None:
        body = json.loads(message)
        self.events.append(body)
        self.at_ms.append(asyncio.get_running_loop().time() * 1000)
        if body["event"] == "start":
            self.stream_sid = body["start"]["streamSid"]
            self.call_sid = body["start"]["callSid"]
        if self._on_event is not None:
            self._on_event(self, body)
