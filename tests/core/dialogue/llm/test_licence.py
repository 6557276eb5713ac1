"""What the act states closes that role; what it leaves open may come from the call; the rest is refused."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.llm.facts import Fact, Kind
from voice_engine.core.dialogue.llm.licence import Licence, slot_facts, slot_texts
from voice_engine.core.dialogue.llm.scan import find_facts

TODAY = dt.date(2026, 2, 13)  # a Friday


def permitted(text: str, *, own: str = "", known: str = "") -> bool:
    licence = Licence.of(find_facts(own, "en"), find_facts(known, "en"), TODAY)
    return all(licence.permits(fact) for fact in find_facts(text, "en"))


@pytest.mark.parametrize(
    ("text", "own", "known"),
    [
        ("at eight thirty", "at 8:30 p.m.", ""),
        ("at 8:30 pm", "at eight thirty", ""),
        ("on Saturday", "on February 14th", ""),
        ("tomorrow", "on February 14th", ""),
        ("on the fourteenth", "on Saturday", ""),
        ("on February 14th", "tomorrow", ""),
        ("for four", "a table for four", ""),
        ("four people", "", "a table for four"),
        ("your code is 1 2 3 4 5", "the code is one two three four five", ""),
        ("eight is fine", "at 8 p.m.", ""),
    ],
)
def test_the_same_said_otherwise_is_permitted(text: str, own: str, known: str) -> None:
    """A paraphrase may choose other words for the same fact."""
    assert permitted(text, own=own, known=known)


@pytest.mark.parametrize(
    ("text", "own", "known"),
    [
        ("at nine", "at 8:30", "we have 8:30 or nine"),
        ("nine works", "at 8:30", "we have 8:30 or nine"),
        ("eight works", "at 8:30", "we are full at eight"),
        ("at 8:30 am", "at 8:30 pm", ""),
        ("on Sunday", "on February 14th", "we are closed on Sunday"),
        ("on Saturday the 14th", "on Saturday, February 21st", ""),
        ("table for eight at four", "table for four at eight", ""),
        ("two nights for three people", "three nights for two people", ""),
        ("20 dollars", "", "20 people"),
        ("today", "", "tomorrow"),
        ("code 1 2 3 4 6", "code one two three four five", ""),
        ("February 15th", "February 14th", ""),
        ("twelve", "", ""),
    ],
)
def test_another_fact_or_another_role_is_not(text: str, own: str, known: str) -> None:
    """Each line is a lie that uses true numbers."""
    assert not permitted(text, own=own, known=known)


def test_slot_values_license_what_they_mean() -> None:
    """Policies hand over dates, times, moments and whole bookings."""
    slots = {
        "moment": When(time=dt.time(20, 30)),
        "what": {"date": dt.date(2026, 2, 14), "party_size": 4, "name": "John Smith"},
        "nights": 2,
        "code": "AB12345",
        "flag": True,
        "nothing": None,
        "at": dt.datetime(2026, 2, 15, 9, 0),
        "prices": ["20 euros"],
        "rank": 7,
    }

    found = slot_facts(slots, "en")

    for fact in (
        Fact(Kind.TIME, (20, 30, True)),
        Fact(Kind.DAY, (2, 14)),
        Fact(Kind.COUNT, ("people", 4)),
        Fact(Kind.COUNT, ("night", 2)),
        Fact(Kind.DIGITS, ("12345",)),
        Fact(Kind.DAY, (2, 15)),
        Fact(Kind.MONEY, (20.0,)),
        Fact(Kind.NUMBER, (7.0,)),
    ):
        assert fact in found
    assert slot_texts(slots, frozenset({"name"})) == ["John Smith"]


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))
def test_of_all_times_only_the_licensed_one_passes(hour: int, minute: int, other: int, other_minute: int) -> None:
    """An exact time licenses itself and nothing else."""
    licence = Licence.of([Fact(Kind.TIME, (hour, minute, True))], (), TODAY)

    assert licence.permits(Fact(Kind.TIME, (other, other_minute, True))) == (
        (hour, minute) == (other, other_minute)
    )


@pytest.mark.parametrize(
    ("today", "said", "allowed"),
    [
        (dt.date(2026, 1, 31), "the 30th", Fact(Kind.DAY, (3, 30))),
        (dt.date(2026, 12, 30), "January 2nd", Fact(Kind.WEEKDAY, (5,))),
        (dt.date(2026, 2, 13), "the 13th", Fact(Kind.RELATIVE, (0,))),
        (dt.date(2026, 12, 31), "tomorrow", Fact(Kind.DAY, (1, 1))),
    ],
)
def test_days_roll_over_months_and_years(today: dt.date, said: str, allowed: Fact) -> None:
    """A day without its month is the next one that exists."""
    assert Licence.of(find_facts(said, "en"), (), today).permits(allowed)


def test_a_day_that_never_comes_licenses_only_itself() -> None:
    """February thirtieth is somebody's mistake, not ours to correct."""
    licence = Licence.of([Fact(Kind.DAY, (2, 30))], (), TODAY)

    assert licence.permits(Fact(Kind.DAY, (2, 30)))
    assert not licence.permits(Fact(Kind.WEEKDAY, (0,)))
