"""The owner's wish, read from the submission."""

import datetime as dt
from typing import Any

import pytest

from tests.core.dialogue.talk import SATURDAY, SUNDAY, outbound_spec
from voice_engine.core.dialogue.brief import Brief, read_brief
from voice_engine.ports.call import Category


def brief(category: Category = Category.RESTAURANT, **fields: Any) -> Brief:
    return read_brief(outbound_spec(category, **fields))


def test_the_window_comes_from_the_preference_text() -> None:
    wanted = brief().wanted

    assert (wanted.earliest, wanted.preferred, wanted.latest) == (dt.time(19), dt.time(20), dt.time(21))


def test_without_a_preference_only_the_stated_time_will_do() -> None:
    wanted = brief(time_preference_text=None).wanted

    assert wanted.allows(dt.time(20))
    assert not wanted.allows(dt.time(20, 15))


def test_without_any_time_every_time_will_do() -> None:
    wanted = brief(time_preference_text=None, appointment_time=None).wanted

    assert wanted.preferred is None
    assert wanted.allows(dt.time(3))


def test_a_preference_outside_its_own_window_widens_it() -> None:
    wanted = brief(appointment_time=dt.time(18)).wanted

    assert wanted.allows(dt.time(18))
    assert wanted.allows(dt.time(21))


def test_further_dates_follow_in_the_owners_order() -> None:
    wanted = brief(additional_instructions=("Sunday February 15 is fine too.",)).wanted

    assert wanted.dates == (SATURDAY, SUNDAY)


def test_past_dates_in_the_prose_are_no_wishes() -> None:
    wanted = brief(additional_instructions=("We were there on February 2 2026.",)).wanted

    assert wanted.dates == (SATURDAY,)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("Book a double room for three nights", {"room": "double", "nights": 3}),
        ("Reserva una habitación individual, 2 noches", {"room": "individual", "nights": 2}),
        ("A suite for one night for two guests", {"room": "suite", "nights": 1}),
    ],
)
def test_a_stay_in_prose(text: str, slots: dict[str, Any]) -> None:
    found = brief(Category.HOTEL, task_description=text).slots

    assert {key: found[key] for key in slots} == slots
    assert found["check_out"] == SATURDAY + dt.timedelta(days=slots["nights"])


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("Book an appointment for a dental cleaning", "dental cleaning"),
        ("Schedule a haircut for my son", "haircut"),
        ("Pedir cita para una limpieza dental con la dra. Ruiz", "una limpieza dental"),
        ("Book an appointment", None),
    ],
)
def test_a_service_in_prose(text: str, service: str | None) -> None:
    assert brief(Category.CLINIC, task_description=text).slots.get("service") == service


def test_a_doctor_keeps_the_capitals_of_the_name() -> None:
    assert brief(Category.CLINIC, task_description="A check-up with Dr. Patel").slots["doctor"] == "Dr. Patel"


def test_questions_are_told_in_the_second_person() -> None:
    asked = brief(
        Category.GENERAL, task_description="Ask whether they deliver and what their minimum order is."
    ).questions

    assert asked == ("whether you deliver", "what your minimum order is")


def test_spanish_questions_are_found() -> None:
    asked = brief(Category.GENERAL, language="es", task_description="Pregunta si abren el domingo y cuánto cuesta")

    assert asked.questions == ("si abren el domingo", "cuánto cuesta")


def test_an_errand_is_no_question() -> None:
    errand = brief(Category.GENERAL, task_description="Cancel my membership.")

    assert errand.questions == ()
    assert errand.errand == "cancel their membership"


def test_a_budget_is_a_limit() -> None:
    assert brief(Category.HOTEL, additional_instructions=("At most 120 dollars a night.",)).price_limit == 120.0


def test_a_party_is_no_budget() -> None:
    assert brief(task_description="A table for up to 12 people").price_limit is None


def test_the_phone_is_not_part_of_what_is_read_back() -> None:
    assert "phone" not in brief(user_phone="+15551234567").booking({})
