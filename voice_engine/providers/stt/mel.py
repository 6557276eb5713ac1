"""Whisper's input: an 80-band log-mel spectrogram (Slaney scale and norm, 25 ms Hann window, 10 ms hop), in numpy.

https://arxiv.org/abs/2212.04356 section 2.2; clipped 8 below the maximum and scaled by (x + 4) / 4.

It is computed in double precision and rounded once. A model of 8-bit weights turns one unit in the last place of a
hundredth of the features into other words ("T. Soy" for "Sí, soy": docs/SPEECH.md), and in single precision those
units hang on the order in which a BLAS kernel adds: the same recording would be heard otherwise on another machine.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

RATE_HZ = 16_000
_FFT = 400
_HOP = 160
_BANDS = 80
_BLOCK = 4

_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_KNEE_HZ, _KNEE_MEL = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27.0
"""Slaney's scale: linear to 1 kHz, then 27 bands for a factor of 6.4."""


_FLOOR = 1e-10
"""Least power of a band: what digital silence is given."""


def log_mel(audio: Floats, *, samples: int) -> Floats:
    """Spectrogram of float32 16 kHz audio in −1..1, shape (n,), with silence after it up to `samples` in all.

    The result has shape (80, samples // 160). There must be half a frame of silence (12.5 ms) or more. Only frames
    with audio in them are computed: the rest of Whisper's window is most of it.
    """
    assert samples >= len(audio) + _FFT // 2, "the last frames need silence after the audio"
    sounding = min(-(-(len(audio) + _FFT // 2) // _HOP), samples // _HOP)
    padded = np.zeros(_FFT + (sounding - 1) * _HOP)
    padded[: _FFT // 2] = audio[_FFT // 2 : 0 : -1]
    padded[_FFT // 2 : _FFT // 2 + len(audio)] = audio
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP] * _window()
    spectrum = np.fft.rfft(frames, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    energy = np.empty((_BANDS, sounding))
    for bands, bins, weights in _blocks():
        np.matmul(weights, power[:, bins].T, out=energy[bands])
    logs = np.log10(np.maximum(energy, _FLOOR))
    least = logs.max() - 8.0
    features = np.full((_BANDS, samples // _HOP), (max(np.log10(_FLOOR), least) + 4.0) / 4.0, np.float32)
    features[:, :sounding] = (np.maximum(logs, least) + 4.0) / 4.0
    return features


@cache
def _window() -> Doubles:
    window: Doubles = np.hanning(_FFT + 1)[:-1]
    return window


@cache
def _blocks() -> list[tuple[slice, slice, Doubles]]:
    """The filters, a few neighbouring bands at a time: (bands, the bins they reach, their weights).

    Nine tenths of the whole matrix are zeros, and a product of its size makes BLAS wake threads of its own, which
    do not give way to the event loop.
    """
    blocks = []
    for first in range(0, _BANDS, _BLOCK):
        bands = slice(first, first + _BLOCK)
        reached = np.flatnonzero(_filters()[bands].any(axis=0))
        bins = slice(int(reached[0]), int(reached[-1]) + 1)
        blocks.append((bands, bins, np.ascontiguousarray(_filters()[bands, bins])))
    return blocks


@cache
def _filters() -> Doubles:
    """Triangular bands over the FFT bins, each of unit area; shape (80, 201)."""
    top_mel = _KNEE_MEL + np.log(RATE_HZ / 2 / _KNEE_HZ) / _LOG_STEP
    mels = np.linspace(0.0, top_mel, _BANDS + 2)
    hertz = np.where(mels < _KNEE_MEL, mels * _LINEAR_HZ_PER_MEL, _KNEE_HZ * np.exp((mels - _KNEE_MEL) * _LOG_STEP))
    bins = np.fft.rfftfreq(_FFT, 1.0 / RATE_HZ)
    rising = (bins - hertz[:-2, np.newaxis]) / np.diff(hertz)[:-1, np.newaxis]
    falling = (hertz[2:, np.newaxis] - bins) / np.diff(hertz)[1:, np.newaxis]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    filters: Doubles = triangles * (2.0 / (hertz[2:] - hertz[:-2]))[:, np.newaxis]
    return filters
