"""DTMF by the limits of ITU-T Q.24: what must be heard, what must not, and that speech never is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.speech import frames, on_line, silence, talk, tone
from voice_engine.audio.dtmf import COLUMNS_HZ, KEYS, ROWS_HZ, DtmfDetector, generate
from voice_engine.audio.frames import PCM
from voice_engine.audio.level import pcm_dbfs
from voice_engine.audio.mixing import at_snr, codec_pass, gain, mix, white_noise

ALL = "123A456B789C*0#D"


def digits(pcm: PCM) -> str:
    detector = DtmfDetector()
    return "".join(found for frame in frames(pcm) if (found := detector.step(frame.tobytes())))


def pair(row_hz: float, column_hz: float, *, ms: int = 100, twist_db: float = 0.0) -> PCM:
    """One digit, `twist_db` the high tone's level over the low one's."""
    low = tone(ms, row_hz, level_dbfs=-18.0 - max(0.0, twist_db))
    high = tone(ms, column_hz, level_dbfs=-18.0 + min(0.0, twist_db))
    return np.concatenate([mix(low, high), silence(100)])


def test_every_key_is_heard_once() -> None:
    assert digits(on_line(generate(ALL))) == ALL


@given(
    st.text(alphabet="".join(KEYS), max_size=12), st.integers(40, 200), st.integers(40, 200), st.integers(0, 159)
)
def test_what_is_generated_is_heard(keys: str, tone_ms: int, gap_ms: int, offset: int) -> None:
    """Whatever the lengths (Q.24: 40 ms and more) and wherever the frames cut it."""
    shifted = np.concatenate(
        [np.zeros(offset, np.int16), generate(keys, tone_ms=tone_ms, gap_ms=gap_ms), silence(40)]
    )

    assert digits(shifted) == keys


def test_short_bursts_are_no_digits() -> None:
    """Q.24's national limits lie between 20 and 24 ms."""
    assert digits(generate(ALL, tone_ms=20, gap_ms=80)) == ""


def test_a_short_interruption_does_not_double_a_digit() -> None:
    """Q.24: an interruption of up to 10 ms is one signal."""
    for start in range(780, 884):
        held = generate("5", tone_ms=200, gap_ms=60)
        held[start : start + 80] = 0

        assert digits(held) == "5"


@pytest.mark.parametrize("shift", [-0.015, 0.015])
def test_frequencies_within_one_and_a_half_percent_are_heard(shift: float) -> None:
    heard = [digits(pair(row * (1 + shift), column * (1 + shift))) for row in ROWS_HZ for column in COLUMNS_HZ]

    assert "".join(heard) == ALL


@pytest.mark.parametrize("shift", [-0.06, 0.06])
def test_frequencies_far_off_are_not(shift: float) -> None:
    """Q.24 refuses from 3.5 %; blocks of 13 ms can tell apart from about 5 %."""
    assert digits(np.concatenate([pair(row * (1 + shift), 1336 * (1 + shift)) for row in ROWS_HZ])) == ""


@pytest.mark.parametrize(("twist_db", "heard"), [(-6.0, "5"), (4.0, "5"), (7.0, "5"), (-12.0, ""), (12.0, "")])
def test_twist_is_limited(twist_db: float, heard: str) -> None:
    assert digits(pair(770, 1336, twist_db=twist_db)) == heard


def test_digits_stand_out_of_noise() -> None:
    noisy = at_snr(generate(ALL), white_noise(8000, -30.0, seed=1), 12.0)

    assert digits(codec_pass(noisy)) == ALL


def test_quiet_digits_are_heard_and_faint_ones_are_crosstalk() -> None:
    assert digits(gain(generate("159"), -20.0)) == "159"
    assert digits(gain(generate("159"), -32.0)) == ""


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("level_dbfs", [-30.0, -20.0, -10.0])
def test_speech_is_never_a_digit(language: str, level_dbfs: float) -> None:
    """Talk-off."""
    assert digits(codec_pass(talk(language, level_dbfs=level_dbfs))) == ""


@pytest.mark.parametrize("hertz", [(697.0,), (1336.0,), (480.0, 620.0), (697.0, 770.0), (770.0, 1336.0, 1000.0)])
def test_other_tones_are_no_digits(hertz: tuple[float, ...]) -> None:
    assert digits(tone(400, *hertz)) == ""


def test_a_wait_is_half_a_second() -> None:
    assert generate("w").size == 4000
    assert not generate("w").any()


def test_the_level_is_that_of_both_tones_together() -> None:
    assert pcm_dbfs(generate("5", gap_ms=0, level_dbfs=-20.0)) == pytest.approx(-20.0, abs=0.2)
