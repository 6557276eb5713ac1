"""A finished sentence: its silences and its level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.stt import silence, speech
from voice_engine.providers.tts.loudness import LEAD_MS, TAIL_MS, TARGET_DBFS, finish


def dbfs(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / 32768))


@given(st.integers(0, 1500), st.integers(0, 1500), st.integers(60, 20_000))
def test_silences_and_level_come_out_the_same_whatever_went_in(lead: int, tail: int, amplitude: int) -> None:
    spoken = speech(500, amplitude=amplitude)

    finished = finish(np.concatenate([silence(lead), spoken, silence(tail)]))

    body = finished[(LEAD_MS + 20) * 8 : -(TAIL_MS + 20) * 8]
    assert len(finished) // 8 == pytest.approx(500 + LEAD_MS + TAIL_MS, abs=20)
    assert dbfs(body) == pytest.approx(TARGET_DBFS, abs=0.3)
    assert not finished[: (LEAD_MS - 20) * 8].any()


def test_peaks_are_limited_below_full_scale() -> None:
    """Speech with a high crest factor must not clip to reach the level."""
    pcm = speech(500, amplitude=300)
    pcm[2000] = 3000

    assert np.abs(finish(pcm)).max() <= 0.89 * 32768 + 1


def test_pauses_inside_do_not_count_as_level() -> None:
    """A long pause in a sentence must not make its words louder."""
    finished = finish(np.concatenate([speech(300), silence(2000), speech(300)]))

    assert dbfs(finished[(LEAD_MS + 20) * 8 : (LEAD_MS + 280) * 8]) == pytest.approx(TARGET_DBFS, abs=0.3)


@pytest.mark.parametrize("pcm", [silence(0), silence(500)])
def test_silence_has_nothing_to_say(pcm: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
    assert len(finish(pcm)) == 0
