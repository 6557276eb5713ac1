"""Billing periods: months from the day a subscription began, in UTC.

The anchor's day is kept: 31 January, 28 February, 31 March. A month without that day ends the period on its last.
"""

import calendar
import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `starts_at` until before `ends_at`, both aware UTC."""

    starts_at: dt.datetime
    ends_at: dt.datetime


def add_months(anchor: dt.datetime, months: int) -> dt.datetime:
    """`anchor` as many months later (≥ 0), on its own day or the month's last."""
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    day = min(anchor.day, calendar.monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


def period_at(anchor: dt.datetime, at: dt.datetime) -> Period:
    """The monthly period of the aware instant `at`, counted from `anchor`; before the anchor: the first one."""
    anchor, at = anchor.astimezone(dt.UTC), at.astimezone(dt.UTC)
    months = max(0, (at.year - anchor.year) * 12 + at.month - anchor.month)
    if months and add_months(anchor, months) > at:
        months -= 1
    return Period(starts_at=add_months(anchor, months), ends_at=add_months(anchor, months + 1))


def period_of_days(start: dt.datetime, days: int) -> Period:
    """A period of whole days, for plans that end."""
    start = start.astimezone(dt.UTC)
    return Period(starts_at=start, ends_at=start + dt.timedelta(days=days))
