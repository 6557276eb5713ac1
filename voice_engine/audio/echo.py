"""The engine's own voice coming back: is this voiced frame echo, or somebody talking?

Public telephone lines return what is sent to them, 6 to 20 dB weaker, 50 to 360 ms later and slightly filtered. A
frame is echo when a short filter of what the carrier was playing explains it: the delay is found by correlation and
then kept, the filter is fitted by least squares over the last 200 ms, and what it leaves over must be no louder
than what it usually leaves over on this line. A caller who talks over the echo, even quietly, leaves more.

All analysis runs at 4 kHz (pairs of samples averaged): half the cost, and the echo's energy is below 2 kHz.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from voice_engine.audio.frames import FRAME_MS
from voice_engine.audio.level import SILENCE_DBFS, from_rms
from voice_engine.audio.ops import rms

_Signal = NDArray[np.float32]

_RATE = 4
"""Analysis samples in a millisecond."""

_FRAME = FRAME_MS * _RATE
_FRAME_BYTES = 4 * _FRAME
_WINDOW_FRAMES = 10
_WINDOW = _WINDOW_FRAMES * _FRAME

_LEAST_LAG = 20 * _RATE
_MOST_LAG = 440 * _RATE
"""Delays searched: 50 to 360 ms of line, and what the estimate of playback time may be off."""

_TAPS = 16
"""The filter's length, 4 ms: a hybrid's dispersion (ITU-T G.168 models 2 to 12 ms, most energy early)."""
_TAPS_BEFORE = 5

_CAPACITY = 4000 * _RATE
"""What is remembered of the sent audio, the part ahead of the newest inbound frame included."""

_JOIN = 60 * _RATE
"""Chunks this near to the end of the one before follow it without a seam: the carrier plays without gaps, and only
the estimate of the media time at which it does wavers, with the round trip of the marks (by 20 ms on a perfect
line; a seam in the middle of a sentence costs 100 ms of echo taken for a caller)."""

_LOUD = 583
"""Root mean square of sent audio that surely echoes audibly if anything does: −35 dBFS."""

_LOUD_FRAMES = 100
"""Two seconds of loud speech without a voiced frame coming back: the line does not echo."""

_CLEAN_FRAMES = 2
"""Frames of speech, in runs long enough to tell, that no delay explains: the line does not echo, or not only."""

_LEARN = 0.05
_LEARN_DOWN = 0.2
_MOST_ERLE_DB = 25.0
"""The usual left-over is a running mean over about 20 frames; μ-law's own noise bounds it (G.711: 38 dB)."""

