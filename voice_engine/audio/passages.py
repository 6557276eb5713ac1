"""Where a recording has speech: its passages, for a recognizer that takes one utterance at a time. Pure."""

from typing import Final

from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, PCM
from voice_engine.audio.vad import GatedVAD

LEAD_MS: Final = 240
"""Kept before the first voiced frame: quiet consonants are below the gate."""
TAIL_MS: Final = 300
"""Kept after the last one."""
PAUSE_MS: Final = 700
"""A pause as long as this parts two passages."""
LEAST_MS: Final = 120
"""Less voice than this is a knock or a click."""
MOST_MS: Final = 24_000
"""A longer passage is cut: Whisper looks at 30 s at a time."""


def passages(pcm: PCM) -> list[PCM]:
    """The parts of int16 mono 8 kHz, shape (n,), in which somebody speaks, in order and without overlap."""
    voiced = _voiced(pcm)
    spans: list[list[int]] = []
    for at in voiced:
        if spans and (at - spans[-1][1]) * FRAME_MS < PAUSE_MS and (at - spans[-1][0]) * FRAME_MS < MOST_MS:
            spans[-1][1] = at
        else:
            spans.append([at, at])
    found, after = [], 0
    for first, last in spans:
        if sum(first <= at <= last for at in voiced) * FRAME_MS < LEAST_MS:
            continue
        start = max(after, first - LEAD_MS // FRAME_MS)
        after = last + 1 + TAIL_MS // FRAME_MS
        found.append(pcm[start * FRAME_SAMPLES : after * FRAME_SAMPLES])
    return found


def _voiced(pcm: PCM) -> list[int]:
    vad = GatedVAD()
    frames = range(len(pcm) // FRAME_SAMPLES)
    return [at for at in frames if vad.step(pcm[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES].tobytes())[0]]
