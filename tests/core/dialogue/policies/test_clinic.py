"""Making an appointment."""

import datetime as dt
from typing import Any

from tests.core.dialogue.talk import TUESDAY, Talk, outbound_spec
from voice_engine.core.dialogue.commands import AskSlot, AskUnknown, Booked, Greeting, Provide, Yes
from voice_engine.ports.call import Category


def appointment(**fields: Any) -> Talk:
    stated: dict[str, Any] = {
        "task_description": "Book an appointment for a check-up with Dr. Patel",
        "appointment_date": TUESDAY,
        "appointment_time": dt.time(10, 0),
        "time_preference_text": None,
        "party_size": None,
    }
    talk = Talk(outbound_spec(Category.CLINIC, **{**stated, **fields}))
    talk.hear(Greeting())
    return talk


def test_service_and_doctor_are_asked_for() -> None:
    talk = appointment()

    assert "check-up" in talk.said
    assert "Dr. Patel" in talk.said


def test_the_patient_is_given_as_the_name() -> None:
    talk = appointment(additional_instructions=("The patient is Emma Smith.",))

    assert "Emma Smith" in talk.hear(AskSlot(slot="name"))


def test_a_birth_date_is_told_only_when_the_owner_wrote_it() -> None:
    silent = appointment()
    allowed = appointment(additional_instructions=("Date of birth: May 1, 1980.",))

    assert silent.hear(AskSlot(slot="birth_date")) and silent.acts == ["unknown_slot"]
    assert "1980" in allowed.hear(AskSlot(slot="birth_date"))


def test_symptoms_are_not_made_up() -> None:
    talk = appointment()
    talk.hear(AskUnknown(topic="medical"))

    assert talk.acts == ["unknown"]


def test_a_doctor_whom_they_name_is_noted_when_none_was_wished() -> None:
    talk = appointment(task_description="Book an appointment for a check-up")
    talk.hear(Yes(), Provide(slot="doctor", value="Dr. Lee"))
    talk.hear(Booked())

    agreed = talk.conversation.outcome().agreed
    assert agreed is not None
    assert agreed["doctor"] == "Dr. Lee"
    assert agreed["service"] == "check-up"
