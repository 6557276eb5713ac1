"""Line impairments do what their numbers say, and the same again for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.speech import tone, utterances
from voice_engine.audio import mixing
from voice_engine.audio.frames import FRAME_SAMPLES, PCM
from voice_engine.audio.level import active_dbfs, pcm_dbfs


def test_gain_is_in_db_and_clips() -> None:
    assert pcm_dbfs(mixing.gain(tone(200, 500, level_dbfs=-20), -6)) == pytest.approx(-26, abs=0.1)
    assert mixing.gain(np.array([30_000, -30_000], dtype=np.int16), 12).tolist() == [32767, -32768]


def test_speech_is_set_to_its_active_level() -> None:
    assert active_dbfs(mixing.at_level(utterances("es")[0], -30.0)) == pytest.approx(-30.0, abs=0.1)
    assert not mixing.at_level(np.zeros(160, dtype=np.int16), -30.0).any()


def test_signals_are_summed_and_the_shorter_padded() -> None:
    mixed = mixing.mix(np.array([1, 2, 3], dtype=np.int16), np.array([10], dtype=np.int16))

    assert mixed.tolist() == [11, 2, 3]
    assert mixing.mix(np.array([32767], dtype=np.int16), np.array([32767], dtype=np.int16)).tolist() == [32767]
    assert mixing.mix().size == 0


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 25.0])
def test_noise_lies_so_far_below_the_speech(snr_db: float) -> None:
    speech = mixing.at_level(utterances("en")[0], -22.0)

    noise = mixing.at_snr(speech, mixing.white_noise(8000, -30.0, seed=1), snr_db).astype(np.int32) - speech

    assert pcm_dbfs(noise.astype(np.int16)) == pytest.approx(-22.0 - snr_db, abs=0.3)


def test_a_delay_keeps_the_length() -> None:
    delayed = mixing.delayed(np.arange(1, 161, dtype=np.int16), 5.0)

    assert delayed.size == 160
    assert delayed[:42].tolist() == [0] * 40 + [1, 2]
    assert not mixing.delayed(np.ones(80, dtype=np.int16), 20.0).any()


@pytest.mark.parametrize(
    ("noise", "level_dbfs"),
    [
        (mixing.white_noise(16_000, -40.0, seed=1), -40.0),
        (mixing.pink_noise(16_000, -40.0, seed=1), -40.0),
        (mixing.line_noise(16_000, -40.0, seed=1), -40.0),
        (mixing.hum(16_000, -40.0), -40.0),
    ],
    ids=["white", "pink", "line", "hum"],
)
def test_noise_has_the_level_it_is_asked_for(noise: PCM, level_dbfs: float) -> None:
    assert pcm_dbfs(noise) == pytest.approx(level_dbfs, abs=0.7)


def test_pink_noise_falls_three_db_an_octave() -> None:
    power = np.abs(np.fft.rfft(mixing.pink_noise(80_000, -20.0, seed=3).astype(np.float64))) ** 2

    octaves = [10 * np.log10(power[hz * 10 : hz * 20].mean()) for hz in (250, 500, 1000)]

    assert np.diff(octaves) == pytest.approx([-3.0, -3.0], abs=0.5)


def test_the_same_seed_gives_the_same_noise_and_another_one_another() -> None:
    first, again, other = (mixing.line_noise(800, -40.0, seed=seed) for seed in (1, 1, 7))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@given(loss=st.floats(0.0, 0.4), burst=st.floats(1.0, 5.0), seed=st.integers(0, 2**32))
def test_packets_are_lost_as_often_and_in_bursts_as_asked(loss: float, burst: float, seed: int) -> None:
    pattern = mixing.loss_pattern(20_000, loss, seed=seed, burst_frames=burst)

    assert pattern.mean() == pytest.approx(loss, abs=0.03)
    starts = int((np.diff(pattern.astype(np.int8), prepend=0) == 1).sum())
    if loss > 0.05:
        assert pattern.sum() / starts == pytest.approx(burst, rel=0.25)


def test_all_or_nothing_may_be_lost() -> None:
    assert mixing.loss_pattern(100, 1.0, seed=1).all()
    assert not mixing.loss_pattern(100, 0.0, seed=1).any()


def test_a_lost_packet_is_a_frame_of_silence() -> None:
    pcm = np.ones(10 * FRAME_SAMPLES + 7, dtype=np.int16)

    lost = mixing.lose_packets(pcm, 0.4, seed=5)

    assert lost.size == pcm.size
    whole = lost[: 10 * FRAME_SAMPLES].reshape(10, FRAME_SAMPLES)
    assert {tuple(np.unique(frame)) for frame in whole} == {(0,), (1,)}
