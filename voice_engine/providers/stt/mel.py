"""Whisper's input: an 80-band log-mel spectrogram (Slaney scale and norm, 25 ms Hann window, 10 ms hop), in numpy.

https://arxiv.org/abs/2212.04356 section 2.2; clipped 8 below the maximum and scaled by (x + 4) / 4.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE_HZ = 16_000
_FFT = 400
_HOP = 160
_BANDS = 80

_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_KNEE_HZ, _KNEE_MEL = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27.0
"""Slaney's scale: linear to 1 kHz, then 27 bands for a factor of 6.4."""


def log_mel(audio: Floats) -> Floats:
    """Spectrogram of float32 mono 16 kHz audio in −1..1, shape (n,); the result has shape (80, n // 160)."""
    padded = np.pad(audio, _FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:-1] * _window()
    power = np.abs(np.fft.rfft(frames, axis=1)).astype(np.float32) ** 2
    logs = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    logs = np.maximum(logs, logs.max() - 8.0)
    return np.ascontiguousarray((logs + 4.0) / 4.0, np.float32)


@cache
def _window() -> Floats:
    return np.hanning(_FFT + 1)[:-1].astype(np.float32)


@cache
def _filters() -> Floats:
    """Triangular bands over the FFT bins, each of unit area; shape (80, 201)."""
    top_mel = _KNEE_MEL + np.log(RATE_HZ / 2 / _KNEE_HZ) / _LOG_STEP
    mels = np.linspace(0.0, top_mel, _BANDS + 2)
    hertz = np.where(mels < _KNEE_MEL, mels * _LINEAR_HZ_PER_MEL, _KNEE_HZ * np.exp((mels - _KNEE_MEL) * _LOG_STEP))
    bins = np.fft.rfftfreq(_FFT, 1.0 / RATE_HZ)
    rising = (bins - hertz[:-2, np.newaxis]) / np.diff(hertz)[:-1, np.newaxis]
    falling = (hertz[2:, np.newaxis] - bins) / np.diff(hertz)[1:, np.newaxis]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    filters: Floats = (triangles * (2.0 / (hertz[2:] - hertz[:-2]))[:, np.newaxis]).astype(np.float32)
    return filters
