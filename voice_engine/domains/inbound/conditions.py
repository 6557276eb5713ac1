"""When a rule applies: its conditions, all of which must hold. Pure.

A condition that is not named holds. A withheld number meets no condition about numbers; it is no VIP and is not
known. Days and times are judged each for itself, at the moment of the call, in the range's zone (else the
account's): Friday with 22:00 to 06:00 is Friday's first six hours and its last two.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

RECENT = dt.timedelta(hours=1)
"""What `min_recent_calls` looks back over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """`[start, end)` on the clock. An end before the start crosses midnight, one at the start is the whole day."""

    start: dt.time
    end: dt.time
    timezone: str | None = None

    def holds(self, time: dt.time) -> bool:
        """Whether the clock stands within the range."""
        if self.start < self.end:
            return self.start <= time < self.end
        return time >= self.start or time < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a rule asks of a call. None: it does not ask. An empty list is met by nobody.

    `caller_prefixes` are E.164 beginnings, `caller_countries` ISO 3166-1 alpha-2, `days_of_week` ISO (Monday is 1).
    `min_recent_calls` counts earlier calls of that number within the last hour, not this one.
    """

    caller_vip: bool | None = None
    caller_known: bool | None = None
    caller_numbers: tuple[str, ...] | None = None
    caller_prefixes: tuple[str, ...] | None = None
    caller_countries: tuple[str, ...] | None = None
    caller_anonymous: bool | None = None
    called_number_ids: tuple[str, ...] | None = None
    time_range: TimeRange | None = None
    days_of_week: tuple[int, ...] | None = None
    min_recent_calls: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A call as rules see it. `number` is E.164, None when withheld; `at` is aware, `timezone` the account's."""

    number: str | None
    country: str | None
    is_vip: bool
    is_known: bool
    called_number_id: str
    at: dt.datetime
    timezone: str
    recent_calls: int = 0


def holds(conditions: Conditions, call: Situation) -> bool:
    """Whether all conditions hold for this call."""
    return all(check(conditions, call) for check in _CHECKS.values())


def unmet(conditions: Conditions, call: Situation) -> tuple[str, ...]:
    """The names of the conditions that do not hold for this call: why its rule does not take it."""
    return tuple(name for name, check in _CHECKS.items() if not check(conditions, call))


def read_conditions(stored: Mapping[str, Any]) -> Conditions:
    """Conditions out of a rule's row. An unknown key is a bug: an ignored condition would match everyone."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()
    }
    span = values.get("time_range")
    if span is not None:
        start, end = dt.time.fromisoformat(span["start"]), dt.time.fromisoformat(span["end"])
        values["time_range"] = TimeRange(start=start, end=end, timezone=span.get("timezone"))
    return Conditions(**values)


def _vip(conditions: Conditions, call: Situation) -> bool:
    return conditions.caller_vip in {None, call.is_vip and call.number is not None}


def _known(conditions: Conditions, call: Situation) -> bool:
    return conditions.caller_known in {None, call.is_known and call.number is not None}


def _anonymous(conditions: Conditions, call: Situation) -> bool:
    return conditions.caller_anonymous in {None, call.number is None}


def _number(conditions: Conditions, call: Situation) -> bool:
    return conditions.caller_numbers is None or call.number in conditions.caller_numbers


def _prefix(conditions: Conditions, call: Situation) -> bool:
    if conditions.caller_prefixes is None:
        return True
    return call.number is not None and call.number.startswith(conditions.caller_prefixes)


def _country(conditions: Conditions, call: Situation) -> bool:
    if conditions.caller_countries is None:
        return True
    return call.country is not None and call.country in conditions.caller_countries


def _called(conditions: Conditions, call: Situation) -> bool:
    return conditions.called_number_ids is None or call.called_number_id in conditions.called_number_ids


def _time(conditions: Conditions, call: Situation) -> bool:
    span = conditions.time_range
    return span is None or span.holds(_local(conditions, call).time())


def _day(conditions: Conditions, call: Situation) -> bool:
    days = conditions.days_of_week
    return days is None or _local(conditions, call).isoweekday() in days


def _often(conditions: Conditions, call: Situation) -> bool:
    if conditions.min_recent_calls is None:
        return True
    return call.number is not None and call.recent_calls >= conditions.min_recent_calls


def _local(conditions: Conditions, call: Situation) -> dt.datetime:
    zone = conditions.time_range.timezone if conditions.time_range else None
    return call.at.astimezone(ZoneInfo(zone or call.timezone))


_CHECKS: Mapping[str, Callable[[Conditions, Situation], bool]] = {
    "caller_vip": _vip,
    "caller_known": _known,
    "caller_anonymous": _anonymous,
    "caller_numbers": _number,
    "caller_prefixes": _prefix,
    "caller_countries": _country,
    "called_number_ids": _called,
    "time_range": _time,
    "days_of_week": _day,
    "min_recent_calls": _often,
}
"""By the name of the condition; none is left out (a test)."""
