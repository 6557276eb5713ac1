"""Which inbound calls are meant: their wire states, and dates on the account's clock. Pure."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voice_engine.domains.calls.states import LIVE, CallState
from voice_engine.errors import InvalidInput

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

STATES: Mapping[str, tuple[CallState, ...]] = {
    "active": LIVE,
    "completed": (CallState.COMPLETED,),
    "missed": (CallState.MISSED, CallState.FAILED, CallState.NO_ANSWER, CallState.CANCELLED),
    "rejected": (CallState.REJECTED,),
}
"""The contract's states in ours."""

SHOWN: Mapping[str, str] = {state: word for word, states in STATES.items() for state in states}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which calls. None and False: all. `[since, until)`, aware."""

    states: tuple[CallState, ...] | None = None
    vip_only: bool = False
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def shown_state(status: str) -> str:
    """A call's state in the contract's words. What failed on our side was missed by its owner."""
    return SHOWN.get(status, "missed")


def invalid(field: str, message: str) -> InvalidInput:
    """`validation_error` of one field."""
    return InvalidInput(
        "validation_error", f"{field} {message}", details={"fields": [{"field": field, "message": message}]}
    )


def since(text: str | None, zone: ZoneInfo, *, field: str = "date_from") -> dt.datetime | None:
    """The first moment of a date or timestamp. Raises InvalidInput `validation_error`."""
    if text is None:
        return None
    day = _day(text)
    return _timestamp(text, zone, field) if day is None else dt.datetime.combine(day, dt.time.min, zone)


def until(text: str | None, zone: ZoneInfo, *, field: str = "date_to") -> dt.datetime | None:
    """The first moment after a date, or after a timestamp, which is included.

    Raises:
        InvalidInput: `validation_error`.
    """
    if text is None:
        return None
    day = _day(text)
    if day is None:
        return _timestamp(text, zone, field) + dt.timedelta(microseconds=1)
    return end_of(day, zone)


def start_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first moment of a local day."""
    return dt.datetime.combine(day, dt.time.min, zone)


def end_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first moment of the next local day: 23, 24 or 25 hours later."""
    return (
        start_of(day + dt.timedelta(days=1), zone) if day < dt.date.max else dt.datetime.max.replace(tzinfo=dt.UTC)
    )


def parse_day(text: str | None, default: dt.date, *, field: str) -> dt.date:
    """A date `YYYY-MM-DD`. Raises InvalidInput `validation_error`."""
    if text is None:
        return default
    day = _day(text)
    if day is None:
        raise invalid(field, "must be a date written as YYYY-MM-DD")
    return day


def stated(states: Sequence[str]) -> tuple[CallState, ...]:
    """The contract's states in ours."""
    return tuple(state for word in states for state in STATES[word])


def _day(text: str) -> dt.date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 9000 else None


def _timestamp(text: str, zone: ZoneInfo, field: str) -> dt.datetime:
    """A timestamp; without an offset it is the account's local time."""
    refusal = invalid(field, "must be a date such as 2026-02-13, or a timestamp with its offset")
    if len(text) > 64 or _DATE.fullmatch(text):
        raise refusal
    try:
        at = dt.datetime.fromisoformat(text)
        local = at.replace(tzinfo=zone) if at.tzinfo is None else at
        if not 1900 <= local.year <= 9000:
            raise refusal
        return local.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise refusal from error
