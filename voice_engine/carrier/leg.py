"""One phone leg: whoever is on the line, stepped frame by frame, and the clock that paces it.

The leg's time is the call's: it starts at answer and runs on between two streams of the same call.
"""

from typing import Any, NamedTuple, Protocol

from voice_engine.audio.frames import FRAME_MS
from voice_engine.carrier.playback import SILENCE
from voice_engine.ports.clock import Clock

SILENT_FRAME = SILENCE * 160
"""20 ms of digital silence."""


class LineFrame(NamedTuple):
    """20 ms of a line: 160 bytes of μ-law, keys pressed, whether the frame got lost, whether it hung up.

    `raw` takes the place of audio and keys on a line that replays messages: each with the number of recorded
    marks before it (they are left out, and their sequence numbers with them).
    """

    mulaw: bytes = SILENT_FRAME
    digits: str = ""
    lost: bool = False
    hung_up: bool = False
    raw: tuple[tuple[dict[str, Any], int], ...] | None = None


class Line(Protocol):
    """The far end of a phone call."""

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        """The 20 ms that begin at `at_ms` of call time; `heard` is what was played to it then (None: silence)."""
        ...

    def press(self, digits: str, at_ms: int) -> None:
        """Keys that the other side pressed reach this end."""
        ...

    async def settle(self) -> None:
        """Finish what is still being worked on (recognition) once the call is over."""
        ...


class Leg:
    """A line that is up, paced without drift: frame n is complete at answer + (n + 1) · 20 ms.

    `keep_audio` keeps both directions as μ-law, 8 kB a second each, silence included: `said` and `heard` are then
    aligned by construction.
    """

    def __init__(self, line: Line, clock: Clock, *, keep_audio: bool = True) -> None:
        self.line = line
        self._clock = clock
        self._origin_ms = clock.now_ms()
        self._keep_audio = keep_audio
        self.frames = 0
        self.hung_up = False
        self.said = bytearray()
        self.heard = bytearray()
        self.late_ms: list[float] = []

    @property
    def at_ms(self) -> int:
        """Call time of the next frame's start, in ms since answer."""
        return self.frames * FRAME_MS

    async def next_frame(self) -> None:
        """Wait until the next frame is complete."""
        due_ms = self._origin_ms + (self.frames + 1) * FRAME_MS
        now_ms = self._clock.now_ms()
        if now_ms < due_ms:
            await self._clock.sleep_ms(due_ms - now_ms)
            now_ms = self._clock.now_ms()
        self.late_ms.append(now_ms - due_ms)

    def step(self, heard: bytes | None) -> LineFrame:
        """Take the next frame from the line, having played `heard` to it."""
        frame = self.line.step(self.at_ms, heard)
        self.frames += 1
        self.hung_up = self.hung_up or frame.hung_up
        if self._keep_audio:
            self.said += SILENT_FRAME if frame.lost else frame.mulaw
            self.heard += heard if heard is not None else SILENT_FRAME
        return frame

    def catch_up(self) -> None:
        """Let the frames pass for which nobody was connected (a webhook or a handshake took that long)."""
        now_ms = self._clock.now_ms()
        while not self.hung_up and self._origin_ms + (self.frames + 1) * FRAME_MS <= now_ms:
            self.step(None)

    async def rest(self, duration_ms: float) -> None:
        """Let the line go on for `duration_ms` with nobody connected."""
        until = self.at_ms + duration_ms
        while not self.hung_up and self.at_ms < until:
            await self.next_frame()
            self.step(None)
