"""Is this 20 ms frame speech? webrtcvad, gated by a level above the line's own noise.

webrtcvad alone stays "voiced" for seconds on faint line noise and hum, so a frame must also stand out of the noise
floor. The floor is the quietest frame of the last two seconds (minimum statistics, after Martin 2001): speech dips
between syllables and words, noise and hum do not. Hysteresis over frames is the turn machine's, not ours.
"""

from dataclasses import dataclass

import webrtcvad

from voice_engine.audio.frames import FRAME_SAMPLES, PCM, RATE_HZ
from voice_engine.audio.level import SILENCE_DBFS, from_rms, to_rms
from voice_engine.audio.ops import rms

_WINDOW_FRAMES = 12
"""Frames in one sub-window of the floor: 240 ms."""

_WINDOWS = 8
"""Sub-windows looked back on: the floor forgets a quieter past within 2.2 s."""

_VOID_RMS = 2
"""At or below (−84 dBFS) a frame is no acoustic silence but a lost packet or a muted gateway: no floor to learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VADSettings:
    """`mode` is webrtcvad's aggressiveness, 0 to 3. A voiced frame has at least `min_dbfs` and stands
    `margin_db` above the noise floor. measured: tests/audio/test_vad.py.
    """

    mode: int = 2
    min_dbfs: float = -50.0
    margin_db: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VADState:
    """What a `GatedVAD` has learned of the line; webrtcvad's own model is not in it and relearns in a second."""

    minima: tuple[int, ...]
    current: int
    count: int


_FRAME_BYTES = 2 * FRAME_SAMPLES

_UNKNOWN = 1 << 16
"""Minimum of a sub-window without a usable frame: above any rms."""


class GatedVAD:
    """Steps once a frame, 50 times a second a call; allocates nothing that outlives the step."""

    __slots__ = ("_count", "_current", "_gate", "_is_speech", "_least", "_minima", "_ratio")

    def __init__(self, settings: VADSettings | None = None, state: VADState | None = None) -> None:
        settings = settings or VADSettings()
        self._is_speech = webrtcvad.Vad(settings.mode).is_speech
        self._least = to_rms(settings.min_dbfs)
        self._ratio = 10.0 ** (settings.margin_db / 20.0)
        self._minima = list(state.minima) if state else [_UNKNOWN] * _WINDOWS
        self._current = state.current if state else _UNKNOWN
        self._count = state.count if state else 0
        self._gate = self._least
        self._set_gate()

    def step(self, pcm: bytes | PCM) -> tuple[bool, float]:
        """Judge one frame: 160 int16 samples (320 bytes). Returns (voiced, level in dBFS).

        A peer's frame of another length is judged by its first 20 ms, padded with silence.
        """
        frame = pcm if isinstance(pcm, bytes) else pcm.tobytes()
        level = rms(frame, 2)
        if len(frame) != _FRAME_BYTES:
            frame = frame[:_FRAME_BYTES].ljust(_FRAME_BYTES, b"\0")
        # webrtcvad hears every frame, also below the gate: its noise model learns from them.
        speech = self._is_speech(frame, RATE_HZ)
        voiced = bool(speech and level >= self._gate)
        self._learn(level)
        return voiced, from_rms(level)

    @property
    def floor_dbfs(self) -> float:
        """The noise floor: −96 until a frame was heard."""
        floor = min(*self._minima, self._current)
        return SILENCE_DBFS if floor == _UNKNOWN else from_rms(floor)

    def snapshot(self) -> VADState:
        """What to hand to a new `GatedVAD` on the same line, after a re-attach."""
        return VADState(minima=tuple(self._minima), current=self._current, count=self._count)

    def _learn(self, level: int) -> None:
        if _VOID_RMS < level < self._current:
            self._current = level
        self._count += 1
        if self._count >= _WINDOW_FRAMES:
            self._minima.pop(0)
            self._minima.append(self._current)
            self._current = _UNKNOWN
            self._count = 0
            self._set_gate()

    def _set_gate(self) -> None:
        floor = min(self._minima)
        self._gate = self._least if floor == _UNKNOWN else max(self._least, floor * self._ratio)
