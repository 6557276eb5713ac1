"""The unit of media: a 20 ms frame of 8 kHz mono PCM, and the arithmetic between samples and time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PCM = NDArray[np.int16]
"""Linear PCM, int16 mono, shape (n,)."""

RATE_HZ = 8000
"""Telephone sampling rate (G.711; Twilio's Media Streams page: `audio/x-mulaw`, 8000, 1 channel)."""

FRAME_MS = 20
"""Packetization time of one inbound media message (Twilio's Media Streams page; RFC 3551 default)."""

FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
"""160 samples, and as many bytes of μ-law."""

SAMPLES_PER_MS = RATE_HZ // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFrame:
    """One run of PCM at its place in the call.

    `pcm` is int16 mono, shape (n,), at `rate_hz`; `media_ms` is the media time of its first sample.
    """

    pcm: PCM
    rate_hz: int = RATE_HZ
    media_ms: int = 0
