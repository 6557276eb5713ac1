"""Dates and times as people send them, against the calendar and the clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.accounts import NOW
from voice_engine.domains.calls import scheduling
from voice_engine.domains.safety.hours import CallingHours
from voice_engine.errors import InvalidInput

NEW_YORK = ZoneInfo("America/New_York")
MADRID = ZoneInfo("Europe/Madrid")
ANY_JSON = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.text())


@pytest.mark.parametrize(
    ("day", "time", "zone", "utc"),
    [
        ("2026-02-15", "19:00", NEW_YORK, "2026-02-16T00:00:00+00:00"),
        ("2026-07-15", "19:00", NEW_YORK, "2026-07-15T23:00:00+00:00"),
        ("2026-11-01", "01:30", NEW_YORK, "2026-11-01T05:30:00+00:00"),  # comes twice: the first
        ("2026-10-25", "02:30", MADRID, "2026-10-25T00:30:00+00:00"),  # likewise
        ("2026-03-29", "01:59", MADRID, "2026-03-29T00:59:00+00:00"),
        ("2026-03-29", "03:00", MADRID, "2026-03-29T01:00:00+00:00"),
    ],
)
def test_a_wall_clock_time_is_one_instant(day: str, time: str, zone: ZoneInfo, utc: str) -> None:
    """Summer and winter, and the hour that comes twice."""
    instant = scheduling.local_instant(dt.date.fromisoformat(day), dt.time.fromisoformat(time), zone)

    assert instant.isoformat() == utc


@pytest.mark.parametrize(
    ("day", "time", "zone"), [("2026-03-08", "02:00", NEW_YORK), ("2026-03-29", "02:59", MADRID)]
)
def test_a_time_that_the_clocks_skip_does_not_exist(day: str, time: str, zone: ZoneInfo) -> None:
    """Nobody means it; guessing either side would call at the wrong hour."""
    with pytest.raises(InvalidInput) as refused:
        scheduling.local_instant(dt.date.fromisoformat(day), dt.time.fromisoformat(time), zone)

    assert refused.value.code == "scheduling_violation"


@given(value=ANY_JSON)
def test_whatever_is_sent_is_parsed_or_refused(value: object) -> None:
    """Any JSON: a value of the right kind, or the one code; no other error comes out."""
    for parse in (
        lambda: scheduling.parse_date(value, field="date"),
        lambda: scheduling.parse_time(value, field="time"),
        lambda: scheduling.parse_instant(value, field="at"),
        lambda: scheduling.parse_zone(value),
    ):
        try:
            parse()
        except InvalidInput as refused:
            assert refused.code == "scheduling_violation"


@pytest.mark.parametrize("value", ["2026-02-29", "2026-13-01", "2026-2-1", "20260201", "2026-W05-1", "٢٠٢٦-٠٢-٠١"])
def test_days_that_are_none(value: str) -> None:
    """Python reads more forms than the contract has, and other scripts' digits."""
    with pytest.raises(InvalidInput):
        scheduling.parse_date(value, field="date")


@pytest.mark.parametrize("value", ["24:00", "9:00", "09:60", "09:00:00", "0900", "09.00"])
def test_times_that_are_none(value: str) -> None:
    """Two digits, a colon, two digits."""
    with pytest.raises(InvalidInput):
        scheduling.parse_time(value, field="time")


def test_an_instant_needs_its_offset() -> None:
    """A bare time would be a guess about a zone."""
    assert scheduling.parse_instant("2026-02-14T10:00:00Z", field="at").isoformat() == "2026-02-14T10:00:00+00:00"
    with pytest.raises(InvalidInput):
        scheduling.parse_instant("2026-02-14T10:00:00", field="at")


@pytest.mark.parametrize(
    ("ahead", "refused"), [(-61, True), (-60, False), (0, False), (366 * 86_400, False), (366 * 86_400 + 1, True)]
)
def test_calls_are_planned_from_now_to_a_year_ahead(ahead: int, refused: bool) -> None:
    """A minute of the client's clock being behind is forgiven."""
    when = NOW + dt.timedelta(seconds=ahead)

    try:
        scheduling.check_ahead(when, now=NOW, furthest=dt.timedelta(days=366))
    except InvalidInput:
        assert refused
    else:
        assert not refused


@pytest.mark.parametrize(
    ("day", "time", "refused"),
    [
        ("2026-02-12", None, True),
        ("2026-02-13", None, False),
        ("2026-02-13", "10:00", True),
        ("2026-02-13", "10:30", False),
        (None, "10:00", False),
    ],
)
def test_an_appointment_is_still_to_come(day: str | None, time: str | None, refused: bool) -> None:
    """By the clock of its own zone; a day without a time counts until its end."""
    wanted = dt.date.fromisoformat(day) if day else None
    moment = dt.time.fromisoformat(time) if time else None

    try:
        scheduling.check_appointment(wanted, moment, NEW_YORK, now=NOW)
    except InvalidInput:
        assert refused
    else:
        assert not refused


NIGHT = dt.datetime(2026, 2, 14, 3, 0, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 2, 14, 13, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("wish", "now", "urgent", "due"),
    [
        (None, NOW, False, None),
        (None, NIGHT, False, MORNING),
        (None, NIGHT, True, None),
        (NIGHT, NOW, False, NIGHT),  # its owner's choice stands; the dial holds it to the hours
        (NOW, NOW, False, None),
    ],
)
def test_when_a_call_is_dialled(
    wish: dt.datetime | None, now: dt.datetime, urgent: bool, due: dt.datetime | None
) -> None:
    """At once inside the callee's hours, in the morning outside them, at once when it is urgent."""
    assert scheduling.when_to_dial(wish, (NEW_YORK,), CallingHours(), urgent=urgent, now=now) == due
