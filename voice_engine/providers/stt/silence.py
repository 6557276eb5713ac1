"""Where the speech is inside a chunk: decoding its silence costs time and invents words."""

import numpy as np
from numpy.typing import NDArray

from voice_engine.audio.frames import PCM, RATE_HZ

_HOP = RATE_HZ // 100
"""10 ms."""

_FLOOR = 130.0
"""RMS of −48 dBFS: below it nothing on a telephone line is speech (idle μ-law lines lie near −65 dBFS)."""

_RELATIVE = 0.05
"""A hop belongs to speech from 26 dB below the chunk's loud parts (its 95th percentile)."""

KEEP_MS = 100
"""Silence kept on either side: 100, 150, 200, 300 and 400 ms gave 16, 19, 20, 18 and 17 errors in 336 words
(measured: benchmarks/speech_models.py, English), so the cheapest."""


def speech_span(pcm: PCM, *, keep_ms: int = KEEP_MS) -> tuple[int, int]:
    """First and one-past-last sample of speech with `keep_ms` of margin; (0, 0) when there is none.

    `pcm` is int16 mono 8 kHz, shape (n,).
    """
    rms = _levels(pcm)
    if len(rms) == 0:
        return 0, 0
    loud = np.flatnonzero(rms > max(_FLOOR, _RELATIVE * float(np.percentile(rms, 95))))
    if loud.size == 0:
        return 0, 0
    keep = keep_ms * RATE_HZ // 1000
    return max(0, int(loud[0]) * _HOP - keep), min(len(pcm), (int(loud[-1]) + 1) * _HOP + keep)


def loudest(pcm: PCM) -> float:
    """RMS of the loudest 10 ms, 0..32768; 0 for less than that."""
    return float(_levels(pcm).max(initial=0.0))


def is_silence(pcm: PCM, *, beside: float) -> bool:
    """Whether nothing in `pcm` is speech, on a line whose speech reaches the RMS `beside`."""
    return loudest(pcm) <= max(_FLOOR, _RELATIVE * beside)


def split_at_pauses(pcm: PCM, *, max_ms: int) -> list[PCM]:
    """Cut long speech at its quietest places into pieces of `max_ms` / 2 to `max_ms`; the last may be shorter."""
    limit = max_ms * RATE_HZ // 1000
    pieces: list[PCM] = []
    while len(pcm) > limit:
        hops = (limit - limit // 2) // _HOP
        window = pcm[limit // 2 : limit // 2 + hops * _HOP].reshape(hops, _HOP).astype(np.float32)
        energy = np.convolve(np.mean(window**2, axis=1), np.ones(9) / 9, mode="same")
        cut = limit // 2 + int(np.argmin(energy)) * _HOP
        pieces.append(pcm[:cut])
        pcm = pcm[cut:]
    return [*pieces, pcm]


def _levels(pcm: PCM) -> NDArray[np.float32]:
    """RMS of each whole 10 ms."""
    hops = len(pcm) // _HOP
    levels: NDArray[np.float32] = np.sqrt(
        np.mean(pcm[: hops * _HOP].reshape(hops, _HOP).astype(np.float32) ** 2, axis=1)
    )
    return levels
