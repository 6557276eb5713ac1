"""Played audio mapped to words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.playout.words import QUIET, heard_words, leading_quiet, spoken_weight, trailing_quiet

SENTENCE = "Would eight thirty be possible?"


def test_nothing_played_is_nothing_heard() -> None:
    assert heard_words(SENTENCE, 0.0) == ""


def test_all_played_is_the_very_text() -> None:
    assert heard_words("  A  odd   text. ", 1.0) == "  A  odd   text. "


def test_a_word_counts_when_more_than_half_of_it_was_played() -> None:
    assert heard_words("seven seven", 0.24) == ""
    assert heard_words("seven seven", 0.26) == "seven"
    assert heard_words("seven seven", 0.74) == "seven"
    assert heard_words("seven seven", 0.76) == "seven seven"


def test_an_empty_text_is_never_heard_in_part() -> None:
    assert heard_words("", 0.5) == ""


def test_a_long_word_takes_more_time_than_a_short_one() -> None:
    assert heard_words("a reservation", 0.3) == "a"
    assert heard_words("reservation a", 0.3) == ""


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [("reservation", "table"), ("555-0100", "number"), ("12345", "1234"), ("WKRP", "work"), ("8:30", "at")],
)
def test_numbers_and_spelled_letters_weigh_as_they_are_spoken(longer: str, shorter: str) -> None:
    assert spoken_weight(longer) > spoken_weight(shorter)


def test_a_pause_after_a_comma_belongs_to_no_word() -> None:
    """While the pause plays, the next word is not yet heard."""
    without = next(f for f in range(100) if heard_words("well no", f / 100) == "well no")
    with_comma = next(f for f in range(100) if heard_words("well, no", f / 100) == "well, no")

    assert with_comma > without


@given(st.text(alphabet="abc 1,.", max_size=60), st.floats(0, 1), st.floats(0, 1))
def test_what_is_heard_is_a_prefix_and_only_grows(text: str, first: float, second: float) -> None:
    less, more = sorted((first, second))

    assert text.startswith(heard_words(text, less))
    assert heard_words(text, more).startswith(heard_words(text, less))


def test_silence_at_the_ends_is_measured_in_the_audio() -> None:
    audio = b"\xff" * 300 + b"\x20\xff\x20" + b"\x7f\xfe" * 50

    assert leading_quiet(audio) == 300
    assert trailing_quiet(audio) == 100
    assert leading_quiet(b"\xff" * 10) == 10


def test_quiet_is_the_lowest_quarter_of_codes_of_either_sign() -> None:
    assert len(QUIET) == 64
    assert {0xFF, 0x7F} <= set(QUIET)
    assert not {0x00, 0x80, 0x20, 0xA0} & set(QUIET)
