"""The calendar entry of what was agreed (RFC 5545): only when the task was achieved, in the call's time zone."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration

from voice_engine.core.dialogue.highlights import write_booking
from voice_engine.ports.call import CallSpec, Category, Outcome, TaskOutcome

_LENGTHS: Mapping[Category, dt.timedelta] = {
    Category.RESTAURANT: dt.timedelta(hours=2),
    Category.CLINIC: dt.timedelta(minutes=30),
    Category.RECEPTIONIST: dt.timedelta(minutes=30),
}
_DEFAULT_LENGTH = dt.timedelta(hours=1)
_ZONE_SPAN = dt.timedelta(days=400)
"""Changes of the clocks are written out for so long around the event; without a span it would be seventy years."""

_PRODUCT = "-//voice-engine//call//EN"


def calendar_event(spec: CallSpec, outcome: Outcome) -> str | None:
    """The `.ics` text, CRLF line ends, or None when nothing was achieved or nothing has a date.

    A stay is an all-day event from check-in to check-out. A named zone is written as such, so that the time
    stays right across a change of the clocks; a bare offset is written in UTC. The UID is stable for the call.
    """
    agreed = outcome.agreed
    if outcome.task_outcome is not TaskOutcome.ACHIEVED or not agreed or not agreed.get("date"):
        return None
    event = Event()
    event.add("uid", f"{spec.call_id}@voice-engine")
    event.add("dtstamp", spec.answered_at.astimezone(dt.UTC))
    event.add("summary", _summary(spec, agreed))
    if not _add_times(event, spec, agreed):
        return None
    if outcome.highlights:
        event.add("description", "\n".join(outcome.highlights))
    place = _place(spec)
    if place:
        event.add("location", place)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    day = dt.date.fromisoformat(str(agreed["date"]))
    calendar.add_missing_timezones(day - _ZONE_SPAN, day + _ZONE_SPAN)
    text: str = calendar.to_ical().decode()
    return text


def _add_times(event: Event, spec: CallSpec, agreed: Mapping[str, Any]) -> bool:
    day = dt.date.fromisoformat(str(agreed["date"]))
    if spec.category is Category.HOTEL:
        leaves = agreed.get("check_out")
        nights = int(agreed.get("nights") or 1)
        event.add("dtstart", day)
        event.add("dtend", dt.date.fromisoformat(str(leaves)) if leaves else day + dt.timedelta(days=nights))
        return True
    if not agreed.get("time"):
        return False
    start = local_start(spec, day, dt.time.fromisoformat(str(agreed["time"])))
    event.add("dtstart", start)
    event["duration"] = vDuration(_LENGTHS.get(spec.category, _DEFAULT_LENGTH))
    return True


def local_start(spec: CallSpec, day: dt.date, moment: dt.time) -> dt.datetime:
    """The aware start: in the business's or the call's named zone; UTC where only an offset is known."""
    zone = zone_of(spec)
    start = dt.datetime.combine(day, moment, tzinfo=zone)
    return start if isinstance(zone, ZoneInfo) else start.astimezone(dt.UTC)


def zone_of(spec: CallSpec) -> dt.tzinfo:
    """The call's zone: its clock's named zone, else the `timezone` of the metadata, else the clock's offset."""
    zone = spec.answered_at.tzinfo
    named = spec.metadata.get("timezone")
    if spec.assistant is not None and spec.assistant.business.timezone != "UTC":
        return ZoneInfo(spec.assistant.business.timezone)
    if named and not isinstance(zone, ZoneInfo):
        return ZoneInfo(named)
    assert zone is not None, "answered_at is aware"
    return zone


def _summary(spec: CallSpec, agreed: Mapping[str, Any]) -> str:
    known = {key: value for key, value in agreed.items() if key not in {"date", "time", "name", "nights"}}
    what = write_booking(spec.category, known, spec.app_language)
    what = what[:1].upper() + what[1:]
    where = spec.submission.business_name if spec.submission else None
    return f"{what} – {where}" if where else what


def _place(spec: CallSpec) -> str | None:
    if spec.submission is not None:
        return spec.submission.business_name
    assert spec.assistant is not None
    business = spec.assistant.business
    return ", ".join(part for part in (business.name, business.address) if part)
