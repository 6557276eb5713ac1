"""The tone that somebody hears while another phone rings, as their country has it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import RATE_HZ, SAMPLES_PER_MS

_PEAK = 2600.0
"""Of each sinusoid: −22 dBFS, below speech at its usual −20 dBFS and far above line noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Sinusoids together for `on_ms`, then silence for `off_ms`, again and again."""

    hz: tuple[float, ...]
    on_ms: int
    off_ms: int


CADENCES: Mapping[Literal["en", "es"], Cadence] = {
    "en": Cadence(hz=(440.0, 480.0), on_ms=2_000, off_ms=4_000),
    "es": Cadence(hz=(425.0,), on_ms=1_500, off_ms=3_000),
}
"""ITU-T E.180, supplement 2: the United States' for English, Spain's for Spanish."""


@cache
def ringback(language: Literal["en", "es"]) -> bytes:
    """One cycle as μ-law, 8 kHz; the tone first. It begins and ends at zero, so that it repeats without a click."""
    cadence = CADENCES[language]
    count = cadence.on_ms * SAMPLES_PER_MS
    at = 2 * np.pi * np.arange(count) / RATE_HZ
    tone = sum((_PEAK * np.sin(hz * at) for hz in cadence.hz), np.zeros(count))
    pcm = np.concatenate([np.rint(tone), np.zeros(cadence.off_ms * SAMPLES_PER_MS)]).astype(np.int16)
    return mulaw.encode_pcm(pcm)
