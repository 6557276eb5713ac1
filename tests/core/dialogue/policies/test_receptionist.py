"""Answering for a business."""

import datetime as dt
from typing import Any

import pytest

from tests.core.dialogue.reception import FREE, NAME, OLD, OTHERS, PHONE, TWO, book, wish
from tests.core.dialogue.talk import TUESDAY, Talk, inbound_spec
from voice_engine.core.dialogue.actions import Wait
from voice_engine.core.dialogue.commands import (
    AskFact,
    AskUnknown,
    LeaveMessage,
    No,
    Provide,
    Silence,
    Unclear,
    WantBooking,
    WantCancel,
    WantReschedule,
    Yes,
)
from voice_engine.ports.call import Disposition, GreetingMode, TaskOutcome


@pytest.fixture
def talk() -> Talk:
    return Talk(inbound_spec())


def test_the_greeting_discloses_the_ai(talk: Talk) -> None:
    assert "Shear Joy" in talk.said
    assert "AI assistant" in talk.said


def test_the_owners_greeting_is_spoken_as_written() -> None:
    talk = Talk(inbound_spec(greeting="Shear Joy, good morning!"))

    assert talk.said.startswith("Shear Joy, good morning!")


def test_a_caller_who_is_to_speak_first_is_waited_for_and_asked_once() -> None:
    """The line stays silent for fifteen seconds; silences that the turn-taking reports meanwhile change nothing."""
    talk = Talk(inbound_spec(greeting_mode=GreetingMode.CALLER_FIRST))
    assert talk.actions == [Wait(check_in_ms=15_000)]

    for early in (7_000, 14_000):
        talk.event(Silence(silent_ms=early, count=1))
        assert talk.actions == []
    assert talk.event(Silence(silent_ms=15_000, count=1)) == "Hello?"
    talk.event(Silence(silent_ms=7_000, count=1))
    assert talk.actions == []


def test_a_caller_who_never_speaks_is_hung_up_on() -> None:
    talk = Talk(inbound_spec(greeting_mode=GreetingMode.CALLER_FIRST))
    talk.event(Silence(silent_ms=15_000, count=1))

    talk.event(Silence(silent_ms=15_000, count=2))

    assert talk.hung_up
    assert talk.conversation.outcome().disposition is Disposition.SILENCE


def test_a_caller_who_is_asked_and_then_speaks_is_told_who_answers() -> None:
    talk = Talk(inbound_spec(greeting_mode=GreetingMode.CALLER_FIRST))
    talk.event(Silence(silent_ms=15_000, count=1))

    said = talk.hear(AskFact(fact="location", query="where are you"), text="where are you?")

    assert "AI assistant" in said
    assert "12 Main Street" in said


def test_a_caller_who_speaks_first_is_answered_at_once() -> None:
    talk = Talk(inbound_spec(greeting_mode=GreetingMode.CALLER_FIRST))
    said = talk.hear(AskFact(fact="location", query="where are you"), text="where are you?")

    assert "AI assistant" in said
    assert "12 Main Street" in said


def test_hours_of_a_day(talk: Talk) -> None:
    said = talk.hear(AskFact(fact="hours", query="open tuesday"), Provide(slot="date", value=TUESDAY))

    assert "nine" in said
    assert "five" in said


def test_a_closed_day_is_closed(talk: Talk) -> None:
    sunday = dt.date(2026, 2, 15)
    talk.hear(AskFact(fact="hours", query="open sunday"), Provide(slot="date", value=sunday))

    assert talk.acts[0] == "closed_on"


def test_hours_of_the_week_are_grouped(talk: Talk) -> None:
    assert "Monday to Friday" in talk.hear(AskFact(fact="hours", query="hours"))


def test_services_are_listed(talk: Talk) -> None:
    assert "haircut and coloring" in talk.hear(AskFact(fact="services", query="services"))


def test_other_facts_come_from_the_knowledge_base_and_are_cited(talk: Talk) -> None:
    talk.hear(AskFact(fact="parking", query="can I park"))
    assert (talk.tool.tool, talk.tool.args["query"]) == ("knowledge.search", "can I park")
    said = talk.result([{"key": "parking", "text": "There is free parking.", "score": 0.9}])

    assert "There is free parking." in said
    assert talk.conversation.outcome().citations == ("parking",)


@pytest.mark.parametrize(("value", "error"), [([], None), (None, "tool_timeout")])
def test_what_is_not_known_is_not_guessed_but_a_message_offered(talk: Talk, value: Any, error: str | None) -> None:
    talk.hear(AskFact(fact="other", query="gift cards"))
    talk.result(value, error)

    assert talk.acts == ["unknown_fact"]
    talk.hear(Yes())
    assert talk.acts == ["ask_message"]


