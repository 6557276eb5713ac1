"""Pains of the field that the dialogue has to spare its users: machines taken for people, invented bookings."""

import pytest

from tests.core.dialogue.talk import TUESDAY, Talk, inbound_spec, outbound_spec
from voice_engine.core.dialogue.actions import Say, Wait
from voice_engine.core.dialogue.commands import (
    Beep,
    Greeting,
    HungUp,
    Provide,
    Silence,
    VoicemailGreeting,
    WantBooking,
    Yes,
)
from voice_engine.core.dialogue.ics import calendar_event
from voice_engine.ports.call import Status

HUMANS = (
    "hello",
    "thanks for calling nobu how can i help",
    "good evening casa lucia",
    "yes hello who is this",
    "smile dental this is karen",
    "hi you're speaking with tom",
    "pizza corner",
    "harbor grill one moment please",
)
MAILBOXES = (
    "you have reached the golden fork please leave a message after the tone",
    "hi this is tom i can't come to the phone right now leave your name and number and i'll call you back",
    "the person you are trying to reach is not available please record your message",
    "your call has been forwarded to an automatic voice message system",
    "our office is closed please leave your name and number and we will call you back",
)
CONFIRMATIONS = ("booked", "all set", "reserved", "confirmed", "reference")


@pytest.mark.parametrize("text", HUMANS)
def test_pain_21_a_person_is_spoken_to_at_once(text: str) -> None:
    """A human's first words are answered in the same step: detection adds no wait."""
    talk = Talk(outbound_spec())
    talk.words(text)

    assert any(isinstance(action, Say) for action in talk.actions) or talk.conversation.on_hold
    assert talk.conversation.outcome().status is not Status.VOICEMAIL


@pytest.mark.parametrize("text", MAILBOXES)
def test_pain_21_a_mailbox_is_not_talked_into(text: str) -> None:
    """A greeting gets no reply; the message comes after its tone, or after 1.5 s without one."""
    talk = Talk(outbound_spec())

    assert talk.words(text) == ""
    assert talk.actions == [Wait(check_in_ms=1500)]
    assert "John Smith" in talk.event(Beep())
    assert talk.hung_up


def test_pain_21_a_mailbox_found_out_late_still_gets_the_whole_message() -> None:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())
    talk.hear(VoicemailGreeting(), text="please leave a message")

    assert "John Smith" in talk.event(Beep())
    assert talk.conversation.outcome().status is Status.VOICEMAIL


def to_the_read_back() -> Talk:
    talk = Talk(inbound_spec())
    talk.hear(WantBooking(service="haircut"), Provide(slot="date", value=TUESDAY))
    talk.result(["2026-02-17T09:00:00-05:00"])
    talk.hear(Yes())
    talk.hear(Provide(slot="name", value="Ann Lee"))
    talk.hear(Provide(slot="phone", value="+15551234567"))
    talk.hear(Yes())
    assert talk.tool.tool == "calendar.book"
    return talk


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "tool_timeout"),
        (None, "calendar_down"),
        (None, None),
        ({}, None),
        ({"reference": ""}, None),
        ([], None),
    ],
)
def test_pain_24_no_booking_is_confirmed_that_the_calendar_did_not_confirm(
    value: object, error: str | None
) -> None:
    """A failing or empty tool: no word of confirmation, nothing agreed, no calendar entry, a message offered."""
    talk = to_the_read_back()
    said = talk.result(value, error).lower().replace("nothing is booked", "")
    talk.event(HungUp())

    outcome = talk.conversation.outcome()
    assert not any(word in said for word in CONFIRMATIONS)
    assert "message" in said
    assert outcome.agreed is None
    assert outcome.confirmation is None
    assert calendar_event(talk.conversation.spec, outcome) is None


def test_pain_24_only_the_calendars_reference_is_told() -> None:
    said = to_the_read_back().result({"reference": "402913", "start": "2026-02-17T09:00:00-05:00"})

    assert "four, zero, two, nine, one, three" in said


def test_pain_24_a_booking_is_read_back_with_its_weekday() -> None:
    """A wrong "today" is heard at once when every date is said with its weekday."""
    talk = Talk(outbound_spec())
    talk.hear(Greeting())

    assert "Saturday, February fourteenth" in talk.hear(Yes())


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("I'd like a haircut tomorrow at 10:30", "2026-02-14", "10:30"),
        ("I'd like a haircut today at 3", "2026-02-13", "15:00"),
        ("a haircut next Tuesday at half past two", "2026-02-17", "14:30"),
    ],
)
def test_pain_24_relative_days_are_counted_from_the_calls_own_today(text: str, day: str, time: str) -> None:
    talk = Talk(inbound_spec())
    talk.words(text)

    slots = talk.conversation.state.desk.slots
    assert str(slots["date"]) == day
    assert f"{slots['time']:%H:%M}" == time


def test_pain_24_a_hang_up_before_the_confirmation_books_nothing() -> None:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())
    talk.hear(Yes())
    talk.event(Silence(silent_ms=8000, count=1))
    talk.event(HungUp())

    assert talk.conversation.outcome().agreed is None
