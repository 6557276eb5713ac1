"""Who answered, from what the line says: verdicts and when they come."""

import numpy as np
import pytest

from tests.carrier.lines import tone
from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.carrier import sounds
from voice_engine.carrier.rest.amd import AmdSettings, MachineDetector


def silence(ms: int) -> PCM:
    return np.zeros(ms * 8, dtype=np.int16)


def speech(ms: int) -> PCM:
    """Four harmonics whose pitch glides, in syllables: nothing that a tone detector may take for a tone."""
    t = np.arange(ms * 8) / 8000
    pitch = 2 * np.pi * np.cumsum(140 + 30 * np.sin(2 * np.pi * 2.5 * t)) / 8000
    voice = sum(np.sin(k * pitch) / k for k in range(1, 12))
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)
    return (3000 * voice * syllables).astype(np.int16)


def heard(*parts: PCM, settings: AmdSettings | None = None) -> tuple[str | None, int]:
    """The verdict and the ms of the line at which it came."""
    detector = MachineDetector(settings or AmdSettings())
    for frame in sounds.frames(np.concatenate(parts)):
        verdict = detector.step(frame)
        if verdict is not None:
            return verdict, detector.duration_ms
    return None, detector.duration_ms


def test_a_short_greeting_is_a_human_as_soon_as_it_pauses() -> None:
    verdict, at_ms = heard(silence(400), speech(900), silence(3000))

    assert verdict == "human"
    assert at_ms == pytest.approx(400 + 900 + 1200, abs=60)


def test_a_long_greeting_is_a_machine_before_it_ends() -> None:
    verdict, at_ms = heard(silence(400), speech(6000), silence(3000))

    assert verdict == "machine_start"
    assert at_ms == pytest.approx(400 + 2400, abs=60)


def test_short_pauses_within_a_greeting_do_not_make_it_human() -> None:
    parts = [part for _ in range(4) for part in (speech(800), silence(300))]

    assert heard(*parts, silence(3000))[0] == "machine_start"


def test_a_mailbox_is_told_of_at_its_tone_when_asked_for_its_end() -> None:
    greeting = (silence(400), speech(4000), silence(400), sounds.beep(), silence(2000))

    verdict, at_ms = heard(*greeting, settings=AmdSettings(message_end=True))

    assert verdict == "machine_end_beep"
    assert at_ms == pytest.approx(400 + 4000 + 400 + sounds.BEEP_MS, abs=200)


def test_a_mailbox_without_a_tone_ends_in_silence() -> None:
    verdict, _ = heard(speech(4000), silence(5000), settings=AmdSettings(message_end=True))

    assert verdict == "machine_end_silence"


def test_a_greeting_without_an_end_times_out() -> None:
    settings = AmdSettings(message_end=True, timeout_ms=5000)

    assert heard(speech(8000), settings=settings) == ("machine_end_other", 5000)


def test_a_line_that_says_nothing_is_unknown() -> None:
    assert heard(silence(8000)) == ("unknown", 5000)


@pytest.mark.parametrize("hz", [1100.0, 2100.0])
def test_fax_tones_are_a_fax(hz: float) -> None:
    verdict, at_ms = heard(silence(500), sounds.tone(3000, hz), silence(1000))

    assert (verdict, at_ms) == ("fax", 1000)


@pytest.mark.parametrize("hz", [400.0, 1000.0, 1700.0])
def test_other_tones_are_no_fax(hz: float) -> None:
    assert heard(tone(3000, hz), silence(2000))[0] != "fax"


def test_thresholds_are_the_caller_s() -> None:
    greeting = (speech(1500), silence(3000))

    assert heard(*greeting)[0] == "human"
    assert heard(*greeting, settings=AmdSettings(speech_ms=1000))[0] == "machine_start"


def test_line_noise_is_silence() -> None:
    noise = np.random.default_rng(7).normal(0, 60, 64_000).astype(np.int16)

    assert heard(noise)[0] == "unknown"
    assert mulaw.encode_pcm(noise) != mulaw.silence(noise.size)
