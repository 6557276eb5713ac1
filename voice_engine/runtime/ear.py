"""What comes in: μ-law frames through VAD and echo guard to the turn machine, and utterances to the recognizer.

Everything here is synchronous and runs in the receive path: no awaits, no provider waited for.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.echo import EchoGuard
from voice_engine.audio.frames import FRAME_MS, PCM, SAMPLES_PER_MS
from voice_engine.audio.vad import GatedVAD
from voice_engine.core.turns.events import FrameHeard
from voice_engine.ports.stt import RequestReason, STTStream

ECHO_TAIL_MS = 400
"""Echo returns 50 to 300 ms after it was sent (measured range of telephone networks); with margin."""


class ChannelDetector(Protocol):
    """Listens to the line for something that is not speech (a beep, hold music) and reports changes."""

    def hear(self, pcm: PCM, media_ms: int) -> None:
        """One frame of caller audio."""
        ...


class Ear:
    """The inbound half of one call. `on_frame` is the turn machine's entry for each frame."""

    def __init__(
        self,
        *,
        stt: STTStream,
        on_frame: Callable[[FrameHeard, float], None],
        preroll_ms: int,
        detectors: tuple[ChannelDetector, ...] = (),
        guard_echo: bool = True,
    ) -> None:
        self._stt = stt
        self._on_frame = on_frame
        self._vad = GatedVAD()
        self._echo = EchoGuard() if guard_echo else None
        self._echo_until_ms = -1
        self._detectors = detectors
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=max(1, preroll_ms // FRAME_MS))
        self._open: int | None = None
        self.level_dbfs = -90.0

    def hear(self, media_ms: int, payload: bytes, now_ms: float) -> bytes:
        """One media message's μ-law bytes, usually 160; returns them as PCM bytes (int16, little endian)."""
        pcm = mulaw.decode(payload)
        voiced, level_dbfs = self._vad.step(pcm)
        self.level_dbfs = level_dbfs
        if voiced and media_ms < self._echo_until_ms and self._echo is not None:
            voiced = not self._echo.is_echo(media_ms, pcm, level_dbfs)
        self._ring.append((media_ms, pcm))
        if self._open is not None:
            self._stt.push(self._open, np.frombuffer(pcm, np.int16))
        for detector in self._detectors:
            detector.hear(np.frombuffer(pcm, np.int16), media_ms)
        self._on_frame(FrameHeard(media_ms, voiced, level_dbfs), now_ms)
        return pcm

    def engine_played(self, media_ms: int, pcm: bytes) -> None:
        """What the carrier plays from `media_ms` on (int16 bytes), for telling its echo from a caller."""
        if self._echo is not None:
            self._echo.sent(media_ms, pcm)
            end_ms = media_ms + len(pcm) // (2 * SAMPLES_PER_MS)
            self._echo_until_ms = max(self._echo_until_ms, end_ms + ECHO_TAIL_MS)

    def engine_cleared(self, media_ms: int) -> None:
        """Playback stopped at `media_ms`."""
        if self._echo is not None:
            self._echo.cleared(media_ms)
        self._echo_until_ms = min(self._echo_until_ms, media_ms + ECHO_TAIL_MS)

    def listen_with(self, stt: STTStream) -> None:
        """Another recognizer from now on; it gets the utterance that is open as far back as the ring goes."""
        self._stt = stt
        if self._open is not None and self._ring:
            self.open_utterance(self._open, self._ring[0][0])

    def open_utterance(self, utterance_id: int, start_ms: int) -> None:
        """Feed the recognizer from `start_ms`, out of the ring for what has already passed."""
        self._stt.begin(utterance_id, start_ms)
        self._open = utterance_id
        past = [pcm for at_ms, pcm in self._ring if at_ms >= start_ms]
        if past:
            self._stt.push(utterance_id, np.frombuffer(b"".join(past), np.int16))

    def close_utterance(self, utterance_id: int) -> None:
        """No further audio belongs to it."""
        if self._open == utterance_id:
            self._open = None

    def drop_utterance(self, utterance_id: int) -> None:
        """It was no speech: the recognizer may forget it."""
        self.close_utterance(utterance_id)
        self._stt.drop(utterance_id)

    def request(self, utterance_id: int, reason: RequestReason) -> None:
        """Ask the recognizer for its text so far."""
        self._stt.request(utterance_id, final=reason == "final", reason=reason)

    @property
    def open_utterance_id(self) -> int | None:
        """The utterance being fed now."""
        return self._open
