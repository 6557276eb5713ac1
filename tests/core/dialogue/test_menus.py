"""Which key is pressed in a phone menu."""

import pytest

from tests.core.dialogue.talk import Talk, outbound_spec
from voice_engine.core.dialogue.actions import SendDtmf, Wait
from voice_engine.core.dialogue.commands import Greeting, Menu
from voice_engine.core.dialogue.menus import choose_key
from voice_engine.ports.call import Category, Language


@pytest.mark.parametrize(
    ("options", "category", "language", "key"),
    [
        ({"1": "sales", "2": "reservations"}, Category.RESTAURANT, "en", "2"),
        ({"1": "change or cancel a reservation", "2": "new reservations"}, Category.RESTAURANT, "en", "2"),
        ({"1": "billing", "3": "to schedule an appointment"}, Category.CLINIC, "en", "3"),
        ({"1": "facturación", "2": "pedir cita"}, Category.CLINIC, "es", "2"),
        ({"1": "english", "2": "español"}, Category.HOTEL, "es", "2"),
        ({"1": "billing", "9": "speak to an operator"}, Category.HOTEL, "en", "9"),
        ({"1": "billing", "2": "spa"}, Category.RESTAURANT, "en", None),
    ],
)
def test_the_key_is_chosen_by_meaning(
    options: dict[str, str], category: Category, language: Language, key: str | None
) -> None:
    assert choose_key(options, category=category, language=language) == key


def pressed(talk: Talk) -> str:
    return next(action.digits for action in talk.actions if isinstance(action, SendDtmf))


def test_a_menu_is_answered_with_a_key_and_no_word() -> None:
    talk = Talk(outbound_spec())

    said = talk.hear(Menu(options={"1": "reservations", "2": "hours"}))

    assert said == ""
    assert pressed(talk) == "1"
    assert Wait(for_menu=True) in talk.actions
    assert talk.conversation.listening_to_menu


def test_after_two_loops_the_operator_is_asked_for() -> None:
    talk = Talk(outbound_spec())
    menu = Menu(options={"1": "reservations", "2": "hours"})

    keys = []
    for _ in range(4):
        talk.hear(menu)
        keys.append(pressed(talk))

    assert keys == ["1", "1", "1", "0"]


def test_whoever_answers_after_a_menu_is_told_who_calls() -> None:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())
    talk.hear(Menu(options={"1": "reservations"}))

    assert "AI assistant" in talk.hear(Greeting())
