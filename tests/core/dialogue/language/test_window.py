import datetime as dt

import pytest

from tests.core.dialogue.language.read import context
from voice_engine.core.dialogue.language import Window, parse_window
from voice_engine.ports.call import Language


def at(text: str | None) -> dt.time | None:
    return dt.time.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("language", "text", "earliest", "latest", "preferred"),
    [
        ("en", "between 7 and 9", "19:00", "21:00", None),
        ("en", "from 6:30 to 8 pm", "18:30", "20:00", None),
        ("en", "after 5pm", "17:00", None, None),
        ("en", "no later than nine", None, "21:00", None),
        ("en", "around 8", "19:30", "20:30", "20:00"),
        ("en", "7 or 8", "19:00", "20:00", "19:00"),
        ("en", "8 pm", None, None, "20:00"),
        ("en", "in the morning", "08:00", "12:00", None),
        ("en", "late afternoon", "15:00", "18:00", None),
        ("en", "anything is fine", None, None, None),
        ("es", "entre las 7 y las 9", "19:00", "21:00", None),
        ("es", "por la tarde", "13:00", "20:00", None),
        ("es", "después de las cinco", "17:00", None, None),
        ("es", "a las ocho y media", None, None, "20:30"),
        ("es", "mañana por la mañana", "08:00", "12:00", None),
    ],
)
def test_a_wish_becomes_a_window(
    language: Language, text: str, earliest: str | None, latest: str | None, preferred: str | None
) -> None:
    window = parse_window(text, context(language))

    assert window == Window(earliest=at(earliest), latest=at(latest), preferred=at(preferred))


@pytest.mark.parametrize(
    ("language", "text", "order"),
    [
        ("en", "as early as possible", "earliest"),
        ("en", "the latest you have", "latest"),
        ("es", "lo antes posible", "earliest"),
    ],
)
def test_first_and_last_wishes_are_an_order(language: Language, text: str, order: str) -> None:
    assert parse_window(text, context(language)).order == order
