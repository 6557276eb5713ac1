"""What an owner also wants to know is asked once the booking stands, and amounts are told from the rate."""

import pytest

from tests.core.dialogue.talk import Talk, outbound_spec
from voice_engine.core.dialogue.commands import AskSlot, AskUnknown, Booked, Goodbye, Greeting, HungUp, Silence, Yes
from voice_engine.core.dialogue.state import Asked
from voice_engine.ports.call import Category, Language, TaskOutcome

TASK: dict[Language, str] = {
    "en": "Book a double room for two nights. Ask whether breakfast is included and if they have parking.",
    "es": "Reservar una habitación doble para dos noches. Preguntar si el desayuno está incluido y si hay garaje.",
}


def stay(language: Language = "en", **fields: object) -> Talk:
    spec = outbound_spec(
        Category.HOTEL, language=language, app_language=language, party_size=2, appointment_time=None,
        time_preference_text=None, task_description=TASK[language], **fields,
    )  # fmt: skip
    talk = Talk(spec)
    talk.hear(Greeting())
    return talk


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_question_is_asked_and_answered_after_the_booking(language: Language) -> None:
    talk = stay(language)
    talk.hear(Yes())
    first = talk.hear(Booked(), text="all booked")
    second = talk.hear(Yes(), text="yes it is")
    talk.hear(AskUnknown(topic="extras"), text="the garage costs ten euros")

    assert ("breakfast" in first) or ("desayuno" in first)
    assert ("parking" in second) or ("garaje" in second)
    assert talk.acts == ["thanks_answers"]
    outcome = talk.conversation.outcome()
    assert outcome.task_outcome is TaskOutcome.ACHIEVED
    assert any("yes it is" in line for line in outcome.highlights)
    assert any("ten euros" in line for line in outcome.highlights)


def test_the_booking_is_said_once_before_the_question() -> None:
    talk = stay()
    talk.hear(Yes())
    talk.hear(Booked())

    assert talk.acts == ["thanks_booked", "extra_question"]


def test_a_question_back_is_answered_and_the_thread_kept() -> None:
    talk = stay()
    talk.hear(Yes())
    talk.hear(Booked())
    talk.hear(AskSlot(slot="name"), text="it is, what was the name?")

    assert talk.acts == ["give_name", "extra_question"]


def test_silence_puts_the_question_again() -> None:
    talk = stay()
    talk.hear(Yes())
    talk.hear(Booked())
    talk.event(Silence(silent_ms=7000, count=1))
    talk.event(Silence(silent_ms=7000, count=2))

    assert talk.acts == ["are_you_there", "extra_question"]
    assert talk.conversation.state.asked is Asked.QUESTION


def test_who_says_goodbye_is_not_kept() -> None:
    talk = stay()
    talk.hear(Yes())
    talk.hear(Booked(), Goodbye())

    assert talk.hung_up


def test_hanging_up_on_the_question_keeps_the_booking() -> None:
    talk = stay()
    talk.hear(Yes())
    talk.hear(Booked())
    talk.event(HungUp())

    assert talk.conversation.outcome().task_outcome is TaskOutcome.ACHIEVED


def test_a_wish_is_no_question() -> None:
    talk = Talk(outbound_spec(additional_instructions=("Ask for a table by the window.",)))
    talk.hear(Greeting())
    talk.hear(Booked())

    assert "extra_question" not in talk.acts


@pytest.mark.parametrize(
    ("language", "rate", "other"),
    [
        ("en", "It's one hundred and twenty nine dollars a night", "Parking is fifteen dollars a day."),
        ("es", "Son ciento veintinueve euros la noche", "El aparcamiento son quince euros al día."),
    ],
)
def test_another_price_is_not_the_rate(language: Language, rate: str, other: str) -> None:
    talk = stay(language)
    talk.words(rate)
    talk.words(other)

    assert talk.conversation.state.agreed["price"] == "129"


@pytest.mark.parametrize(
    ("language", "both"),
    [
        ("en", "Parking is fifteen dollars and the room is a hundred and twenty nine dollars a night"),
        ("es", "El garaje son quince euros y la habitación ciento veintinueve euros la noche"),
    ],
)
def test_of_two_prices_in_one_breath_the_rate_is_taken(language: Language, both: str) -> None:
    talk = stay(language)
    talk.words(both)

    assert talk.conversation.state.agreed["price"] == "129"


def test_a_corrected_rate_is_taken() -> None:
    talk = stay()
    talk.words("It's one hundred and twenty nine dollars a night")
    talk.words("Sorry, the rate is one hundred and forty dollars a night")

    assert talk.conversation.state.agreed["price"] == "140"