def test_a_question_for_the_address_in_other_words_is_answered(talk: Talk) -> None:
    assert "12 Main Street" in talk.hear(AskUnknown(topic="address"))


def test_a_booking_asks_the_calendar_before_the_name(talk: Talk) -> None:
    wish(talk)

    assert talk.tool.tool == "calendar.free"
    assert talk.tool.filler
    assert talk.said == ""
    assert "name" in talk.result(FREE)


def test_everything_is_read_back_before_it_is_booked(talk: Talk) -> None:
    book(talk)

    for words in ("haircut", "Tuesday", "two", "Susan Miller", "five five five"):
        assert words in talk.said


def test_the_reference_of_the_calendar_is_the_confirmation(talk: Talk) -> None:
    book(talk)
    talk.hear(Yes())
    assert talk.tool.tool == "calendar.book"
    assert talk.tool.args["start"] == "2026-02-17T14:00:00-05:00"
    said = talk.result({"reference": "771205", "start": "2026-02-17T14:00:00-05:00"})

    outcome = talk.conversation.outcome()
    assert "seven, seven, one" in said
    assert (outcome.task_outcome, outcome.confirmation) == (TaskOutcome.ACHIEVED, "771205")
    assert outcome.agreed == {
        "date": "2026-02-17", "time": "14:00", "service": "haircut", "name": "Susan Miller",
        "phone": "+15551234567",
    }  # fmt: skip
    assert outcome.evidence["phone"].turn == 4


def test_a_taken_time_is_answered_with_the_two_nearest(talk: Talk) -> None:
    wish(talk)
    said = talk.result(OTHERS)

    assert "one thirty" in said
    assert "two thirty" in said


def test_the_caller_picks_one_of_the_offered_times(talk: Talk) -> None:
    wish(talk)
    talk.result(OTHERS)
    talk.hear(Provide(slot="time", value=dt.time(14, 30)))

    assert talk.acts == ["ask_name"]
    assert talk.conversation.state.desk.slots["start"] == "2026-02-17T14:30:00-05:00"


def test_the_second_one_is_the_second_one(talk: Talk) -> None:
    wish(talk)
    talk.result(OTHERS)
    talk.hear(Unclear(text="the second"), text="the second one, please")

    assert talk.conversation.state.desk.slots["start"] == "2026-02-17T14:30:00-05:00"


def test_a_full_day_is_followed_by_a_look_at_the_next_ones(talk: Talk) -> None:
    wish(talk)
    talk.result([])
    assert talk.tool.args["start"].startswith("2026-02-18")
    said = talk.result(["2026-02-18T09:00:00-05:00", "2026-02-18T12:00:00-05:00"])

    assert "Wednesday" in said


def test_a_part_of_the_day_limits_the_offer(talk: Talk) -> None:
    talk.hear(
        WantBooking(service="haircut"), Provide(slot="date", value=TUESDAY), text="a haircut on Tuesday afternoon"
    )
    talk.result(FREE)

    starts = [dt.datetime.fromisoformat(start).hour for start in talk.conversation.state.desk.offered]
    assert min(starts) >= 12


def test_as_soon_as_possible_looks_from_now(talk: Talk) -> None:
    talk.hear(WantBooking(service="haircut"))
    assert talk.acts == ["ask_when"]
    talk.hear(Unclear(text="soon"), text="as soon as possible")

    assert talk.tool.args["start"].startswith("2026-02-13T10:00")


def test_a_service_that_was_not_named_is_asked_for(talk: Talk) -> None:
    talk.hear(WantBooking())
    assert "haircut and coloring" in talk.said
    talk.hear(Unclear(text="coloring"), text="the coloring please")

    assert talk.acts == ["ask_when"]


def test_a_slot_that_went_in_the_meantime_is_owned_up_to(talk: Talk) -> None:
    book(talk)
    talk.hear(Yes())
    said = talk.result(error="slot_taken")

    assert talk.acts[0] == "slot_taken"
    assert talk.tool.tool == "calendar.free"
    assert "booked" not in said
    assert talk.conversation.outcome().agreed is None


def test_a_correction_of_the_read_back_is_taken(talk: Talk) -> None:
    book(talk)
    talk.hear(No(), Provide(slot="time", value=dt.time(15, 0)))
    assert talk.tool.tool == "calendar.free"
    said = talk.result(FREE)

    assert "three" in said
    assert talk.acts == ["check_booking"]


def test_a_fact_in_the_middle_of_a_booking_does_not_lose_the_thread(talk: Talk) -> None:
    wish(talk)
    talk.result(FREE)
    talk.hear(AskFact(fact="location", query="where are you"))

    assert talk.acts == ["location", "ask_name"]


