"""Length, pitch and energy after resampling, and that nothing leaks from one signal into the next."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.speech import utterances
from voice_engine.audio.frames import PCM
from voice_engine.audio.level import pcm_dbfs
from voice_engine.audio.mixing import white_noise
from voice_engine.audio.resample import Resampler, resample


def sine(hertz: float, rate_hz: int, ms: int = 400) -> PCM:
    return (10_000 * np.sin(2 * np.pi * hertz * np.arange(rate_hz * ms // 1000) / rate_hz)).astype(np.int16)


@pytest.mark.parametrize(("source", "target"), [(24_000, 8000), (16_000, 8000), (22_050, 8000), (8000, 16_000)])
def test_a_tone_keeps_its_pitch_length_and_level(source: int, target: int) -> None:
    out = resample(sine(1000, source), source, target)

    assert out.size == pytest.approx(target * 0.4, abs=1)
    middle = out[out.size // 4 : -out.size // 4]
    assert pcm_dbfs(middle) == pytest.approx(pcm_dbfs(sine(1000, source)), abs=0.1)
    peak = int(np.abs(np.fft.rfft(middle * np.hanning(middle.size))).argmax())
    assert peak * target / middle.size == pytest.approx(1000, abs=target / middle.size)


def test_what_the_telephone_cannot_carry_is_filtered_out() -> None:
    assert pcm_dbfs(resample(sine(6000, 24_000), 24_000, 8000)[400:-400]) < -80


@given(st.lists(st.integers(0, 700), min_size=1, max_size=12))
def test_chunks_give_the_same_as_the_whole(sizes: list[int]) -> None:
    whole = white_noise(sum(sizes), -20.0, seed=1)
    converter = Resampler(24_000, 8000)

    parts = [converter.push(part) for part in np.split(whole, np.cumsum(sizes)[:-1])]

    streamed = np.concatenate([*parts, converter.flush()])
    assert np.array_equal(streamed, resample(whole, 24_000, 8000))


@pytest.mark.parametrize("end", ["reset", "flush"])
def test_nothing_of_one_signal_is_heard_in_the_next(end: str) -> None:
    converter = Resampler(24_000, 8000)
    converter.push(white_noise(2400, -10.0, seed=2))
    converter.reset() if end == "reset" else converter.flush()

    after = np.concatenate([converter.push(np.zeros(2400, dtype=np.int16)), converter.flush()])

    assert after.size == 800
    assert not after.any()


def test_the_same_rate_is_a_copy_of_nothing() -> None:
    speech = utterances("en")[0]
    converter = Resampler(8000, 8000)

    assert converter.push(speech) is speech
    assert converter.flush().size == 0
    converter.reset()


def test_full_scale_is_clipped_and_does_not_wrap_around() -> None:
    """A square wave overshoots in the filter; wrapped samples would be loud clicks."""
    square = np.repeat(np.resize(np.array([32767, -32768], dtype=np.int16), 40), 60)

    out = resample(square, 24_000, 8000).astype(np.int32)

    assert np.abs(np.diff(out)).max() <= 65_535
    assert out.max() == 32767
    assert (np.sign(out[10:-10:20]) == np.sign(out[12:-8:20])).all()
