"""The calendar entry."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests.core.dialogue.talk import Talk, inbound_spec, outbound_spec
from voice_engine.core.dialogue.commands import Booked, Greeting, HungUp, Yes
from voice_engine.core.dialogue.ics import calendar_event
from voice_engine.ports.call import CallSpec, Category, Outcome

MADRID = ZoneInfo("Europe/Madrid")


def booked(spec: CallSpec) -> Outcome:
    talk = Talk(spec)
    talk.hear(Greeting())
    talk.hear(Booked(code="12345"))
    return talk.conversation.outcome()


def event_of(spec: CallSpec, outcome: Outcome) -> dict[str, object]:
    text = calendar_event(spec, outcome)
    assert text is not None
    event = Calendar.from_ical(text).walk("VEVENT")[0]
    return {
        name: getattr(event.get(name), "dt", event.get(name)) for name in ("DTSTART", "DTEND", "UID", "SUMMARY")
    }


def test_the_entry_is_at_the_agreed_time_in_the_calls_zone() -> None:
    spec = replace(outbound_spec(business_name="Nobu"), answered_at=dt.datetime(2026, 2, 13, 10, tzinfo=MADRID))
    entry = event_of(spec, booked(spec))

    assert entry["DTSTART"] == dt.datetime(2026, 2, 14, 20, 0, tzinfo=MADRID)
    assert str(entry["SUMMARY"]) == "Table for 4 – Nobu"


def test_a_named_zone_is_written_with_its_rules() -> None:
    spec = replace(outbound_spec(), answered_at=dt.datetime(2026, 2, 13, 10, tzinfo=MADRID))
    text = calendar_event(spec, booked(spec))

    assert text is not None
    assert "TZID:Europe/Madrid" in text
    assert "BEGIN:VTIMEZONE" in text


def test_a_bare_offset_is_written_in_utc() -> None:
    spec = outbound_spec()

    assert event_of(spec, booked(spec))["DTSTART"] == dt.datetime(2026, 2, 15, 1, 0, tzinfo=dt.UTC)


def test_a_day_after_a_change_of_the_clocks_keeps_its_wall_time() -> None:
    spec = outbound_spec(appointment_date=dt.date(2026, 4, 4))
    spec = replace(spec, answered_at=dt.datetime(2026, 3, 20, 10, tzinfo=MADRID))
    start = event_of(spec, booked(spec))["DTSTART"]

    assert isinstance(start, dt.datetime)
    assert start.astimezone(dt.UTC) == dt.datetime(2026, 4, 4, 18, 0, tzinfo=dt.UTC)


def test_the_uid_is_the_calls() -> None:
    spec = outbound_spec(call_id="abc")
    outcome = booked(spec)

    assert str(event_of(spec, outcome)["UID"]) == "abc@voice-engine"
    assert calendar_event(spec, outcome) == calendar_event(spec, outcome)


def test_lines_end_as_the_format_demands() -> None:
    spec = outbound_spec()
    text = calendar_event(spec, booked(spec))

    assert text is not None
    assert all(line.endswith("\r") for line in text.split("\n")[:-1])


def test_a_stay_is_whole_days() -> None:
    spec = outbound_spec(
        Category.HOTEL, task_description="A double room for three nights", time_preference_text=None
    )
    entry = event_of(spec, booked(spec))

    assert (entry["DTSTART"], entry["DTEND"]) == (dt.date(2026, 2, 14), dt.date(2026, 2, 17))


def test_nothing_is_written_when_nothing_was_achieved() -> None:
    spec = outbound_spec()
    talk = Talk(spec)
    talk.hear(Greeting())
    talk.hear(Yes())
    talk.event(HungUp())

    assert calendar_event(spec, talk.conversation.outcome()) is None


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Madrid"])
def test_an_inbound_booking_is_in_the_business_zone(zone: str) -> None:
    spec = inbound_spec()
    assert spec.assistant is not None
    business = replace(spec.assistant.business, timezone=zone)
    spec = replace(spec, assistant=replace(spec.assistant, business=business))
    agreed = {"date": "2026-02-17", "time": "14:00", "service": "haircut"}
    outcome = Outcome(
        status="completed",  # type: ignore[arg-type]  # only agreed and task_outcome are read
        disposition="completed",  # type: ignore[arg-type]
        task_outcome="achieved",  # type: ignore[arg-type]
        agreed=agreed,
    )
    outcome = replace(outcome, task_outcome=booked(outbound_spec()).task_outcome)

    start = event_of(spec, outcome)["DTSTART"]
    assert start == dt.datetime(2026, 2, 17, 14, 0, tzinfo=ZoneInfo(zone))
