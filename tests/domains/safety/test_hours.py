"""Calling hours by the callee's clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.safety.hours import CallingHours, callee_zone, callee_zones, may_call, next_allowed, zone
from voice_engine.errors import InvalidInput

HOURS = CallingHours()
WINTER = dt.datetime(2026, 2, 13, 15, 0, tzinfo=dt.UTC)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def names(e164: str, *, requested: str | None = None, organization: str = "UTC") -> list[str]:
    zones = callee_zones(e164, requested=requested, organization=organization, at=WINTER)
    return [each.key for each in zones]


def test_the_requests_zone_decides() -> None:
    assert names("+14155551234", requested="Europe/Madrid") == ["Europe/Madrid"]


def test_a_number_of_one_zone_is_on_that_clock() -> None:
    assert names("+14155551234", organization="Europe/Madrid") == ["America/Los_Angeles"]


def test_zones_that_agree_count_as_one() -> None:
    """A British mobile may be in London, on Jersey, Guernsey or Man: one clock."""
    assert names("+447400123456") == ["Europe/London"]


def test_the_organizations_zone_settles_an_ambiguous_number() -> None:
    assert names("+34600123456", organization="Europe/Madrid") == ["Europe/Madrid"]


def test_an_ambiguous_number_elsewhere_keeps_all_its_clocks() -> None:
    """A Spanish mobile called from New York: mainland and Canaries must both be awake."""
    assert set(names("+34600123456", organization="America/New_York")) == {"Atlantic/Canary", "Europe/Madrid"}


def test_a_number_that_tells_nothing_is_on_the_organizations_clock() -> None:
    assert names("+15551234567", organization="America/Chicago") == ["America/Chicago"]


def test_dates_are_spoken_of_in_one_zone() -> None:
    def spoken(e164: str, organization: str) -> str:
        return callee_zone(e164, requested=None, organization=organization, at=WINTER).key

    assert spoken("+14155551234", "Europe/Madrid") == "America/Los_Angeles"
    assert spoken("+34600123456", "America/New_York") == "America/New_York"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "America", "EST5EDT\x00"])
def test_an_unknown_zone_is_a_scheduling_violation(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        zone(name)
    assert caught.value.code == "scheduling_violation"


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-02-13T12:59:59", False),
        ("2026-02-13T13:00:00", True),
        ("2026-02-14T01:59:59", True),
        ("2026-02-14T02:00:00", False),
    ],
)
def test_hours_begin_at_eight_and_end_before_nine_in_the_evening(at: str, allowed: bool) -> None:
    assert may_call(utc(at), (zone("America/New_York"),), HOURS) is allowed


def test_an_early_request_waits_for_the_morning() -> None:
    at = next_allowed(utc("2026-02-13T06:00:00"), (zone("America/New_York"),), HOURS)

    assert at == utc("2026-02-13T13:00:00")


def test_a_late_request_waits_for_the_next_morning_across_a_clock_change() -> None:
    """Saturday evening before 8 March 2026: New York opens an hour earlier by UTC."""
    at = next_allowed(utc("2026-03-08T03:00:00"), (zone("America/New_York"),), HOURS)

    assert at == utc("2026-03-08T12:00:00")


def test_several_zones_wait_for_the_last_to_open() -> None:
    at = next_allowed(utc("2026-02-13T05:00:00"), (zone("Europe/Madrid"), zone("Atlantic/Canary")), HOURS)

    assert at == utc("2026-02-13T08:00:00")


def test_zones_that_never_meet_leave_the_first_to_decide() -> None:
    narrow = CallingHours(opens=dt.time(9), closes=dt.time(10))

    at = next_allowed(utc("2026-02-13T00:00:00"), (zone("Europe/Madrid"), zone("America/Los_Angeles")), narrow)

    assert at == utc("2026-02-13T08:00:00")


def test_hours_that_close_before_they_open_are_refused() -> None:
    with pytest.raises(InvalidInput, match="open before they close"):
        CallingHours(opens=dt.time(21), closes=dt.time(8))


@given(
    at=st.datetimes(
        min_value=dt.datetime(2024, 1, 1), max_value=dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC)
    ),
    name=st.sampled_from(["America/New_York", "Europe/Madrid", "America/St_Johns", "Europe/London"]),
)
def test_the_next_instant_is_allowed_soon_and_not_before_now(at: dt.datetime, name: str) -> None:
    zones = (ZoneInfo(name),)

    then = next_allowed(at, zones, HOURS)

    assert may_call(then, zones, HOURS)
    assert dt.timedelta(0) <= then - at <= dt.timedelta(hours=12)
