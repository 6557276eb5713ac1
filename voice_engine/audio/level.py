"""Levels in dBFS: 0 dBFS is an rms of 32768, so a full-scale square wave; a full-scale sine is −3.01 dBFS."""

import math

import numpy as np

from voice_engine.audio.frames import FRAME_SAMPLES, PCM
from voice_engine.audio.ops import rms

FULL_SCALE = 32768.0

SILENCE_DBFS = -96.0
"""What digital silence is said to have: below one step of int16 (−90.3 dBFS)."""

_ACTIVE_BELOW_PEAK_DB = 20.0
"""Frames this far below the loudest tenth are pauses; a coarse stand-in for ITU-T P.56's 15.9 dB margin."""


def from_rms(value: float) -> float:
    """Rms of int16 samples (0 to 32768) → dBFS, at least `SILENCE_DBFS`."""
    return 20.0 * math.log10(value / FULL_SCALE) if value > 0 else SILENCE_DBFS


def to_rms(dbfs: float) -> float:
    """The rms, in int16 steps, of a signal at `dbfs`."""
    return float(FULL_SCALE * 10.0 ** (dbfs / 20.0))


def dbfs(pcm: bytes) -> float:
    """Level of int16 little-endian bytes; digital silence and no samples at all give `SILENCE_DBFS`."""
    return from_rms(rms(pcm, 2))


def pcm_dbfs(pcm: PCM) -> float:
    """Level of int16 mono samples, shape (n,)."""
    if not pcm.size:
        return SILENCE_DBFS
    return from_rms(float(np.sqrt(np.mean(np.square(pcm, dtype=np.float64)))))


def active_dbfs(pcm: PCM) -> float:
    """Level of int16 mono speech, shape (n,), while it is active: pauses do not count.

    Signals shorter than a frame are measured whole.
    """
    frames = pcm[: pcm.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    if not frames.size:
        return pcm_dbfs(pcm)
    energy = np.mean(np.square(frames, dtype=np.float64), axis=1)
    loud = float(np.percentile(energy, 90))
    active = energy[energy >= loud * 10.0 ** (-_ACTIVE_BELOW_PEAK_DB / 10.0)]
    return from_rms(float(np.sqrt(active.mean())))
