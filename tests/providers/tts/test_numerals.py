"""Numbers as words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.providers.tts.numerals import cardinal, clock, digits, english_ordinal, english_year


@pytest.mark.parametrize(
    ("number", "english", "spanish"),
    [
        (0, "zero", "cero"),
        (16, "sixteen", "dieciséis"),
        (22, "twenty two", "veintidós"),
        (45, "forty five", "cuarenta y cinco"),
        (100, "one hundred", "cien"),
        (115, "one hundred fifteen", "ciento quince"),
        (999, "nine hundred ninety nine", "novecientos noventa y nueve"),
        (1000, "one thousand", "mil"),
        (2026, "two thousand twenty six", "dos mil veintiséis"),
        (21_000, "twenty one thousand", "veintiún mil"),
        (999_999, "nine hundred ninety nine thousand nine hundred ninety nine",
         "novecientos noventa y nueve mil novecientos noventa y nueve"),
    ],
)  # fmt: skip
def test_cardinals(number: int, english: str, spanish: str) -> None:
    assert (cardinal(number, "en"), cardinal(number, "es")) == (english, spanish)


@given(st.integers(0, 999_999), st.integers(0, 999_999), st.sampled_from(["en", "es"]))
def test_different_numbers_sound_different(first: int, second: int, language: str) -> None:
    assert (cardinal(first, language) == cardinal(second, language)) == (first == second)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "first"), (2, "second"), (12, "twelfth"), (20, "twentieth"), (31, "thirty first")]
)
def test_ordinals(number: int, words: str) -> None:
    assert english_ordinal(number) == words


@pytest.mark.parametrize(
    ("year", "words"), [(1999, "nineteen ninety nine"), (1905, "nineteen oh five"), (1800, "eighteen hundred")]
)
def test_years(year: int, words: str) -> None:
    assert english_year(year) == words


def test_digits_one_by_one() -> None:
    assert (digits("012", "en"), digits("012", "es")) == ("zero one two", "cero uno dos")


@given(st.integers(0, 24), st.integers(0, 59), st.sampled_from([None, "a", "p"]), st.sampled_from(["en", "es"]))
def test_every_time_of_day_can_be_said(hour: int, minute: int, half: str | None, language: str) -> None:
    words = clock(hour, minute, half, language)

    assert words == words.strip()
    assert not any(character.isdigit() for character in words)
