"""Streaming sample-rate conversion (soxr), for the edges of the telephone band.

soxr works in float32 here: for int16 it adds dither, so that even silence would not stay silence.
"""

import numpy as np
import soxr
from numpy.typing import NDArray

from voice_engine.audio.frames import PCM


class Resampler:
    """One signal's converter. Output lags input by the filter's delay until `flush`.

    After `flush` or `reset` the next `push` starts a new signal: no tail of an old reply leaks into the next one.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.from_hz = from_hz
        self.to_hz = to_hz
        self._stream = (
            None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")
        )

    def push(self, pcm: PCM) -> PCM:
        """Convert int16 mono, shape (n,), at `from_hz`; returns what is ready at `to_hz`, shape (m,), m ≥ 0."""
        if self._stream is None:
            return pcm
        return _to_pcm(self._stream.resample_chunk(pcm.astype(np.float32)))

    def flush(self) -> PCM:
        """End the signal: the rest of its output, shape (m,)."""
        if self._stream is None:
            return np.zeros(0, dtype=np.int16)
        rest = self._stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)
        self._stream.clear()
        return _to_pcm(rest)

    def reset(self) -> None:
        """Forget the signal; its tail is never heard."""
        if self._stream is not None:
            self._stream.clear()


def resample(pcm: PCM, from_hz: int, to_hz: int) -> PCM:
    """Convert one whole signal: int16 mono, shape (n,) → shape (n · to / from,), without delay."""
    converter = Resampler(from_hz, to_hz)
    return np.concatenate([converter.push(pcm), converter.flush()])


def _to_pcm(samples: NDArray[np.float32]) -> PCM:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
