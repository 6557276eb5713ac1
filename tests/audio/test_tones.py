"""Beeps and call-progress tones, quiet and in noise, and nothing of the kind in speech."""

import numpy as np
import pytest

from tests.audio.speech import frames, on_line, silence, talk, tone
from voice_engine.audio.frames import PCM
from voice_engine.audio.tones import BeepDetector, Tone, ToneDetector

NOISE = pytest.mark.parametrize("noise_dbfs", [-65.0, -45.0, -32.0])


def heard(pcm: PCM) -> list[Tone]:
    detector = ToneDetector()
    return [found for frame in frames(pcm) if (found := detector.step(frame)) is not None]


def pulses(count: int, on_ms: int, off_ms: int, *hertz: float) -> list[PCM]:
    return [part for _ in range(count) for part in (tone(on_ms, *hertz), silence(off_ms))]


@NOISE
@pytest.mark.parametrize(
    ("ms", "hertz"), [(140, 440.0), (200, 800.0), (400, 1000.0), (300, 1400.0), (1000, 1000.0), (250, 1950.0)]
)
def test_a_record_tone_is_a_beep(ms: int, hertz: float, noise_dbfs: float) -> None:
    assert heard(on_line(silence(400), tone(ms, hertz), silence(600), noise_dbfs=noise_dbfs)) == [Tone.BEEP]


def test_a_beep_is_told_soon_after_its_end() -> None:
    detector = BeepDetector()
    line = on_line(silence(500), tone(400, 1000.0), silence(600))

    told = [index * 20 for index, frame in enumerate(frames(line)) if detector.step(frame)]

    assert len(told) == 1
    assert 900 <= told[0] <= 1000


def test_a_beep_after_a_greeting_is_told_and_the_greeting_is_not() -> None:
    line = on_line(talk("en"), silence(200), tone(350, 1000.0), silence(400))

    assert heard(line) == [Tone.BEEP]


@pytest.mark.parametrize("ms", [60, 80])
def test_a_click_is_no_beep(ms: int) -> None:
    assert heard(on_line(silence(300), tone(ms, 1000.0), silence(400))) == []


def test_a_tone_without_end_is_no_beep() -> None:
    assert heard(on_line(tone(4000, 1000.0), silence(400))) == []


def test_a_note_that_decays_is_no_beep() -> None:
    note = tone(400, 880.0)
    fading = (note * np.exp(-np.arange(note.size) / 1600)).astype(np.int16)

    assert heard(on_line(silence(200), fading, silence(400))) == []


@pytest.mark.parametrize("hertz", [300.0, 2300.0])
def test_a_tone_out_of_range_is_no_beep(hertz: float) -> None:
    assert heard(on_line(silence(200), tone(300, hertz), silence(400))) == []


@NOISE
@pytest.mark.parametrize(
    ("on_ms", "off_ms", "hertz"),
    [
        (500, 500, (480.0, 620.0)),
        (250, 250, (480.0, 620.0)),
        (200, 200, (425.0,)),
        (500, 500, (425.0,)),
    ],
    ids=["busy", "congestion", "busy in Spain", "busy in Europe"],
)
def test_busy_is_told_at_its_second_pulse(
    on_ms: int, off_ms: int, hertz: tuple[float, ...], noise_dbfs: float
) -> None:
    assert heard(on_line(*pulses(2, on_ms, off_ms, *hertz), noise_dbfs=noise_dbfs)) == [Tone.BUSY]


@NOISE
@pytest.mark.parametrize(
    ("on_ms", "hertz"), [(2000, (440.0, 480.0)), (1500, (425.0,)), (1000, (425.0,))], ids=["US", "Spain", "Europe"]
)
def test_ringback_is_told_at_the_end_of_each_ring(on_ms: int, hertz: tuple[float, ...], noise_dbfs: float) -> None:
    assert heard(on_line(*pulses(2, on_ms, 3000, *hertz), noise_dbfs=noise_dbfs)) == [Tone.RINGBACK] * 2


@NOISE
@pytest.mark.parametrize(
    "steps",
    [
        ((276, 914.0), (276, 1371.0), (380, 1777.0)),
        ((380, 985.0), (276, 1429.0), (380, 1777.0)),
        ((330, 950.0), (330, 1400.0), (330, 1800.0)),
    ],
    ids=["reorder", "vacant", "international"],
)
def test_three_rising_tones_are_sit_and_no_beep(steps: tuple[tuple[int, float], ...], noise_dbfs: float) -> None:
    line = on_line(silence(200), *(tone(ms, hertz) for ms, hertz in steps), silence(600), noise_dbfs=noise_dbfs)

    assert heard(line) == [Tone.SIT]


@NOISE
def test_a_calling_fax_is_told(noise_dbfs: float) -> None:
    assert heard(on_line(*pulses(2, 500, 3000, 1100.0), noise_dbfs=noise_dbfs)) == [Tone.FAX] * 2


def test_one_pulse_or_uneven_ones_are_not_busy() -> None:
    assert heard(on_line(*pulses(1, 500, 900, 480.0, 620.0))) == []
    assert heard(on_line(*pulses(2, 500, 1500, 480.0, 620.0))) == []
    assert heard(on_line(tone(500, 480.0, 620.0), silence(500), tone(500, 350.0, 440.0), silence(300))) == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("level_dbfs", [-30.0, -16.0])
def test_speech_holds_no_tones(language: str, level_dbfs: float) -> None:
    assert heard(on_line(talk(language, level_dbfs=level_dbfs), noise_dbfs=-60.0)) == []


def test_silence_and_noise_hold_no_tones() -> None:
    assert heard(on_line(silence(4000), noise_dbfs=-35.0)) == []
    assert heard(silence(400)) == []
