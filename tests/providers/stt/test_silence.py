"""Where speech is inside a chunk, and where a long one is cut."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.stt import silence, speech
from voice_engine.providers.stt.silence import KEEP_MS, is_silence, loudest, speech_span, split_at_pauses


def test_span_keeps_a_margin_around_the_speech() -> None:
    pcm = np.concatenate([silence(700), speech(500), silence(900)])

    assert speech_span(pcm) == ((700 - KEEP_MS) * 8, (1200 + KEEP_MS) * 8)


def test_margin_ends_at_the_chunk() -> None:
    assert speech_span(speech(500)) == (0, 4000)


def test_line_noise_alone_is_no_speech() -> None:
    """Idle telephone lines are not digitally silent."""
    noise = np.random.default_rng(1).normal(0, 40, 8000).astype(np.int16)

    assert speech_span(noise) == (0, 0)


def test_quiet_speech_is_found() -> None:
    """−40 dBFS: a faint caller."""
    start, stop = speech_span(np.concatenate([silence(500), speech(500, amplitude=460), silence(500)]))

    assert (stop - start) // 8 == 500 + 2 * KEEP_MS


def test_less_than_a_hop_is_no_speech() -> None:
    assert speech_span(speech(5)) == (0, 0)
    assert loudest(speech(5)) == 0.0


def test_silence_is_judged_beside_the_speech_of_the_line() -> None:
    """What would be a faint speaker's voice is the noise of a loud one's line."""
    faint = speech(200, amplitude=300)

    assert not is_silence(faint, beside=300)
    assert is_silence(faint, beside=12_000)


def test_long_speech_is_cut_in_its_pause() -> None:
    pcm = np.concatenate([speech(7000), silence(400), speech(7000)])

    first, second = split_at_pauses(pcm, max_ms=10_000)

    assert 7000 * 8 <= len(first) <= 7400 * 8
    assert len(first) + len(second) == len(pcm)


@given(st.integers(0, 60_000), st.integers(200, 20_000))
def test_pieces_are_the_whole_and_none_is_longer_than_asked(ms: int, max_ms: int) -> None:
    pcm = np.arange(ms, dtype=np.int64).astype(np.int16)

    pieces = split_at_pauses(pcm, max_ms=max_ms)

    assert np.array_equal(np.concatenate(pieces), pcm)
    assert all(len(piece) <= max_ms * 8 for piece in pieces)
