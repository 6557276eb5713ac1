"""The ringback that we play is the one that we would recognise."""

import pytest

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_SAMPLES
from voice_engine.audio.ringback import CADENCES, ringback
from voice_engine.audio.tones import Tone, ToneDetector
from voice_engine.ports.call import Language


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_cycle_is_heard_as_ringback_and_lasts_as_its_cadence(language: Language) -> None:
    """By our own detector of call-progress tones, which was written from the same recommendation."""
    audio, cadence, detector = ringback(language), CADENCES[language], ToneDetector()
    pcm = mulaw.decode_pcm(audio)

    frames = [pcm[at : at + FRAME_SAMPLES] for at in range(0, pcm.size, FRAME_SAMPLES)]
    named = [tone for frame in frames if (tone := detector.step(frame)) is not None]

    assert named == [Tone.RINGBACK]
    assert len(audio) == (cadence.on_ms + cadence.off_ms) * 8
    assert not pcm[cadence.on_ms * 8 :].any()
