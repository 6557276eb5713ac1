"""Known mishearings are undone, and right transcripts pass unchanged."""

import pytest

from voice_engine.core.dialogue.mishearing import repair
from voice_engine.ports.call import Language


@pytest.mark.parametrize(
    ("language", "heard", "meant"),
    [
        ("en", "I can do eight, thirty.", "I can do eight thirty."),
        ("en", "seven, no sorry, seven, thirty", "seven, no sorry, seven thirty"),
        ("en", "Your table is bucked.", "Your table is booked."),
        ("en", "You are books.", "You are booked."),
        ("es", "sólo tengo alas 6", "sólo tengo a las 6"),
        ("es", "El número de confirmaciones, uno, dos", "El número de confirmación es uno, dos"),
        ("es", "¿hay alguna alerxia?", "¿hay alguna alergia?"),
    ],
)
def test_it_is_undone(language: Language, heard: str, meant: str) -> None:
    assert repair(heard, language) == meant


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I have eight, thirty people are coming"),
        ("en", "I have six fifteen, eight or nine"),
        ("en", "we sell books, it is booked"),
        ("es", "las alas del pájaro"),
    ],
)
def test_what_means_something_stays(language: Language, text: str) -> None:
    assert repair(text, language) == text
