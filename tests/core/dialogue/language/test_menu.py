import pytest

from tests.core.dialogue.language.read import commands
from voice_engine.core.dialogue.commands import Menu
from voice_engine.ports.call import Language


@pytest.mark.parametrize(
    ("language", "text", "options"),
    [
        ("en", "press one for reservations, press two for hours", {"1": "reservations", "2": "hours"}),
        (
            "en",
            "press one for reservations, two for hours or press zero to speak with someone",
            {"1": "reservations", "2": "hours", "0": "speak with someone"},
        ),
        ("en", "For reservations, press 1. For hours, press 2.", {"1": "reservations", "2": "hours"}),
        (
            "en",
            "thank you for calling. to make a reservation press 1 to cancel press 2 for all else press pound",
            {"1": "make a reservation", "2": "cancel", "#": "all else"},
        ),
        ("es", "para reservas marque uno, para cancelar marque dos", {"1": "reservas", "2": "cancelar"}),
        ("es", "marque uno para citas o dos para resultados", {"1": "citas", "2": "resultados"}),
    ],
)
def test_a_menu_is_read_whichever_side_the_key_is_on(
    language: Language, text: str, options: dict[str, str]
) -> None:
    assert commands(text, language=language) == (Menu(options=options),)


@pytest.mark.parametrize("text", ["I can press on with that", "two for hours", "the press is here"])
def test_without_a_key_to_press_there_is_no_menu(text: str) -> None:
    assert not any(isinstance(command, Menu) for command in commands(text))
