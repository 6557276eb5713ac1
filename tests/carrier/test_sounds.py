"""The network's sounds as our own detector and anybody's ear know them."""

import numpy as np
import pytest

from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.audio.tones import Tone, ToneDetector
from voice_engine.carrier import sounds


def named(pcm: PCM) -> list[Tone]:
    detector = ToneDetector()
    padded = np.concatenate([pcm, np.zeros(8000, dtype=np.int16)])
    tones = [detector.step(mulaw.decode_pcm(frame)) for frame in sounds.frames(padded)]
    return [tone for tone in tones if tone is not None]


def test_a_beep_is_a_beep_and_ringing_is_ringing() -> None:
    assert named(sounds.beep()) == [Tone.BEEP]
    assert named(sounds.ringback()) == [Tone.RINGBACK]


def test_a_fax_s_answer_is_2100_hz() -> None:
    pcm = sounds.tone(sounds.FAX_MS, sounds.FAX_HZ)[:8000]

    assert np.abs(np.fft.rfft(pcm.astype(float))).argmax() == 2100


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 161])
def test_frames_are_whole(samples: int) -> None:
    pcm = np.full(samples, 1000, dtype=np.int16)
    frames = list(sounds.frames(pcm))

    assert all(len(frame) == 160 for frame in frames)
    assert len(frames) == -(-samples // 160)
    assert not mulaw.decode_pcm(b"".join(frames))[samples:].any()


def test_music_has_no_pause() -> None:
    levels = [np.abs(mulaw.decode_pcm(frame)).max() for frame in sounds.frames(sounds.music(2000))]

    assert len(levels) == 100
    assert min(levels) > 200
