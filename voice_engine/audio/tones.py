"""Call-progress and record tones: a mailbox's beep, busy, ringback, "number not in service", a fax machine.

Each 20 ms the spectrum of the last 80 ms is asked whether one or two sinusoids make up nearly all of it. Runs of
such frames are segments; their pitch, length and cadence name the tone. Frequencies and cadences: ITU-T E.180
(supplement 2: United States, and 425 Hz as most of Europe has it), E.180/Q.35 for SIT, T.30 for fax.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, PCM, RATE_HZ
from voice_engine.audio.level import dbfs

_WINDOW = 4 * FRAME_SAMPLES
_BIN_HZ = RATE_HZ / _WINDOW
_HANN = np.hanning(_WINDOW).astype(np.float32)
_BINS = np.arange(_WINDOW // 2 + 1, dtype=np.float32)
_LOW_BIN = int(200 / _BIN_HZ)
_LOBE = 2
"""Bins on each side that hold a windowed sinusoid's energy: 440 and 480 Hz are just told apart."""

_LEAST_DBFS = -42.0
_PURE = 0.85
"""Share of the window's energy in one or two sinusoids. Voiced speech has more harmonics than that."""

_SECOND = 0.1
"""Share from which the weaker sinusoid counts: two tones of a pair differ by at most 6 dB or so."""

_SAME_HZ = 12.0
_MOST_RIPPLE_DB = 3.0
"""How much a tone's level may wander. Notes decay; machines' tones do not."""

_ENDED_DB = 6.0
"""A drop of the level by this much ends a tone, although the window still holds its past."""

_LEAST_FRAMES = 4
"""Shorter segments are the moment between two tones, or chance."""

_SETTLE_FRAMES = 4
"""Frames of something else that must follow before a single tone is called a beep: SIT's next tone comes sooner."""

_EUROPE_HZ = 425.0
_BUSY_PAIR = (480.0, 620.0)
_RINGBACK_PAIR = (440.0, 480.0)
_FAX_HZ = 1100.0
_SIT_HZ = ((914.0, 985.0), (1371.0, 1429.0), (1777.0,))
_SIT_SPREAD_HZ = 40.0
"""North America's pairs, and the international 950, 1400, 1800 Hz (each ± 50) between them."""


class Tone(StrEnum):
    """What a tone means. `BUSY` is also congestion ("fast busy"); `SIT` precedes "the number is not in service"."""

    BEEP = "beep"
    BUSY = "busy"
    RINGBACK = "ringback"
    SIT = "sit"
    FAX = "fax"


@dataclass(slots=True)
class _Segment:
    """A run of frames with the same one (or two) sinusoids."""

    pitches: tuple[float, ...]
    frames: int = 1
    quietest_dbfs: float = 0.0
    loudest_dbfs: float = -96.0
    gap_frames: int = 0
    newest_dbfs: float | None = None
    """Not counted yet: a segment's last frame may hold only a part of the tone."""

    @property
    def duration_ms(self) -> int:
        return (self.frames + 1) * FRAME_MS  # the window fills before it is pure

    def near(self, *pitches: float, within_hz: float = _SAME_HZ) -> bool:
        return len(pitches) == len(self.pitches) and all(
            abs(mine - theirs) <= within_hz for mine, theirs in zip(self.pitches, pitches, strict=True)
        )

    def lasts(self, least_ms: int, most_ms: int) -> bool:
        return least_ms <= self.duration_ms <= most_ms


