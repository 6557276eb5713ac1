"""Written text made speakable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.providers.tts.spoken import sentences, spoken


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("at 8:30 PM", "at eight thirty P M"),
        ("at 7:05", "at seven oh five"),
        ("at 20:00", "at eight P M"),
        ("at 12:00", "at twelve o'clock"),
        ("until 00:15", "until twelve fifteen A M"),
        ("at 5pm.", "at five P M"),
        ("a table for 4", "a table for four"),
        ("5 5 5, 0 1 0 0", "five five five, zero one zero zero"),
        ("555-0100", "five five five, zero one zero zero"),
        ("+15550100123", "plus one, five five five, zero one zero, zero one two three"),
        ("code 0420", "code zero four two zero"),
        ("code 12345678", "code one two three four five six seven eight"),
        ("code AB-12", "code A B, one two"),
        ("room 214", "room two hundred fourteen"),
        ("$45.50", "forty five dollars and fifty"),
        ("$1", "one dollar"),
        ("1,250 guests", "one thousand two hundred fifty guests"),
        ("in 1999", "in nineteen ninety nine"),
        ("on 2026-02-14", "on February fourteenth"),
        ("the 22nd", "the twenty second"),
        ("3.5%", "three point five percent"),
        ("on 2026-13-45", "on two zero two six one three four five"),
        ("a ratio of 45:99", "a ratio of forty five ninety nine"),
        ("No digits at all.", "No digits at all."),
    ],
)
def test_english(written: str, heard: str) -> None:
    assert spoken(written, "en") == heard


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("a las 20:30", "a las ocho y media de la noche"),
        ("a las 8:15 p.m.", "a las ocho y cuarto de la noche."),
        ("a las 5 p. m. en punto", "a las cinco de la tarde en punto"),
        ("a la 1:00", "a la una"),
        ("a las 9:40", "a las nueve y cuarenta"),
        ("mesa para 4", "mesa para cuatro"),
        ("código 0123", "código cero uno dos tres"),
        ("el 600 123 456", "el seiscientos ciento veintitrés cuatrocientos cincuenta y seis"),
        ("+34 600 123 456", "más tres cuatro, seis cero cero, uno dos tres, cuatro cinco seis"),
        ("$21.00", "veintiún dólares"),
        ("31 €", "treinta y un euros"),
        ("€31", "treinta y un euros"),
        ("31000", "treinta y un mil"),
        ("2026-02-01", "primero de febrero"),
        ("100 y 101", "cien y ciento uno"),
    ],
)
def test_spanish(written: str, heard: str) -> None:
    assert spoken(written, "es") == heard


@given(st.text(max_size=60), st.sampled_from(["en", "es"]))
def test_no_figure_is_left_and_nothing_raises(text: str, language: str) -> None:
    """A model that meets a figure reads it in its own way, or skips it."""
    assert not re.search(r"[0-9]", spoken(text, language))


def test_other_languages_are_left_alone() -> None:
    assert spoken("um 8:30", "de") == "um 8:30"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello there. How are you?", ["Hello there.", "How are you?"]),
        ("Dr. Smith will see you. Goodbye!", ["Dr. Smith will see you.", "Goodbye!"]),
        ("¿Sí? Vale.", ["¿Sí?", "Vale."]),
        ("It is 3.5 percent", ["It is 3.5 percent"]),
        ('He said "yes." Then he left.', ['He said "yes."', "Then he left."]),
        ("   ", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert list(sentences(text)) == parts


@given(st.text(alphabet="ab .!?\n", max_size=40))
def test_sentences_lose_no_word(text: str) -> None:
    assert " ".join(sentences(text)).split() == text.split()