_NOISE_MARGIN_DB = 5.0
_MOST_NOISE_DBFS = -34.0
"""A left-over within 5 dB of the line's own noise is nobody either, unless that noise is as loud as people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoSettings:
    """Thresholds. measured: tests/audio/test_echo.py.

    `least_return_loss_db`: echo is at least this much weaker than what was sent. `explained`: share of the energy
    that the fit must explain for a delay to be believed; `explained_soon`: the same while less than 200 ms were
    heard (one vowel resembles another: 0.76 and 0.83 of a caller's "per" and "es" were, echo gives 0.95 and more).
    `margin_db`: how far a frame's left-over may exceed the usual one. `least_speech_dbfs`: a left-over below this
    is nobody. `doubt_frames`: on a line not yet known, so many frames are held to be echo while the evidence
    grows; that long a run makes evidence.
    """

    least_return_loss_db: float = 3.0
    explained: float = 0.75
    explained_soon: float = 0.9
    margin_db: float = 7.0
    least_speech_dbfs: float = -46.0
    doubt_frames: int = 5


class EchoGuard:
    """One line's echo. `sent` follows what the carrier plays, `is_echo` judges inbound frames."""

    __slots__ = (
        "_base",
        "_clean",
        "_delay",
        "_erle_db",
        "_heard",
        "_heard_end",
        "_judged",
        "_loud",
        "_noise_dbfs",
        "_run",
        "_sent",
        "_sent_end",
        "_settings",
        "_unread",
    )

    def __init__(self, settings: EchoSettings | None = None) -> None:
        self._settings = settings or EchoSettings()
        self._sent: _Signal = np.zeros(_CAPACITY, dtype=np.float32)
        self._unread: deque[tuple[int, bytes]] = deque()  # sent since it was last looked at, at most `_CAPACITY`
        self._base = 0  # analysis position of the first sample in `_sent`
        self._sent_end = 0  # analysis position after what was sent last
        self._heard: _Signal = np.zeros(_WINDOW, dtype=np.float32)
        self._heard_end = -1
        self._run = 0  # unbroken inbound frames at the end of `_heard`
        self._delay: int | None = None
        self._clean = 0  # unexplained frames, while no echo was ever found
        self._erle_db = 12.0  # by how much the filter usually weakens pure echo
        self._noise_dbfs = -60.0  # the line's noise, as left over by the filter
        self._loud = 0  # frames' worth of audible speech sent so far
        self._judged = 0  # voiced frames judged so far

    @property
    def delay_ms(self) -> float | None:
        """The line's echo delay; None while no echo was found."""
        return None if self._delay is None else self._delay / _RATE

    def sent(self, media_ms: int, pcm: bytes) -> None:
        """The carrier plays this at `media_ms`: int16 little-endian bytes of any length."""
        at = media_ms * _RATE
        if abs(at - self._sent_end) <= _JOIN:
            at = self._sent_end
        self._sent_end = at + len(pcm) // 4
        unread = self._unread
        unread.append((at, pcm))
        while self._sent_end - unread[0][0] > _CAPACITY and len(unread) > 1:
            unread.popleft()
        if rms(pcm, 2) > _LOUD:
            self._loud += len(pcm) // _FRAME_BYTES

    def _read(self) -> None:
        """Take in what was sent since: put off until a frame has to be judged, for most of it never has."""
        for at, pcm in self._unread:
            audio = _halve(pcm)
            self._make_room(at + audio.size)
            start = max(at, self._base)
            part = audio[start - at :]
            self._sent[start - self._base : start - self._base + part.size] = part
        self._unread.clear()

    def cleared(self, from_media_ms: int) -> None:
        """What was sent to play from this media time on is not going to."""
        self._read()
        at = max(from_media_ms * _RATE, self._base)
        self._sent[at - self._base :] = 0.0
        self._sent_end = at

    def is_echo(self, media_ms: int, pcm: bytes, level_dbfs: float) -> bool:
        """Whether a voiced 20 ms frame (320 bytes) is the engine's own voice and nobody else's.

        Call it for voiced frames while the engine speaks and for half a second after. About 100 µs; far less when
        nothing was playing that could echo.
        """
        self._read()
        end = (media_ms + FRAME_MS) * _RATE
        self._hear(_halve(pcm[:_FRAME_BYTES].ljust(_FRAME_BYTES, b"\0")), end)
        self._make_room(end)
        if level_dbfs >= self._loudest_echo_dbfs(end):
            return False
        if self._delay is not None and self._is_usual(level_dbfs, self._fit(end, self._delay)[1]):
            return True
        return self._search(end)

    def _is_usual(self, level_dbfs: float, left_dbfs: float) -> bool:
        """Whether the fit leaves no more than it usually does on this line; if so, learn from it."""
        settings = self._settings
        nobody = max(settings.least_speech_dbfs, self._noise_dbfs + _NOISE_MARGIN_DB)
        if left_dbfs > max(level_dbfs - self._erle_db + settings.margin_db, nobody):
            return False
        speed = _LEARN if left_dbfs > self._noise_dbfs else _LEARN_DOWN
        self._noise_dbfs += speed * (min(left_dbfs, _MOST_NOISE_DBFS) - self._noise_dbfs)
        self._erle_db += _LEARN * (min(level_dbfs - left_dbfs, _MOST_ERLE_DB) - self._erle_db)
        return True

    def _search(self, end: int) -> bool:
        """Look for a delay that explains the window; without one, judge by what the line is known for."""
        if self._run >= self._settings.doubt_frames:
            lag = self._best_lag(end)
            explained = self._fit(end, lag)[0]
            whole = self._run >= _WINDOW_FRAMES
            if explained >= (self._settings.explained if whole else self._settings.explained_soon):
                self._delay = lag
                return True
            self._clean += explained < self._settings.explained
        return self._delay is None and self._clean < _CLEAN_FRAMES

    def _hear(self, audio: _Signal, end: int) -> None:
        if end != self._heard_end + _FRAME:
            self._run = 0
        self._heard[:-_FRAME] = self._heard[_FRAME:]
        self._heard[-_FRAME:] = audio
        self._heard_end = end
        self._run = min(self._run + 1, _WINDOW_FRAMES)
        if self._run == 1 and self._loud >= _LOUD_FRAMES and self._judged < self._loud // 20:
            self._clean = _CLEAN_FRAMES  # the engine was heard to speak for a while, and nothing came back
        self._judged += 1

    def _make_room(self, end: int) -> None:
        surplus = end - self._base - _CAPACITY
        if surplus > 0:
            shift = min(surplus + _CAPACITY // 4, _CAPACITY)
            self._sent[: _CAPACITY - shift] = self._sent[shift:]
            self._sent[_CAPACITY - shift :] = 0.0
            self._base += surplus + _CAPACITY // 4

    def _reference(self, start: int, size: int) -> _Signal:
        """Sent audio from analysis position `start`; silence where nothing is known."""
        at = start - self._base
        if at >= 0:
            return self._sent[at : at + size]
        known = self._sent[: max(0, at + size)]
        return np.concatenate([np.zeros(size - known.size, dtype=np.float32), known])

    def _loudest_echo_dbfs(self, end: int) -> float:
        reach = self._reference(end - _FRAME - _MOST_LAG, _FRAME + _MOST_LAG - _LEAST_LAG)
        blocks = reach.reshape(-1, _FRAME)
        loudest = float(np.einsum("ij,ij->i", blocks, blocks).max()) / _FRAME
        return from_rms(loudest**0.5) - self._settings.least_return_loss_db if loudest > 0 else SILENCE_DBFS

    def _best_lag(self, end: int) -> int:
        """The delay, in analysis samples, at which the window resembles what was sent most."""
        size = self._run * _FRAME
        heard = self._heard[-size:]
        reach = self._reference(end - size - _MOST_LAG, size + _MOST_LAG - _LEAST_LAG)
        length = _fft_size(reach.size)
        spectrum = np.fft.rfft(reach, length) * np.conj(np.fft.rfft(heard, length))
        lags = _MOST_LAG - _LEAST_LAG + 1
        match = np.fft.irfft(spectrum, length)[:lags]
        energy = np.concatenate([[0.0], np.cumsum(np.square(reach, dtype=np.float64))])
        energy = energy[size:] - energy[:-size]
        floor = 0.05 * float(energy.max())  # above 0: something was playing that could echo
        likeness = np.square(match) / np.maximum(energy[:lags], floor)
        return _MOST_LAG - int(np.argmax(likeness))

    def _fit(self, end: int, lag: int) -> tuple[float, float]:
        """Fit the filter at `lag`: (share of the window's energy explained, left-over in the last 40 ms, dBFS)."""
        size = self._run * _FRAME
        heard = self._heard[-size:]
        reference = self._reference(end - size - lag - _TAPS + 1 + _TAPS_BEFORE, size + _TAPS - 1)
        played = sliding_window_view(reference, _TAPS)
        gram = played.T @ played
        gram.flat[:: _TAPS + 1] += 1e-3 * gram.trace() / _TAPS + 1.0
        rest = heard - played @ np.linalg.solve(gram, played.T @ heard)
        total = float(heard @ heard) + 1e-9
        tail = rest[-2 * _FRAME :]
        return 1.0 - float(rest @ rest) / total, from_rms((float(tail @ tail) / tail.size) ** 0.5)


def _halve(pcm: bytes) -> _Signal:
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float32)
    whole = samples.size // 2 * 2
    halved: _Signal = (samples[0:whole:2] + samples[1:whole:2]) * np.float32(0.5)
    return halved


def _fft_size(least: int) -> int:
    """A length that splits into small factors."""
    return -(-least // 240) * 240
