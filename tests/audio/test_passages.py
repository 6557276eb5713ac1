"""Where a recording has speech."""

import numpy as np

from tests.fakes.call_rig import clip
from voice_engine.audio.passages import MOST_MS, passages

SILENCE = np.zeros(8 * 2_000, dtype=np.int16)


def test_two_sentences_with_a_pause_are_two_passages_without_the_silence() -> None:
    speech = clip(ms=2_000)

    found = passages(np.concatenate([SILENCE, speech, SILENCE, speech, SILENCE]))

    assert len(found) == 2
    assert all(1_500 <= part.size / 8 <= 2_700 for part in found)


def test_silence_and_a_click_hold_no_speech() -> None:
    click = np.concatenate([SILENCE, np.full(160, 20_000, dtype=np.int16), SILENCE])

    assert passages(SILENCE) == []
    assert passages(click) == []


def test_whoever_never_pauses_is_cut_and_loses_nothing() -> None:
    """A minute of speech in pieces that a recognizer takes; together they are all of it."""
    speech = np.concatenate([clip(ms=2_000)[2_000:14_000]] * 40)

    found = passages(speech)

    assert len(found) >= 2
    assert all(part.size / 8 <= MOST_MS + 600 for part in found)
    assert sum(part.size for part in found) > 0.95 * speech.size
