"""Months that are not all alike."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.usage.periods import add_months, period_at, period_of_days

UTC = dt.UTC
INSTANTS = st.datetimes(
    min_value=dt.datetime(2020, 1, 1), max_value=dt.datetime(2035, 1, 1), timezones=st.just(UTC)
)


def day(year: int, month: int, number: int) -> dt.datetime:
    return dt.datetime(year, month, number, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("anchor", "starts"),
    [
        (day(2026, 1, 31), [day(2026, 2, 28), day(2026, 3, 31), day(2026, 4, 30), day(2026, 5, 31)]),
        (day(2028, 1, 30), [day(2028, 2, 29), day(2028, 3, 30)]),
        (day(2026, 11, 15), [day(2026, 12, 15), day(2027, 1, 15)]),
    ],
)
def test_the_anchors_day_is_kept_where_the_month_has_it(anchor: dt.datetime, starts: list[dt.datetime]) -> None:
    assert [add_months(anchor, months) for months in range(1, len(starts) + 1)] == starts


def test_a_period_ends_where_the_next_begins() -> None:
    anchor = day(2026, 1, 31)
    first = period_at(anchor, anchor)

    assert (first.starts_at, first.ends_at) == (anchor, day(2026, 2, 28))
    assert period_at(anchor, first.ends_at).starts_at == first.ends_at


def test_the_clock_of_the_server_does_not_matter() -> None:
    madrid = dt.timezone(dt.timedelta(hours=2))

    assert period_at(day(2026, 1, 1), dt.datetime(2026, 2, 1, 11, 0, tzinfo=madrid)).starts_at == day(2026, 1, 1)


def test_before_its_anchor_an_account_is_in_its_first_period() -> None:
    anchor = day(2026, 5, 5)

    assert period_at(anchor, day(2026, 3, 1)).starts_at == anchor


def test_a_week_is_seven_days() -> None:
    assert period_of_days(day(2026, 2, 25), 7).ends_at == day(2026, 3, 4)


@given(anchor=INSTANTS, later=st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=4000)))
def test_every_instant_is_in_exactly_one_period(anchor: dt.datetime, later: dt.timedelta) -> None:
    at = anchor + later

    period = period_at(anchor, at)

    assert period.starts_at <= at < period.ends_at
    assert dt.timedelta(days=28) <= period.ends_at - period.starts_at <= dt.timedelta(days=31)
