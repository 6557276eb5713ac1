"""A browser in a call: the carrier's part of the protocol, written from its description, by somebody with a line.

The line is stepped each 20 ms as a telephone's. What is received waits in a playout buffer, as in the worklet;
marks come back when what stood before them was played, and all at once after a clear. `burst` frames leave at once:
a tab in the background, whose timers are slow, while its microphone and its playout are not. `pace` is how long its
frames take by our clock, of what they should: a sound card has a crystal of its own. Nothing is read before
`reads_after_ms`: a page that hangs.
"""

import asyncio
import base64
import json
from typing import Any

from voice_engine.carrier.leg import Line
from voice_engine.ports.media import MediaSocket, Message
from voice_engine.web.browser import Pass

FRAME_S = 0.02
FRAME_BYTES = 160


class FakeBrowser:
    """One connection of a page. `closed` is the code that the server closed with."""

    def __init__(
        self,
        socket: MediaSocket,
        entry: Pass,
        line: Line,
        *,
        burst: int = 1,
        pace: float = 1.0,
        reads_after_ms: int = 0,
    ) -> None:
        self.told: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.frames = 0
        self._socket = socket
        self._entry = entry
        self._line = line
        self._burst = burst
        self._reads_after_ms = reads_after_ms
        self._frame_s = FRAME_S * pace
        self._sequence = 0
        self._waiting: list[str] = []
        self._buffer = bytearray()
        self._received = self._played = 0
        self._marks: list[tuple[int, str]] = []

    @property
    def types(self) -> list[str]:
        """What the page was told, by type."""
        return [body["type"] for body in self.told]

    async def talk(self) -> None:
        """Start the stream and stay until somebody ends it."""
        async with asyncio.TaskGroup() as tasks:
            pumping = tasks.create_task(self._pump())
            await asyncio.sleep(self._reads_after_ms / 1000)
            self.closed = await self._socket.run(self._read)
            pumping.cancel()

    async def drop(self) -> None:
        """The network goes away: no `stop`, no close frame."""
        await self._socket.close(1006)

    async def _pump(self) -> None:
        self._add({"event": "connected", "protocol": "Call", "version": "1.0.0"}, counted=False)
        self._add({"event": "start", "start": self._start()})
        await self._flush()
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            await asyncio.sleep(max(0.0, began + (self.frames + 1) * self._frame_s - loop.time()))
            frame = self._line.step(20 * self.frames, self._play())
            self.frames += 1
            if frame.hung_up:
                self._add({"event": "stop", "stop": {"accountSid": "", "callSid": self._entry.call_sid}})
                await self._flush()
                return
            payload = base64.b64encode(frame.mulaw).decode()
            media = {"track": "inbound", "chunk": str(self.frames), "timestamp": str(20 * (self.frames - 1))}
            self._add({"event": "media", "media": {**media, "payload": payload}})
            if self.frames % self._burst == 0:
                await self._flush()

    def _play(self) -> bytes | None:
        """The next 20 ms of what was received, or nothing."""
        frame = bytes(self._buffer[:FRAME_BYTES])
        del self._buffer[:FRAME_BYTES]
        self._played += len(frame)
        self._echo()
        return frame.ljust(FRAME_BYTES, b"\xff") if frame else None

    def _echo(self) -> None:
        while self._marks and self._marks[0][0] <= self._played:
            self._add({"event": "mark", "mark": {"name": self._marks.pop(0)[1]}})

    def _read(self, message: Message) -> None:
        body = json.loads(message)
        match body["event"]:
            case "media":
                audio = base64.b64decode(body["media"]["payload"])
                self._buffer += audio
                self._received += len(audio)
            case "mark":
                self._marks.append((self._received, body["mark"]["name"]))
            case "clear":
                self._played = self._received
                self._buffer.clear()
                self._echo()
            case "engine":
                self.told.append(body)
            case other:
                raise AssertionError(f"a browser knows no {other!r}")

    def _start(self) -> dict[str, Any]:
        return {
            "streamSid": self._entry.stream_sid,
            "accountSid": self._entry.account_sid,
            "callSid": self._entry.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"ticket": self._entry.ticket},
        }

    def _add(self, body: dict[str, Any], *, counted: bool = True) -> None:
        if counted:
            self._sequence += 1
            body = {**body, "sequenceNumber": str(self._sequence), "streamSid": self._entry.stream_sid}
        self._waiting.append(json.dumps(body))

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for text in waiting:
            await self._socket.send(text)
