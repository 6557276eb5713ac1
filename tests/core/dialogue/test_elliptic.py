"""Times without their hour take that of the time being talked about, and nothing else is touched."""

import datetime as dt

import pytest

from voice_engine.core.dialogue.elliptic import complete
from voice_engine.ports.call import Language

EIGHT = dt.time(20, 0)


@pytest.mark.parametrize(
    ("language", "said", "meant"),
    [
        ("en", "how about half past?", "how about half past eight?"),
        ("en", "Quarter to is free", "Quarter to eight is free"),
        ("en", "we could do a quarter past", "we could do a quarter past eight"),
        ("es", "¿y a y media?", "¿y a las ocho y media?"),
        ("es", "menos cuarto sí puede ser", "a las ocho menos cuarto sí puede ser"),
    ],
)
def test_the_hour_is_put_in(language: Language, said: str, meant: str) -> None:
    assert complete(said, language, EIGHT) == meant


def test_one_o_clock_is_feminine_and_single() -> None:
    assert complete("a y cuarto", "es", dt.time(13, 0)) == "a la una y cuarto"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "how about half past nine"),
        ("en", "at 9 or half past"),
        ("en", "we drove half past the lake, two hours"),
        ("es", "a las nueve y media"),
        ("es", "tarda una hora y media"),
        ("es", "kilo y medio"),
    ],
)
def test_what_has_an_hour_of_its_own_stays(language: Language, said: str) -> None:
    assert complete(said, language, EIGHT) == said


def test_without_a_time_to_talk_about_nothing_is_guessed() -> None:
    assert complete("how about half past?", "en", None) == "how about half past?"
