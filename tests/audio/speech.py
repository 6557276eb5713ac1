"""Real telephone speech for the audio tests, and how tests cut audio into frames."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from voice_engine.audio.frames import FRAME_SAMPLES, PCM, RATE_HZ
from voice_engine.audio.mixing import at_level, codec_pass, line_noise, mix, to_pcm
from voice_engine.audio.wav import read_wav

FOLDER = Path(__file__).parents[2] / "fixtures" / "audio" / "speech"


@cache
def utterances(language: str) -> tuple[PCM, ...]:
    """Six utterances of three to six seconds, at their recorded level."""
    return tuple(read_wav(path) for path in sorted(FOLDER.glob(f"{language}_*.wav")))


def silence(ms: int) -> PCM:
    return np.zeros(ms * RATE_HZ // 1000, dtype=np.int16)


def tone(ms: int, *hertz: float, level_dbfs: float = -15.0) -> PCM:
    """Sines of equal strength; `level_dbfs` is that of their sum."""
    t = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
    wave = np.sum([np.sin(2 * np.pi * hz * t) for hz in hertz], axis=0)
    return to_pcm(wave * 32768 * 10 ** (level_dbfs / 20) * np.sqrt(2 / len(hertz)))


def on_line(*parts: PCM, noise_dbfs: float = -55.0, seed: int = 1) -> PCM:
    """The parts in a row, with line noise under them, after a μ-law round trip."""
    whole = np.concatenate(parts)
    return codec_pass(mix(whole, line_noise(whole.size, noise_dbfs, seed=seed)))


def talk(language: str, *, level_dbfs: float = -20.0, pause_ms: int = 300) -> PCM:
    """All utterances of a language in a row, with pauses."""
    parts = [part for pcm in utterances(language) for part in (at_level(pcm, level_dbfs), silence(pause_ms))]
    return np.concatenate(parts)


def frames(pcm: PCM) -> Iterator[PCM]:
    """Whole frames of 20 ms."""
    for start in range(0, pcm.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        yield pcm[start : start + FRAME_SAMPLES]
