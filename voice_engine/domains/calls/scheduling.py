"""Dates and times as people send them, held to the calendar and the clocks of a zone. Pure.

Everything that is wrong here has one code: `scheduling_violation`.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from voice_engine.domains.safety.hours import CallingHours, may_call, next_allowed, zone
from voice_engine.errors import InvalidInput

CLOCK_SKEW = dt.timedelta(seconds=60)
"""A client's clock may be so much behind ours; a time that it calls "now" is then not in the past."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


def violation(message: str) -> InvalidInput:
    """The refusal of a date, a time or a zone."""
    return InvalidInput("scheduling_violation", message)


def parse_zone(value: object) -> str | None:
    """An IANA zone's name, known to exist; None: none was given."""
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value:
        raise violation("timezone must be an IANA name such as America/New_York")
    return zone(value).key


def parse_date(value: object, *, field: str) -> dt.date:
    """`YYYY-MM-DD`, a day that exists."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise violation(f"{field} must be a date written as YYYY-MM-DD")
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise violation(f"{field}: {value} is not a day of the calendar") from error


def parse_time(value: object, *, field: str) -> dt.time:
    """`HH:MM`, 24-hour."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise violation(f"{field} must be a time written as HH:MM, 00:00 to 23:59")
    return dt.time.fromisoformat(value)


def parse_instant(value: object, *, field: str) -> dt.datetime:
    """An ISO 8601 time with its offset; UTC."""
    refusal = violation(f"{field} must be a time with its offset, such as 2026-02-14T20:00:00-05:00")
    if not isinstance(value, str) or len(value) > 64:
        raise refusal
    try:
        instant = dt.datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise refusal
        return instant.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise refusal from error


def local_instant(day: dt.date, time: dt.time, local: ZoneInfo) -> dt.datetime:
    """The UTC instant of a wall-clock time; of two (clocks set back) the first.

    Raises:
        InvalidInput: `scheduling_violation`, when the clocks skip it.
    """
    try:
        instant = dt.datetime.combine(day, time, tzinfo=local).astimezone(dt.UTC)
        exists = instant.astimezone(local).replace(tzinfo=None) == dt.datetime.combine(day, time)
    except OverflowError as error:
        raise violation(f"{day} is out of range") from error
    if not exists:
        raise violation(f"{time:%H:%M} does not exist on {day} in {local.key}: the clocks are set forward then")
    return instant


def check_ahead(instant: dt.datetime, *, now: dt.datetime, furthest: dt.timedelta) -> dt.datetime:
    """`instant`, if a call may be planned for it: not past, not further than `furthest` away."""
    if instant < now - CLOCK_SKEW:
        raise violation("the time is in the past; give one that is still to come")
    if instant > now + furthest:
        raise violation(f"a call can be planned at most {furthest.days} days ahead")
    return instant


def check_appointment(day: dt.date | None, time: dt.time | None, local: ZoneInfo, *, now: dt.datetime) -> None:
    """Refuse an appointment that is past already, or that the clocks skip. Without a day, any time will do."""
    if day is None:
        return
    if day < now.astimezone(local).date():
        raise violation(f"the appointment's date {day} is in the past in {local.key}")
    if time is not None and local_instant(day, time, local) < now - CLOCK_SKEW:
        raise violation(f"the appointment at {time:%H:%M} on {day} is in the past in {local.key}")


def when_to_dial(
    wish: dt.datetime | None, zones: tuple[ZoneInfo, ...], hours: CallingHours, *, urgent: bool, now: dt.datetime
) -> dt.datetime | None:
    """The instant for which a call is to be scheduled; None: it may be dialled at once.

    A time that its owner chose stands as it is (the dial holds it to the calling hours again).
    """
    if wish is not None:
        return wish if wish > now else None
    if urgent or may_call(now, zones, hours):
        return None
    return next_allowed(now, zones, hours)
