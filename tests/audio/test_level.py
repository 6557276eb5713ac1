"""dBFS as defined here: 0 is an rms of 32768."""

import numpy as np
import pytest

from tests.audio.speech import silence, tone
from voice_engine.audio import level
from voice_engine.audio.frames import PCM


def square(amplitude: int) -> PCM:
    return np.resize(np.array([amplitude, -amplitude], dtype=np.int16), 1600)


@pytest.mark.parametrize(("amplitude", "dbfs"), [(16384, -6.02), (3277, -20.0), (104, -49.97)])
def test_a_square_wave_has_its_amplitudes_level(amplitude: int, dbfs: float) -> None:
    assert level.dbfs(square(amplitude).tobytes()) == pytest.approx(dbfs, abs=0.1)
    assert level.pcm_dbfs(square(amplitude)) == pytest.approx(dbfs, abs=0.1)


def test_silence_and_nothing_have_the_lowest_level() -> None:
    assert level.dbfs(bytes(320)) == level.dbfs(b"") == level.SILENCE_DBFS
    assert level.pcm_dbfs(silence(20)) == level.pcm_dbfs(silence(0)) == level.SILENCE_DBFS


def test_rms_and_level_are_inverse() -> None:
    assert level.from_rms(level.to_rms(-33.0)) == pytest.approx(-33.0)


def test_pauses_do_not_count_in_the_active_level() -> None:
    speech = np.concatenate([tone(400, 300, level_dbfs=-20), silence(3600)])

    assert level.active_dbfs(speech) == pytest.approx(-20, abs=0.2)
    assert level.pcm_dbfs(speech) == pytest.approx(-30, abs=0.2)


def test_less_than_a_frame_is_measured_whole() -> None:
    assert level.active_dbfs(square(16384)[:100]) == pytest.approx(-6.02, abs=0.01)
