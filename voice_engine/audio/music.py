"""Hold music, or somebody talking? Judged over seconds, and rather late than wrong: speech must not pass for music.

Music holds its notes. The share of moments at which the spectrum is nearly that of 80 ms ago tells it from speech,
whose sounds glide; and notes change, which tells it from ringback, hum and other steady tones. Unpitched music
(drums alone, rap) is not recognised. measured: tests/audio/test_music.py.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from voice_engine.audio.frames import FRAME_SAMPLES, PCM
from voice_engine.audio.level import dbfs

_Shape = NDArray[np.float32]

_HOP = 2 * FRAME_SAMPLES
_HOP_S = 0.04
_WINDOW = 512
_HANN = np.hanning(_WINDOW).astype(np.float32)
_BAND = slice(10, 224)
"""Bins of 15.6 Hz from 156 to 3,500 Hz: the telephone band above hum."""

_HELD = 0.95
"""Likeness (cosine of compressed spectra) of two moments from which a note counts as held."""

_SHORT_HOPS = 2
_LONG_HOPS = 30
"""80 ms, within a note; 1.2 s, beyond nearly every note."""

_EVIDENCE = round(3.0 / _HOP_S)
_RECENT = round(1.5 / _HOP_S)

_ENTER_HELD = 0.17
"""Music when so many moments of the last 3 s are held. Ten minutes of recorded prompts and of four synthetic voices
stayed below 0.09; tunes of up to six notes a second lie above 0.2."""

_LEAVE_HELD = 0.10
"""No longer music when so few of the last 1.5 s are: a person who comes back on the line is not to wait."""

_MOST_STEADY = 0.7
"""Above this share of moments that resemble those of 1.2 s ago the signal is one tone, not a tune."""

_LEAST_ACTIVE = 0.6
_AUDIBLE_DBFS = -48.0


class MusicDetector:
    """Streaming detector of one line; about 12 µs a frame."""

    def __init__(self) -> None:
        self._window: PCM = np.zeros(_WINDOW, dtype=np.int16)
        self._fresh = 0
        self._shapes: deque[_Shape | None] = deque(maxlen=_LONG_HOPS + 1)
        self._held: deque[bool] = deque(maxlen=_EVIDENCE)
        self._steady: deque[bool | None] = deque(maxlen=_EVIDENCE)
        self._active: deque[bool] = deque(maxlen=_EVIDENCE)
        self._playing: bool | None = None

    def step(self, pcm: PCM) -> bool | None:
        """Hear one frame, int16 mono, shape (160,). Whether music plays now; None until 3 s were heard."""
        self._window = np.concatenate([self._window[pcm.size :], pcm])[-_WINDOW:]
        self._fresh += pcm.size
        if self._fresh >= _HOP:
            self._fresh = 0
            self._analyse()
            if len(self._held) == _EVIDENCE:
                self._playing = self._decide()
        return self._playing

    def _analyse(self) -> None:
        audible = dbfs(self._window[-_HOP:].tobytes()) >= _AUDIBLE_DBFS
        shape = _shape(self._window) if audible else None
        self._shapes.append(shape)
        self._active.append(audible)
        self._held.append(self._resembles(shape, _SHORT_HOPS) or False)
        self._steady.append(self._resembles(shape, _LONG_HOPS))

    def _resembles(self, shape: _Shape | None, hops_ago: int) -> bool | None:
        past = self._shapes[-1 - hops_ago] if len(self._shapes) > hops_ago else None
        return None if shape is None or past is None else float(shape @ past) > _HELD

    def _decide(self) -> bool:
        if self._playing:
            playing = sum(list(self._held)[-_RECENT:]) > _LEAVE_HELD * _RECENT
            if not playing:
                self._held.clear()  # what was heard of the music is no evidence for it afterwards
            return playing
        compared = [steady for steady in self._steady if steady is not None]
        if sum(self._active) < _LEAST_ACTIVE * _EVIDENCE or sum(compared) >= _MOST_STEADY * len(compared):
            return False
        return sum(self._held) >= _ENTER_HELD * _EVIDENCE


def _shape(window: PCM) -> _Shape:
    """The spectrum of the telephone band, compressed (root of amplitude) and of unit length: loudness drops out."""
    shape = np.sqrt(np.abs(np.fft.rfft(window * _HANN)[_BAND]))
    return np.asarray(shape / max(float(np.sqrt(shape @ shape)), 1e-9))
