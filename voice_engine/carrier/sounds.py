"""What a telephone network and the machines on it sound like, as int16 mono 8 kHz and as μ-law frames."""

from collections.abc import Iterator

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_SAMPLES, PCM, RATE_HZ, SAMPLES_PER_MS

BEEP_HZ = 1000
BEEP_MS = 400
"""A record tone as mailboxes play it: 1 kHz for a little under half a second."""

MUSIC_NOTES_HZ = (262, 330, 392, 523, 440, 349)
MUSIC_NOTE_MS = 240

RINGBACK_HZ = (440.0, 480.0)
RINGBACK_ON_MS = 2000
RINGBACK_PERIOD_MS = 6000
"""North America's ringing tone: ITU-T E.180, supplement 2."""

FAX_HZ = 2100.0
FAX_MS = 3000
"""The answering tone of a fax machine (CED): 2.6 to 4 s of 2,100 Hz (ITU-T T.30)."""


SILENCE = bytes((mulaw.SILENCE,))
"""One sample of μ-law silence."""


def tone(duration_ms: int, *hz: float, amplitude: float = 8000.0) -> PCM:
    """Sinusoids together, `amplitude` each."""
    t = np.arange(duration_ms * SAMPLES_PER_MS) / RATE_HZ
    total = np.zeros(t.size)
    for one in hz:
        total += amplitude * np.sin(2 * np.pi * one * t)
    return total.astype(np.int16)


def beep() -> PCM:
    """A mailbox's record tone."""
    return tone(BEEP_MS, BEEP_HZ)


def music(duration_ms: int) -> PCM:
    """Notes without a pause between them, each with two overtones and a soft attack."""
    notes = []
    t = np.arange(MUSIC_NOTE_MS * SAMPLES_PER_MS) / RATE_HZ
    envelope = np.minimum(1.0, t / 0.02) * np.exp(-t * 2.0)
    for index in range(duration_ms // MUSIC_NOTE_MS + 1):
        hz = MUSIC_NOTES_HZ[index % len(MUSIC_NOTES_HZ)]
        wave = sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3))
        notes.append(3500 * envelope * wave)
    return np.concatenate(notes)[: duration_ms * SAMPLES_PER_MS].astype(np.int16)


def ringback() -> PCM:
    """One period of the ringing tone that a caller hears."""
    pause = np.zeros((RINGBACK_PERIOD_MS - RINGBACK_ON_MS) * SAMPLES_PER_MS, dtype=np.int16)
    return np.concatenate([tone(RINGBACK_ON_MS, *RINGBACK_HZ, amplitude=2500.0), pause])


def frames(pcm: PCM) -> Iterator[bytes]:
    """μ-law frames of 20 ms; the last one is padded with silence."""
    padded = np.concatenate([pcm, np.zeros(-pcm.size % FRAME_SAMPLES, dtype=np.int16)])
    coded = mulaw.encode_pcm(padded)
    for at in range(0, len(coded), FRAME_SAMPLES):
        yield coded[at : at + FRAME_SAMPLES]