def test_moving_a_booking_books_the_new_one_before_the_old_one_goes(talk: Talk) -> None:
    talk.hear(WantReschedule())
    talk.hear(NAME)
    talk.hear(PHONE)
    assert talk.tool.tool == "calendar.find"
    talk.result([OLD])
    talk.hear(Provide(slot="date", value=TUESDAY), Provide(slot="time", value=TWO))
    talk.result(FREE)
    assert talk.acts == ["check_move"]
    talk.hear(Yes())
    assert talk.tool.tool == "calendar.book"
    talk.result({"reference": "9", "start": "2026-02-17T14:00:00-05:00"})
    assert (talk.tool.tool, talk.tool.args["reference"]) == ("calendar.cancel", "4711")
    talk.result({"reference": "4711"})

    assert talk.acts[0] == "moved"
    assert talk.conversation.outcome().confirmation == "9"


def test_an_old_booking_that_cannot_be_removed_is_reported(talk: Talk) -> None:
    talk.hear(WantReschedule())
    talk.hear(NAME)
    talk.hear(PHONE)
    talk.result([OLD])
    talk.hear(Provide(slot="date", value=TUESDAY), Provide(slot="time", value=TWO))
    talk.result(FREE)
    talk.hear(Yes())
    talk.result({"reference": "9", "start": "2026-02-17T14:00:00-05:00"})
    talk.result(error="tool_timeout")

    assert talk.acts[:2] == ["moved", "old_not_cancelled"]
    assert any("4711" in step for step in talk.conversation.outcome().next_steps)


def test_cancelling_asks_first(talk: Talk) -> None:
    talk.hear(WantCancel())
    talk.hear(NAME)
    talk.hear(PHONE)
    talk.result([OLD])
    assert talk.acts == ["check_cancel"]
    talk.hear(Yes())
    assert talk.tool.args == {"reference": "4711"}
    talk.result({"reference": "4711"})

    assert talk.acts[0] == "cancelled"
    assert talk.conversation.outcome().task_outcome is TaskOutcome.ACHIEVED


def test_a_no_keeps_the_booking(talk: Talk) -> None:
    talk.hear(WantCancel())
    talk.hear(NAME)
    talk.hear(PHONE)
    talk.result([OLD])
    talk.hear(No())

    assert talk.acts == ["kept_booking"]


def test_of_several_bookings_the_right_one_is_asked_for(talk: Talk) -> None:
    talk.hear(WantCancel())
    talk.hear(NAME)
    talk.hear(PHONE)
    talk.result([OLD, {"reference": "4712", "start": "2026-02-18T10:00:00-05:00"}])
    assert talk.acts == ["which_booking"]
    talk.hear(No())

    assert talk.conversation.state.desk.slots["old"] == "4712"


def test_the_callers_number_unlocks_nothing() -> None:
    """Bookings are looked up by what the caller says, never by the number that the carrier shows."""
    talk = Talk(inbound_spec(caller_phone="+15559990000"))
    talk.hear(WantCancel())

    assert talk.acts == ["ask_name"]
    talk.hear(NAME)
    assert talk.acts == ["ask_phone"]
    talk.hear(PHONE)
    assert talk.tool.args == {"name": "Susan Miller", "phone": "+15551234567"}


def test_a_message_is_read_back_and_kept(talk: Talk) -> None:
    talk.hear(LeaveMessage())
    talk.hear(Unclear(text=""), text="The documents are ready")
    talk.hear(NAME)
    said = talk.hear(PHONE)
    talk.hear(Yes())

    message = talk.conversation.outcome().message
    assert "The documents are ready" in said
    assert message is not None
    assert (message.name, message.phone, message.text) == (
        "Susan Miller",
        "+15551234567",
        "The documents are ready",
    )
    assert any("+15551234567" in step for step in talk.conversation.outcome().next_steps)


def test_a_message_is_taken_without_a_number_that_they_will_not_give(talk: Talk) -> None:
    talk.hear(LeaveMessage(text="The documents are ready"))
    talk.hear(NAME)
    talk.hear(No())
    talk.hear(Yes())

    message = talk.conversation.outcome().message
    assert message is not None
    assert message.phone is None


def test_a_wrong_message_is_corrected(talk: Talk) -> None:
    talk.hear(LeaveMessage(text="The documents are ready"))
    talk.hear(NAME)
    talk.hear(PHONE)
    talk.hear(No())
    talk.hear(Unclear(text=""), text="The documents are not ready yet")
    talk.hear(Yes())

    message = talk.conversation.outcome().message
    assert message is not None
    assert message.text == "The documents are not ready yet"
