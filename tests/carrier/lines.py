"""Lines for tests: silent ones, and tones that stand for speech so that recognition needs no model."""

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.carrier.leg import SILENT_FRAME, LineFrame


def tone(duration_ms: int, hz: float = 400.0, amplitude: float = 6000.0) -> PCM:
    t = np.arange(duration_ms * 8) / 8000
    return (amplitude * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def tone_mulaw(duration_ms: int, hz: float = 400.0) -> bytes:
    return mulaw.encode_pcm(tone(duration_ms, hz))


class SilentLine:
    """Says nothing, hangs up after `hang_up_after_ms`, presses `keys` at given times, keeps what it hears."""

    def __init__(self, *, hang_up_after_ms: int | None = None, keys: dict[int, str] | None = None) -> None:
        self.hang_up_after_ms = hang_up_after_ms
        self.keys = keys or {}
        self.heard = bytearray()
        self.pressed: list[tuple[int, str]] = []
        self.settled = False

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        self.heard += heard if heard is not None else SILENT_FRAME
        over = self.hang_up_after_ms is not None and at_ms + 20 >= self.hang_up_after_ms
        return LineFrame(SILENT_FRAME, self.keys.get(at_ms, ""), hung_up=over)

    def press(self, digits: str, at_ms: int) -> None:
        self.pressed.append((at_ms, digits))

    async def settle(self) -> None:
        self.settled = True

    def audible_from_ms(self) -> int:
        """Where the first audible sample is."""
        return next((at for at, byte in enumerate(self.heard) if byte != 0xFF), -8) // 8
