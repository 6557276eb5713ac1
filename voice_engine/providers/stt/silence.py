"""Where the speech is inside a chunk: decoding its silence costs time and invents words."""

import numpy as np

from voice_engine.audio.frames import PCM, RATE_HZ

_HOP = RATE_HZ // 100
"""10 ms."""

_FLOOR = 130.0
"""RMS of −48 dBFS: below it nothing on a telephone line is speech (idle μ-law lines lie near −65 dBFS)."""

_RELATIVE = 0.05
"""A hop belongs to speech from 26 dB below the chunk's loud parts (its 95th percentile)."""

KEEP_MS = 200
"""Silence kept on either side, measured: less clips soft onsets, more costs decoding time."""


def speech_span(pcm: PCM, *, keep_ms: int = KEEP_MS) -> tuple[int, int]:
    """First and one-past-last sample of speech with `keep_ms` of margin; (0, 0) when there is none.

    `pcm` is int16 mono 8 kHz, shape (n,).
    """
    hops = len(pcm) // _HOP
    if hops == 0:
        return 0, 0
    rms = np.sqrt(np.mean(pcm[: hops * _HOP].reshape(hops, _HOP).astype(np.float32) ** 2, axis=1))
    loud = np.flatnonzero(rms > max(_FLOOR, _RELATIVE * float(np.percentile(rms, 95))))
    if loud.size == 0:
        return 0, 0
    keep = keep_ms * RATE_HZ // 1000
    return max(0, int(loud[0]) * _HOP - keep), min(len(pcm), (int(loud[-1]) + 1) * _HOP + keep)


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
