"""Names and numbers at the receptionist's: in groups, half heard, or not given at all."""

import pytest

from tests.core.dialogue.reception import FREE, NAME, wish
from tests.core.dialogue.talk import Talk, inbound_spec
from voice_engine.core.dialogue.commands import Greeting, No, Unclear, WantCancel, Yes
from voice_engine.ports.call import KnowledgeEntry, Language


def asked_for_phone(language: Language = "en") -> Talk:
    talk = Talk(inbound_spec(language=language))
    wish(talk)
    talk.result(FREE)
    talk.hear(NAME)
    return talk


def phone_of(talk: Talk) -> object:
    return talk.conversation.state.desk.slots.get("phone")


def test_a_number_in_groups_is_put_together() -> None:
    talk = asked_for_phone()
    talk.words("two one two")
    first = list(talk.acts)
    talk.words("five five five")
    talk.words("zero one nine nine")

    assert first == ["phone_go_on"]
    assert phone_of(talk) == "+12125550199"
    assert talk.acts == ["check_booking"]


def test_a_spanish_number_in_groups_is_put_together() -> None:
    talk = asked_for_phone("es")
    for group in ("seis uno dos", "tres cuatro cinco", "seis siete ocho"):
        talk.words(group)

    assert str(phone_of(talk)).endswith("612345678")


def test_a_number_of_no_country_is_asked_for_again_and_then_taken() -> None:
    talk = asked_for_phone("es")
    talk.words("uno dos tres cuatro cinco seis siete ocho")
    first = list(talk.acts)
    talk.words("uno dos tres cuatro cinco seis siete ocho")

    assert first == ["ask_phone_groups"]
    assert phone_of(talk) == "12345678"


@pytest.mark.parametrize("said", ["I don't have a phone", "no", "I'd rather not"])
def test_without_a_number_it_is_booked_by_the_name(said: str) -> None:
    talk = asked_for_phone()
    talk.words(said)
    assert talk.acts == ["check_booking_only"]
    talk.hear(Yes())

    assert talk.tool.tool == "calendar.book"
    assert "phone" not in talk.tool.args


@pytest.mark.parametrize(("language", "said"), [("en", "I don't remember it"), ("es", "no lo recuerdo")])
def test_a_cancellation_without_a_number_is_looked_up_by_the_name(language: Language, said: str) -> None:
    talk = Talk(inbound_spec(language=language))
    talk.hear(WantCancel())
    talk.hear(NAME)
    talk.words(said)

    assert talk.tool.tool == "calendar.find"
    assert talk.tool.args == {"name": "Susan Miller"}


def test_words_beside_digits_are_no_group() -> None:
    talk = asked_for_phone()
    talk.words("my daughter has three dogs and two cats at home")

    assert talk.conversation.state.desk.phone_part == ""


@pytest.mark.parametrize(
    ("language", "key", "heard"),
    [("en", "parking", "hi there spark parking"), ("es", "aparcamiento", "buenas, quienes de aparcamientos")],
)
def test_a_garbled_question_whose_topic_came_through_is_looked_up(language: Language, key: str, heard: str) -> None:
    entry = KnowledgeEntry(key=key, text="There is room behind the building.")
    talk = Talk(inbound_spec(language=language, knowledge=(entry,)))
    talk.hear(Greeting(), Unclear(text=heard), text=heard)

    assert talk.tool.args == {"query": key}


def test_a_name_and_number_accept_the_offer_of_a_message() -> None:
    talk = Talk(inbound_spec(language="es"))
    talk.words("¿cuánto cuesta un tinte?")
    talk.result([])
    talk.words("T. Soy Rosa Molina, el 612345678.")

    assert talk.acts == ["ask_message"]


def test_a_changed_day_before_anything_is_booked_cancels_nothing() -> None:
    talk = Talk(inbound_spec())
    talk.words("Can I make an appointment for a haircut on Monday at ten?")
    talk.words("Oh wait, Monday, I can't make it Tuesday at eleven.")

    desk = talk.conversation.state.desk
    assert desk.task == "booking"
    assert str(desk.slots["date"]) == "2026-02-17"


def test_a_message_for_somebody_keeps_the_name() -> None:
    talk = Talk(inbound_spec())
    talk.words("Could you tell Steve I'm running late?")

    slots = talk.conversation.state.desk.slots
    assert "Steve" in str(slots["text"])
    assert "name" not in slots


def test_a_no_to_the_number_of_a_message_is_accepted() -> None:
    talk = Talk(inbound_spec())
    talk.words("Could you tell Steve I'm running late?")
    talk.hear(NAME)
    talk.hear(No())

    assert talk.acts == ["check_message"]
