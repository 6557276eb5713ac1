"""Dates and times as people write them."""

import datetime as dt

import pytest

from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.written import write_alternatives, write_date, write_moment, write_time
from voice_engine.ports.call import Language

SATURDAY = dt.date(2026, 2, 14)


@pytest.mark.parametrize(("language", "text"), [("en", "Saturday, February 14"), ("es", "sábado 14 de febrero")])
def test_a_date_has_its_weekday(language: Language, text: str) -> None:
    assert write_date(SATURDAY, language) == text


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        (dt.time(0, 5), "12:05 AM", "00:05"),
        (dt.time(12, 0), "12:00 PM", "12:00"),
        (dt.time(20, 30), "8:30 PM", "20:30"),
    ],
)
def test_a_time_is_written_in_the_languages_own_way(moment: dt.time, english: str, spanish: str) -> None:
    assert write_time(moment, "en") == english
    assert write_time(moment, "es") == spanish


def test_a_moment_is_written_as_far_as_it_is_known() -> None:
    assert write_moment(When(time=dt.time(9)), "en") == "9:00 AM"
    assert write_moment(When(date=SATURDAY, time=dt.time(9)), "es") == "sábado 14 de febrero 09:00"
    assert write_moment(When(), "en") == ""


def test_alternatives_are_joined() -> None:
    assert write_alternatives(["a"], "en") == "a"
    assert write_alternatives(["a", "b", "c"], "es") == "a, b o c"
