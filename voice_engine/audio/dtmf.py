"""DTMF: detection by Goertzel's sums (ITU-T Q.23 frequencies, Q.24 limits) and generation."""

import numpy as np
from numpy.typing import NDArray

from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.audio.level import to_rms
from voice_engine.audio.mixing import to_pcm

ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
"""Q.23, table 1: `KEYS[row][column]`."""

_BLOCK = 104
"""Samples a decision: 13 ms, so that a tone of 40 ms (Q.24: must be accepted) holds two whole blocks and one of
20 ms cannot fill two well enough."""

_HITS = 2
"""Equal blocks in a row that make a digit."""

_MISSES = 3
_SILENT = 0.15
"""A digit ends with a block of so little of its energy, or with three blocks that hold something else: an
interruption of up to 10 ms (Q.24) spoils two blocks and silences neither."""

_MOST_TWIST = 10.0**0.8
"""High group louder than the low one by at most 8 dB; line loss makes the other way the common one."""

_MOST_REVERSE_TWIST = 10.0**0.8
"""Low group louder by at most 8 dB (Q.24, the widest of its national limits)."""

_RIVAL = 10.0**0.6
"""Each tone is this much stronger than the others of its group."""

_PURITY = 0.78
"""Share of the block's energy in the two tones: speech rarely has that, twice in a row, at these frequencies.
measured: tests/audio/test_dtmf.py."""

_LEAST_ENERGY = _BLOCK * to_rms(-36.0) ** 2
"""Q.24 asks for −25 dBm at the receiver; G.711's 0 dBm0 is about −6.2 dBFS, and the rest is margin."""

_TONES = np.array(ROWS_HZ + COLUMNS_HZ, dtype=np.float64)


def _bank() -> NDArray[np.float64]:
    """Cosines and sines of the eight tones, shape (block, 16): Goertzel's recursion written as one product."""
    phase = 2.0 * np.pi * np.outer(np.arange(_BLOCK), _TONES) / RATE_HZ
    return np.hstack([np.cos(phase), np.sin(phase)])


_BANK = _bank()


class DtmfDetector:
    """Streaming detector of one line; says each digit once, about 30 ms after it starts."""

    def __init__(self) -> None:
        self._rest: PCM = np.zeros(0, dtype=np.int16)
        self._candidate: str | None = None
        self._hits = 0
        self._misses = 0
        self._digit: str | None = None
        self._energy = 0.0

    def step(self, pcm: bytes) -> str | None:
        """Hear int16 little-endian bytes, at most 20 ms; returns the digit that was recognised in them, or None."""
        samples = np.concatenate([self._rest, np.frombuffer(pcm, dtype=np.int16)])
        blocks = samples.size // _BLOCK
        self._rest = samples[blocks * _BLOCK :]
        found = None
        for index in range(blocks):
            block = samples[index * _BLOCK : (index + 1) * _BLOCK].astype(np.float64)
            energy = float(block @ block)
            found = self._decide(_classify(block, energy), energy) or found
        return found

    def _decide(self, key: str | None, energy: float) -> str | None:
        self._hits = self._hits + 1 if key is not None and key == self._candidate else int(key is not None)
        self._candidate = key
        if self._digit is not None:
            self._misses = 0 if key == self._digit else self._misses + 1
            if self._misses < _MISSES and energy > _SILENT * self._energy:
                return None
            self._digit = None
        if self._hits < _HITS:
            return None
        self._digit, self._energy, self._misses = key, energy, 0
        return key


def _classify(block: NDArray[np.float64], energy: float) -> str | None:
    """The key whose two tones make up this block."""
    if energy < _LEAST_ENERGY:
        return None
    sums = block @ _BANK
    power = sums[:8] ** 2 + sums[8:] ** 2
    row, column = int(power[:4].argmax()), int(power[4:].argmax())
    low, high = float(power[row]), float(power[4 + column])
    # A sine of energy E over N samples has |sum|² = E · N / 2.
    if low + high < _PURITY * energy * _BLOCK / 2:
        return None
    if high > low * _MOST_TWIST or low > high * _MOST_REVERSE_TWIST:
        return None
    rivals = max(float(np.partition(power[:4], -2)[-2]) / low, float(np.partition(power[4:], -2)[-2]) / high)
    return KEYS[row][column] if rivals * _RIVAL < 1.0 else None


def generate(digits: str, *, tone_ms: int = 100, gap_ms: int = 100, level_dbfs: float = -10.0) -> PCM:
    """Tones for 0-9 * # A-D, each followed by a gap; `w` is half a second of silence. int16, shape (n,).

    `level_dbfs` is that of both tones together. Other characters are a bug.
    """
    parts = [np.zeros(0, dtype=np.int16)]
    for digit in digits:
        if digit == "w":
            parts.append(np.zeros(RATE_HZ // 2, dtype=np.int16))
            continue
        parts.append(_tone(digit, tone_ms, level_dbfs))
        parts.append(np.zeros(gap_ms * RATE_HZ // 1000, dtype=np.int16))
    return np.concatenate(parts)


def _tone(digit: str, tone_ms: int, level_dbfs: float) -> PCM:
    row = next(index for index, keys in enumerate(KEYS) if digit in keys)
    t = np.arange(tone_ms * RATE_HZ // 1000) / RATE_HZ
    low, high = ROWS_HZ[row], COLUMNS_HZ[KEYS[row].index(digit)]
    return to_pcm(to_rms(level_dbfs) * (np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t)))
