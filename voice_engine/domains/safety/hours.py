"""When somebody may be called: the callee's own clock, not the server's.

The request's zone decides, else the number's; a number that may be in several zones is called only when all of them
are inside the hours, unless the organization's zone is one of them.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone as number_zones

from voice_engine.errors import InvalidInput

_UNKNOWN = "Etc/Unknown"
"""libphonenumber's zone of a number that it cannot place."""

_PREFERRED = ("Europe/London",)
"""The name to show where zones of one number always agree: +44 7… is on London's clock on every island."""

_DAYS_AHEAD = 8
"""A week and a day: hours repeat daily, and a change of daylight saving time shifts them once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingHours:
    """The part of each day in which calls are placed: from `opens` until before `closes`, local time.

    The default is the hours of 47 CFR 64.1200(c)(1), 8 to 21.
    """

    opens: dt.time = dt.time(8)
    closes: dt.time = dt.time(21)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise InvalidInput("calling_hours_invalid", "calling hours must open before they close on the same day")

    def contain(self, local: dt.datetime) -> bool:
        """Whether a call may begin at `local`."""
        return self.opens <= local.time() < self.closes


def zone(name: str) -> ZoneInfo:
    """The IANA zone `name`.

    Raises:
        InvalidInput: `scheduling_violation`.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            "scheduling_violation", f"{name[:64]!r} is no IANA time zone; write one such as Europe/Madrid"
        ) from error


def callee_zones(e164: str, *, requested: str | None, organization: str, at: dt.datetime) -> tuple[ZoneInfo, ...]:
    """The zones whose clocks must all be inside calling hours for a call to `e164`.

    Args:
        e164: the number to call.
        requested: the zone that the request names, if any; it decides.
        organization: the organization's zone, for numbers that tell nothing.
        at: when the call is meant, aware; zones that agree then count as one.

    Raises:
        InvalidInput: `scheduling_violation` when a zone does not exist.
    """
    if requested is not None:
        return (zone(requested),)
    own = zone(organization)
    candidates = _distinct(map(zone, _names(e164)), at)
    offsets = {at.astimezone(candidate).utcoffset() for candidate in candidates}
    if not candidates or (len(candidates) > 1 and at.astimezone(own).utcoffset() in offsets):
        return (own,)
    return candidates


def callee_zone(e164: str, *, requested: str | None, organization: str, at: dt.datetime) -> ZoneInfo:
    """The zone in which a call's dates are spoken of: the request's, the callee's if unique, the organization's."""
    zones = callee_zones(e164, requested=requested, organization=organization, at=at)
    return zones[0] if len(zones) == 1 else zone(organization)


def may_call(at: dt.datetime, zones: Iterable[ZoneInfo], hours: CallingHours) -> bool:
    """Whether a call may begin at the aware instant `at` by every clock of `zones`."""
    return all(hours.contain(at.astimezone(each)) for each in zones)


def next_allowed(at: dt.datetime, zones: tuple[ZoneInfo, ...], hours: CallingHours) -> dt.datetime:
    """The first instant from the aware `at` on when a call may begin; UTC.

    Where hours are so short and zones so far apart that no instant suits all, the first zone alone decides.
    """
    if may_call(at, zones, hours):
        return at.astimezone(dt.UTC)
    openings = sorted(opening for each in zones for opening in _openings(at, each, hours) if opening > at)
    for opening in openings:
        if may_call(opening, zones, hours):
            return opening
    return next_allowed(at, zones[:1], hours)


def _openings(at: dt.datetime, each: ZoneInfo, hours: CallingHours) -> Iterable[dt.datetime]:
    today = at.astimezone(each).date()
    for days in range(_DAYS_AHEAD):
        local = dt.datetime.combine(today + dt.timedelta(days=days), hours.opens, tzinfo=each)
        yield local.astimezone(dt.UTC)


def _distinct(zones: Iterable[ZoneInfo], at: dt.datetime) -> tuple[ZoneInfo, ...]:
    """One zone for each offset at `at`."""
    by_offset: dict[dt.timedelta | None, ZoneInfo] = {}
    for each in zones:
        by_offset.setdefault(at.astimezone(each).utcoffset(), each)
    return tuple(by_offset.values())


@lru_cache(maxsize=4096)
def _names(e164: str) -> tuple[str, ...]:
    names = [name for name in number_zones.time_zones_for_number(phonenumbers.parse(e164)) if name != _UNKNOWN]
    return tuple(sorted(names, key=lambda name: (name not in _PREFERRED, name)))
