"""What an organization says of itself, as calls use it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from tests.domains.prompts.subjects import WEEK
from tests.fakes.accounts import NOW
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.prompts.facts import facts_of, read_hours
from voice_engine.ports.call import OpeningHours

NEW_YORK = ZoneInfo("America/New_York")
BUSINESS = Organization(name="Acme", timezone="America/New_York", business_hours=WEEK, created_at=NOW)


def test_hours_are_times_and_closed_days_are_left_out() -> None:
    hours = read_hours({**WEEK, "sunday": {"open": "10:00", "close": "24:00", "closed": False}})

    assert hours["friday"] == OpeningHours(open=dt.time(18), close=dt.time(2))
    assert hours["sunday"] == OpeningHours(open=dt.time(10), close=dt.time(0))
    assert set(hours) == {"monday", "tuesday", "friday", "sunday"}


@pytest.mark.parametrize(
    ("day", "hour", "minute", "expected"),
    [
        (9, 8, 59, False),  # Monday, 9 February 2026
        (9, 9, 0, True),
        (9, 16, 59, True),
        (9, 17, 0, False),
        (11, 12, 0, False),
        (13, 17, 59, False),
        (13, 23, 0, True),
        (14, 1, 59, True),
        (14, 2, 0, False),
    ],
)
def test_it_is_open_in_its_own_zone_and_past_midnight(day: int, hour: int, minute: int, expected: bool) -> None:
    at = dt.datetime(2026, 2, day, hour, minute, tzinfo=NEW_YORK).astimezone(dt.UTC)

    assert facts_of(BUSINESS).is_open(at) is expected


def test_whoever_never_said_is_neither_open_nor_closed() -> None:
    silent = Organization(name="Acme", timezone="UTC", created_at=NOW)

    assert facts_of(silent).is_open(NOW) is None
    assert facts_of(silent).hours == {}
