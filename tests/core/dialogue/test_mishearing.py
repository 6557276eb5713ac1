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
        ("es", "El martes a la XI y IV.", "El martes a las 11 y cuarto."),
        ("es", "a las X", "a las 10"),
        ("es", "A las IX menos V", "a las 9 menos cinco"),
        ("es", "a las VIII y media", "a las 8 y media"),
        ("es", "el precio, muchas gracias a Dios.", "el precio, muchas gracias, adiós."),
        ("es", "Muy bien, queda notado.", "Muy bien, queda anotado."),
        ("en", "Monday, I can't make it Wednesday at ten", "Monday, I can't. Make it Wednesday at ten"),
        ("en", "I can do quarter past XI", "I can do quarter past 11"),
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
        ("es", "con V de Valencia, y con X"),
        ("es", "Felipe VI y Alfonso X"),
        ("es", "a las XI y XXV"),
        ("es", "gracias a Dios que queda una mesa"),
        ("es", "es muy notado"),
        ("en", "I can't make it on Wednesday, what about Friday"),
        ("en", "Henry V at I think"),
        ("en", "the V. as in Victor"),
    ],
)
def test_what_means_something_stays(language: Language, text: str) -> None:
    assert repair(text, language) == text
