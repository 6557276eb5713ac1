"""Booking a stay."""

import datetime as dt
from typing import Any

import pytest

from tests.core.dialogue.talk import Talk, outbound_spec
from voice_engine.core.dialogue.commands import Booked, Confirm, Greeting, Offer, Provide, Unavailable, When, Yes
from voice_engine.ports.call import Category, TaskOutcome

CHECK_IN = dt.date(2026, 3, 6)


def stay(**fields: Any) -> Talk:
    stated: dict[str, Any] = {
        "task_description": "Book a double room for three nights",
        "appointment_date": CHECK_IN,
        "appointment_time": None,
        "time_preference_text": None,
        "party_size": 2,
    }
    talk = Talk(outbound_spec(Category.HOTEL, **{**stated, **fields}))
    talk.hear(Greeting())
    return talk


def test_the_request_names_room_guests_day_and_nights() -> None:
    talk = stay()

    for words in ("double room", "two guests", "March sixth", "three nights"):
        assert words in talk.said


def test_nights_and_check_out_are_both_agreed() -> None:
    talk = stay()
    talk.hear(Yes())
    talk.hear(Booked(code="44179"))

    agreed = talk.conversation.outcome().agreed
    assert agreed is not None
    assert (agreed["date"], agreed["nights"], agreed["check_out"]) == ("2026-03-06", 3, "2026-03-09")
    assert agreed["room"] == "double"
    assert "time" not in agreed


@pytest.mark.parametrize(
    "text", ["The rate is one hundred and twenty dollars per night", "That is $120 a night", "120 per night"]
)
def test_a_rate_means_that_they_have_it_and_is_reported(text: str) -> None:
    talk = stay()
    talk.hear(text=text)
    talk.hear(Yes())

    outcome = talk.conversation.outcome()
    assert outcome.task_outcome is TaskOutcome.ACHIEVED
    assert outcome.agreed is not None
    assert outcome.agreed["price"] == "120"


def test_a_rate_over_the_budget_is_countered_once_and_then_left() -> None:
    talk = stay(additional_instructions=("The budget is 100 dollars a night.",))
    said = talk.hear(text="That is 150 dollars per night")
    talk.hear(text="140 dollars per night")

    assert "100" not in said
    assert "hundred" not in said
    assert talk.hung_up
    assert talk.conversation.outcome().task_outcome is TaskOutcome.DECLINED


def test_another_room_than_wished_is_not_taken() -> None:
    talk = stay()
    talk.hear(text="We only have twin rooms")
    assert talk.acts == ["counter_room"]
    talk.hear(text="No, only twin rooms left")

    assert talk.hung_up
    assert talk.conversation.outcome().agreed is None


def test_another_day_than_the_owners_is_not_taken() -> None:
    talk = stay()
    talk.hear(Unavailable(whole_day=True), Offer(options=(When(date=dt.date(2026, 3, 13)),)), text="13th is free")

    assert talk.hung_up
    assert any("March 13" in line for line in talk.conversation.outcome().highlights)


def test_their_read_back_with_the_wrong_nights_is_corrected() -> None:
    talk = stay()
    said = talk.hear(Confirm(slots={"nights": 2}), text="two nights?")

    assert talk.acts == ["correct"]
    assert "three nights" in said


def test_a_confirmed_day_is_a_yes() -> None:
    talk = stay()
    talk.hear(Provide(slot="date", value=CHECK_IN), text="March 6th, yes")

    assert talk.acts == ["read_back"]
