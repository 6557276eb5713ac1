"""Facts are found with their roles, however they are said or written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.core.dialogue.llm.facts import Fact, Kind
from voice_engine.core.dialogue.llm.scan import find_facts
from voice_engine.ports.call import Language

TIME, DAY, COUNT, WEEKDAY = Kind.TIME, Kind.DAY, Kind.COUNT, Kind.WEEKDAY


def facts(text: str, language: Language) -> list[tuple[object, ...]]:
    return [(fact.kind, *fact.value) for fact in find_facts(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a table for four on Saturday, February 14th 2026 at 8:30 p.m.",
            [(COUNT, "people", 4), (WEEKDAY, 5), (DAY, 2, 14), (TIME, 20, 30, True)],
        ),
        ("table for eight at four", [(COUNT, "people", 8), (TIME, 4, 0, False)]),
        ("eight thirty, or half past nine", [(TIME, 8, 30, False), (TIME, 9, 30, False)]),
        ("quarter to ten tonight", [(TIME, 21, 45, True), (Kind.RELATIVE, 0)]),
        ("between seven and nine in the evening", [(TIME, 19, 0, True), (TIME, 21, 0, True)]),
        ("at nine o'clock for six people", [(TIME, 9, 0, False), (COUNT, "people", 6)]),
        ("at eight oh five", [(TIME, 8, 5, False)]),
        ("at 8.30 pm, that is 8.30 dollars", [(TIME, 20, 30, True), (Kind.MONEY, 8.3)]),
        ("on the twenty-first, the 3rd of May", [(DAY, 0, 21), (DAY, 5, 3)]),
        ("the day after tomorrow at noon", [(Kind.RELATIVE, 2), (TIME, 12, 0, True)]),
        ("two hundred and fifty euros, $12.50", [(Kind.MONEY, 250), (Kind.MONEY, 12.5)]),
        (
            "two nights, four of us, twenty percent",
            [(COUNT, "night", 2), (COUNT, "people", 4), (COUNT, "percent", 20)],
        ),
        ("the code is one two three four five", [(Kind.DIGITS, "12345")]),
        ("5, 5, 5, 0, 1, 0, 0", [(Kind.DIGITS, "5550100")]),
        ("call +1 (555) 010-0123", [(Kind.DIGITS, "15550100123")]),
        ("2026-02-14", [(DAY, 2, 14)]),
        ("nine would be fine", [(Kind.NUMBER, 9)]),
        ("One moment, I am not sure, the first one may do. March on.", []),
        ("That will take one minute.", []),
    ],
)
def test_english_facts_have_their_roles(text: str, expected: list[tuple[object, ...]]) -> None:
    """Each line is a way in which a bare search for numbers goes wrong."""
    assert facts(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "una mesa para cuatro personas el sábado catorce de febrero a las ocho y media de la noche",
            [(COUNT, "people", 4), (WEEKDAY, 5), (DAY, 2, 14), (TIME, 20, 30, True)],
        ),
        ("a las 20:30 o a las nueve menos cuarto", [(TIME, 20, 30, True), (TIME, 8, 45, False)]),
        ("a las 8 p. m.", [(TIME, 20, 0, True)]),
        ("mañana por la mañana a las diez", [(Kind.RELATIVE, 1), (TIME, 10, 0, False)]),
        ("pasado mañana a las veinte horas", [(Kind.RELATIVE, 2), (TIME, 20, 0, True)]),
        ("entre las siete y las nueve", [(TIME, 7, 0, False), (TIME, 9, 0, False)]),
        ("el 14 a mediodía, son veinticinco euros", [(DAY, 0, 14), (TIME, 12, 0, True), (Kind.MONEY, 25)]),
        ("dos noches desde el treinta y uno de diciembre", [(COUNT, "night", 2), (DAY, 12, 31)]),
        ("su código es uno dos tres cuatro", [(Kind.DIGITS, "1234")]),
        ("a las ocho cuatro personas", [(TIME, 8, 0, False), (COUNT, "people", 4)]),
        ("somos cuatro", [(COUNT, "people", 4)]),
        ("un momento, por favor", []),
    ],
)
def test_spanish_facts_have_their_roles(text: str, expected: list[tuple[object, ...]]) -> None:
    """Spanish says hours with articles, minutes with "y" and "menos"."""
    assert facts(text, "es") == expected


alphabet = st.sampled_from([
    "at", "half", "past", "quarter", "to", "eight", "thirty", "20:30", "8.30", "14th", "$", "%", ",", "of", "may",
    "las", "y", "media", "menos", "cuarto", "entre", "de", "la", "mañana", "9999999999", "31", "0", "24", "hundred",
    "between", "and", "oh", "one", "twenty", "thousand", "february", "people", "pm", "99:99", "1,2,3", "²", "½",
])  # fmt: skip


@settings(max_examples=60)
@given(st.lists(alphabet, max_size=12), st.sampled_from(["en", "es"]))
def test_no_text_breaks_the_scanner(words: list[str], language: Language) -> None:
    """A model may write anything; hours and minutes that come out are real ones."""
    for fact in find_facts(" ".join(words), language):
        assert isinstance(fact, Fact)
        if fact.kind is Kind.TIME:
            assert 0 <= fact.value[0] <= 23
            assert 0 <= fact.value[1] <= 59


@pytest.mark.slow
@given(st.text(max_size=60), st.sampled_from(["en", "es"]))
def test_any_unicode_is_read(text: str, language: Language) -> None:
    """Emoji, other scripts, control characters."""
    find_facts(text, language)


@given(st.integers(1, 12), st.integers(0, 59), st.sampled_from(["am", "pm"]))
def test_every_written_time_is_found(hour: int, minute: int, half: str) -> None:
    """Over the whole dial."""
    expected = (TIME, hour % 12 + (12 if half == "pm" else 0), minute, True)

    assert facts(f"at {hour}:{minute:02d} {half} then", "en") == [expected]
