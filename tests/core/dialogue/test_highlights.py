"""What the owner reads: in the app's language, whatever was spoken."""

import datetime as dt

import pytest

from tests.core.dialogue.talk import EIGHT, SATURDAY, Talk, outbound_spec
from voice_engine.core.dialogue.commands import (
    AskUnknown,
    Beep,
    Booked,
    Command,
    DeclineRecording,
    Greeting,
    HungUp,
    Offer,
    OptOut,
    Unavailable,
    VoicemailGreeting,
    When,
    WrongNumber,
    Yes,
)
from voice_engine.core.dialogue.highlights import write_booking
from voice_engine.ports.call import Category


def talk(**fields: object) -> Talk:
    conversation = Talk(outbound_spec(**fields))  # type: ignore[arg-type]  # fields of the submission
    conversation.hear(Greeting())
    return conversation


def lines(conversation: Talk) -> str:
    outcome = conversation.conversation.outcome()
    return " ".join((*outcome.highlights, *outcome.next_steps))


def test_a_spanish_call_is_reported_in_english_to_an_english_owner() -> None:
    conversation = talk(language="es", app_language="en")
    conversation.hear(Booked(code="991"))

    assert "Booked: table for 4 on Saturday, February 14 at 8:00 PM" in lines(conversation)
    assert "Confirmation number: 991." in lines(conversation)


def test_an_english_call_is_reported_in_spanish_to_a_spanish_owner() -> None:
    conversation = talk(app_language="es")
    conversation.hear(Booked())

    assert "mesa para 4 el sábado 14 de febrero a las 20:00" in lines(conversation)


def test_offers_that_were_left_are_reported_with_what_to_do() -> None:
    conversation = talk(time_preference_text=None)
    conversation.hear(Offer(options=(When(time=dt.time(22, 0)),)))
    conversation.hear(Unavailable())

    assert "They offered 10:00 PM." in lines(conversation)
    assert "Decide whether 10:00 PM suits you" in lines(conversation)


def test_what_was_asked_for_and_not_known_is_named() -> None:
    conversation = talk()
    conversation.hear(AskUnknown(topic="deposit"))
    conversation.event(HungUp())

    assert "deposit" in lines(conversation)


def test_declined_recording_is_named() -> None:
    conversation = talk()
    conversation.hear(DeclineRecording())
    conversation.hear(Yes())

    assert "declined recording" in lines(conversation)


@pytest.mark.parametrize(
    ("command", "words"),
    [(OptOut(quote="stop"), "do-not-call"), (WrongNumber(), "somebody else"), (Beep(), "voicemail")],
)
def test_each_end_has_its_line(command: Command, words: str) -> None:
    conversation = talk()
    conversation.hear(VoicemailGreeting() if isinstance(command, Beep) else command, text="leave a message")
    conversation.event(command)

    assert words in lines(conversation)


def test_a_stay_is_written_with_its_nights() -> None:
    values = {"room": "double", "party_size": 2, "nights": 3, "date": SATURDAY, "name": "Ana"}

    assert write_booking(Category.HOTEL, values, "en") == (
        "double room for 2, 3 nights from Saturday, February 14 under the name Ana"
    )


def test_an_appointment_is_written_with_doctor_and_patient() -> None:
    values = {"service": "check-up", "doctor": "Dr. Lee", "patient": "Emma", "date": SATURDAY, "time": EIGHT}

    assert write_booking(Category.CLINIC, values, "es") == (
        "check-up con Dr. Lee para Emma el sábado 14 de febrero a las 20:00"
    )