class ToneDetector:
    """Streaming detector of one line; about 25 µs a frame that is not quiet."""

    def __init__(self) -> None:
        self._window: PCM = np.zeros(_WINDOW, dtype=np.int16)
        self._now: _Segment | None = None
        self._gap = 0
        self._past: list[_Segment] = []  # ended, not yet named

    def step(self, pcm: PCM) -> Tone | None:
        """Hear one frame: int16 mono, shape (160,). Names a tone once, when it is sure: a beep after its end."""
        self._window = np.concatenate([self._window[pcm.size :], pcm])[-_WINDOW:]
        level = dbfs(pcm.tobytes())
        least = max(_LEAST_DBFS, self._now.loudest_dbfs - _ENDED_DB) if self._now is not None else _LEAST_DBFS
        pitches = _sinusoids(self._window) if level >= least else ()
        if self._now is not None and self._now.near(*pitches):
            self._extend(self._now, level)
            return None
        ended, self._now = self._now, _Segment(pitches, gap_frames=self._gap) if pitches else None
        self._gap = 0 if self._now is not None else self._gap + 1
        if ended is not None and ended.frames >= _LEAST_FRAMES:
            self._past = [*self._past[-2:], ended]
            return self._on_end()
        return self._on_quiet()

    def _extend(self, segment: _Segment, level: float) -> None:
        segment.frames += 1
        if segment.newest_dbfs is not None:
            segment.quietest_dbfs = min(segment.quietest_dbfs, segment.newest_dbfs)
            segment.loudest_dbfs = max(segment.loudest_dbfs, segment.newest_dbfs)
        segment.newest_dbfs = level

    def _on_end(self) -> Tone | None:
        """Name what is clear as soon as a segment has ended; a beep is only clear after a while."""
        last = self._past[-1]
        if _is_busy(self._past) or _is_ringback(last):
            tone = Tone.BUSY if _is_busy(self._past) else Tone.RINGBACK
        elif _is_sit(self._past):
            tone = Tone.SIT
        elif last.near(_FAX_HZ, within_hz=38.0) and last.lasts(425, 575):
            tone = Tone.FAX
        else:
            return None
        self._past.clear()
        return tone

    def _on_quiet(self) -> Tone | None:
        if self._gap != _SETTLE_FRAMES or not self._past:
            return None
        return Tone.BEEP if _is_beep(self._past[-1]) else None


class BeepDetector:
    """Only the record tone of a mailbox."""

    def __init__(self) -> None:
        self._tones = ToneDetector()

    def step(self, pcm: PCM) -> bool:
        """Hear one frame, int16 mono, shape (160,); True once, about 80 ms after a beep has ended."""
        return self._tones.step(pcm) is Tone.BEEP


def _sinusoids(window: PCM) -> tuple[float, ...]:
    """Frequencies of the one or two sinusoids that make up the window, in order; () when something else does."""
    spectrum = np.fft.rfft(window * _HANN)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    power[:_LOW_BIN] = 0.0
    total = float(power.sum())
    first_hz, first = _take_peak(power)
    if first >= _PURE * total:
        return (first_hz,)
    second_hz, second = _take_peak(power)
    if first + second < _PURE * total or second < _SECOND * total:
        return ()
    return (min(first_hz, second_hz), max(first_hz, second_hz))


def _take_peak(power: NDArray[np.float32]) -> tuple[float, float]:
    """The strongest sinusoid's frequency and energy; it is removed from `power`."""
    top = int(power.argmax())
    lobe = slice(max(0, top - _LOBE), top + _LOBE + 1)
    part = power[lobe]
    energy = float(part.sum())
    centre = float(part @ _BINS[lobe]) / max(energy, 1e-9)
    power[lobe] = 0.0
    return centre * _BIN_HZ, energy


def _is_beep(segment: _Segment) -> bool:
    if len(segment.pitches) != 1 or not 400.0 <= segment.pitches[0] <= 2000.0 or segment.near(_EUROPE_HZ):
        return False
    return segment.lasts(120, 3000) and segment.loudest_dbfs - segment.quietest_dbfs <= _MOST_RIPPLE_DB


def _is_busy(past: list[_Segment]) -> bool:
    """Two equal pulses with a pause as long as they are: half a second (busy) or about a quarter (congestion)."""
    if len(past) < 2 or not past[-2].near(*past[-1].pitches):
        return False
    if not (past[-1].near(*_BUSY_PAIR) or past[-1].near(_EUROPE_HZ)):
        return False
    pause_ms = past[-1].gap_frames * FRAME_MS
    return all(
        (pulse.lasts(420, 580) and 400 <= pause_ms <= 600) or (pulse.lasts(160, 340) and 120 <= pause_ms <= 340)
        for pulse in past[-2:]
    )


def _is_ringback(segment: _Segment) -> bool:
    american = segment.near(*_RINGBACK_PAIR) and segment.lasts(1600, 2400)
    return american or (segment.near(_EUROPE_HZ) and segment.lasts(800, 1700))


def _is_sit(past: list[_Segment]) -> bool:
    """Three rising tones without a pause (E.180: 330 ms each; North America: 276 or 380 ms)."""
    return len(past) >= 3 and all(
        segment.lasts(200, 460) and any(segment.near(hz, within_hz=_SIT_SPREAD_HZ) for hz in choices)
        for segment, choices in zip(past[-3:], _SIT_HZ, strict=True)
    )
