"""A caller's voice for Chromium's microphone: lines of a synthesizer at fixed moments, silence between."""

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr

from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.audio.wav import write_wav
from voice_engine.ports.call import Language
from voice_engine.providers.tts.hibari import HibariSynthesizer
from voice_engine.providers.tts.pico import PicoSynthesizer

MICROPHONE_HZ = 48_000
"""What a sound card gives; Chromium's microphone takes PCM of any rate, and no μ-law."""

SPEAKER: dict[Language, str] = {"en": "savannah", "es": "savannah"}
"""What the recognizers understand best: the voices as they are made."""


def write_caller(
    path: Path, language: Language, lines: Sequence[tuple[float, str]], *, tail_s: float = 30.0
) -> Path:
    """Write one side of a call: each line begins so many seconds after the microphone was opened."""
    last = lines[-1][0] if lines else 0.0
    track = np.zeros(int((last + tail_s) * RATE_HZ), np.int16)
    for at_s, text in lines:
        said = _synthesizer(language).speak(text, SPEAKER[language], 1.0)
        at = int(at_s * RATE_HZ)
        track[at : at + len(said)] = said
    write_wav(path, _for_microphone(track), rate_hz=MICROPHONE_HZ)
    return path


@functools.cache
def _synthesizer(language: Language) -> HibariSynthesizer | PicoSynthesizer:
    synthesizer = HibariSynthesizer() if language == "en" else PicoSynthesizer()
    synthesizer.load()
    return synthesizer


def _for_microphone(track: PCM) -> PCM:
    wide = soxr.resample(track.astype(np.float32), RATE_HZ, MICROPHONE_HZ)
    pcm: PCM = np.clip(np.rint(wide), -32768, 32767).astype(np.int16)
    return pcm
