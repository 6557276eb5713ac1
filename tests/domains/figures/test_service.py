"""Figures are counted on the organization's clock, of its own calls alone."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.fakes.accounts import Account, add_account
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.figures.service import Latencies, Range, read_figures, read_range, today_of
from voice_engine.errors import InvalidInput
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

SUNDAY = dt.date(2026, 3, 8)
"""The day on which New York's clocks go forward, at 2:00 (7:00 UTC)."""
WEEK = Range(first=SUNDAY - dt.timedelta(days=6), last=SUNDAY)


def call(account: Account, at: dt.datetime, **columns: object) -> Call:
    """A call that was taken and talked for a minute."""
    return Call(
        **{
            "id": new_id(),
            "organization_id": account.organization_id,
            "product": "KALLY",
            "direction": "inbound",
            "status": "completed",
            "created_at": at,
            "answered_at": at,
            "duration_ms": 60_000,
            "credits_used": Decimal("0.80"),
            "timezone": "America/New_York",
            "language": "en",
            "app_language": "en",
            "max_seconds": 600,
            **columns,
        }
    )


async def test_days_and_hours_are_those_of_the_organizations_clock(store: Store) -> None:
    """23:30 on Saturday in New York is Sunday in UTC; after the change the offset is another one."""
    ada = await add_account(store, timezone="America/New_York")
    late = dt.datetime(2026, 3, 8, 4, 30, tzinfo=dt.UTC)
    after = dt.datetime(2026, 3, 8, 17, 15, tzinfo=dt.UTC)
    async with store.begin(ada.organization_id) as work:
        work.session.add_all([call(ada, late), call(ada, after), call(ada, after)])
    async with store.read(ada.organization_id) as work:
        figures = await read_figures(work, WEEK)

    assert [tally.calls for _, tally in figures.by_day] == [0, 0, 0, 0, 0, 1, 2]
    assert (figures.by_hour[5][23], figures.by_hour[6][13]) == (1, 2)
    assert figures.busiest == (6, 13)


async def test_half_hour_zones_count_into_their_own_days(store: Store) -> None:
    """Midnight in Kathmandu is 18:15 UTC."""
    ada = await add_account(store, timezone="Asia/Kathmandu")
    async with store.begin(ada.organization_id) as work:
        before, after = (dt.datetime(2026, 3, 7, 18, minute, tzinfo=dt.UTC) for minute in (14, 16))
        work.session.add_all([call(ada, before), call(ada, after)])
    async with store.read(ada.organization_id) as work:
        figures = await read_figures(work, WEEK)

    assert [tally.calls for _, tally in figures.by_day][-2:] == [1, 1]


async def test_calls_are_counted_by_what_became_of_them(store: Store) -> None:
    ada = await add_account(store)
    at = dt.datetime(2026, 3, 5, 15, tzinfo=dt.UTC)
    unanswered: dict[str, object] = {"answered_at": None, "duration_ms": None, "credits_used": Decimal("0.00")}
    async with store.begin(ada.organization_id) as work:
        work.session.add_all(
            [
                call(ada, at),
                call(ada, at, status="missed", **unanswered),
                call(ada, at, status="rejected", **unanswered),
                call(ada, at, status="ringing", **unanswered),
                call(ada, at, direction="outbound", status="success"),
                call(ada, at, direction="outbound", status="no_answer", **unanswered),
            ]
        )
    async with store.read(ada.organization_id) as work:
        figures = await read_figures(work, WEEK)

    total = figures.totals
    assert (total.inbound, total.outbound, total.answered, total.missed) == (4, 2, 2, 1)
    assert (total.talked_ms, total.credits) == (120_000, Decimal("1.60"))
    assert figures.answer_rate == 0.75
    assert figures.outcomes == [("completed", 1), ("missed", 1), ("no_answer", 1), ("rejected", 1), ("success", 1)]


async def test_another_tenants_calls_and_other_days_are_not_counted(store: Store) -> None:
    ada, bob = await add_account(store), await add_account(store, "Bob")
    async with store.begin(bob.organization_id) as work:
        work.session.add(call(bob, dt.datetime(2026, 3, 5, tzinfo=dt.UTC)))
    async with store.begin(ada.organization_id) as work:
        work.session.add(call(ada, dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)))
    async with store.read(ada.organization_id) as work:
        figures = await read_figures(work, WEEK)

    assert figures.totals.calls == 0
    assert figures.busiest is None
    assert figures.answer_rate is None


async def test_latencies_of_answers_are_counted_in_steps(store: Store) -> None:
    ada = await add_account(store)
    row = call(ada, dt.datetime(2026, 3, 5, tzinfo=dt.UTC))
    async with store.begin(ada.organization_id) as work:
        work.session.add(row)
        await work.session.flush()
        for position, total in enumerate((700, 719.5, 720, 1_400, None)):
            latency = None if position == 4 else [300, 200, 0, 0, 150, 20, total]
            work.session.add(
                TranscriptEntry(
                    organization_id=ada.organization_id,
                    call_id=row.id,
                    position=position,
                    speaker="AI",
                    text="Yes.",
                    start_ms=0,
                    end_ms=100,
                    latency=latency,
                )
            )
    async with store.read(ada.organization_id) as work:
        latencies = (await read_figures(work, WEEK)).latencies

    assert latencies.buckets == [(700, 2), (720, 1), (1_400, 1)]
    assert [latencies.percentile(each) for each in (50, 75, 95)] == [720, 740, 1_420]


def test_without_answers_there_is_no_percentile() -> None:
    assert Latencies(buckets=[]).percentile(95) is None


async def test_a_range_is_the_last_thirty_days_unless_said_otherwise(store: Store) -> None:
    ada = await add_account(store, timezone="Pacific/Auckland")
    async with store.read(ada.organization_id) as work:
        today = await today_of(work, dt.datetime(2026, 3, 7, 13, tzinfo=dt.UTC))

    assert read_range(None, None, today=today) == Range(first=dt.date(2026, 2, 7), last=SUNDAY)
    assert read_range("2026-03-01", "2026-03-01", today=today).days == [dt.date(2026, 3, 1)]


@pytest.mark.parametrize(("first", "last"), [("2026-03-02", "2026-03-01"), ("2020-01-01", None), ("soon", None)])
def test_days_that_make_no_range_are_refused(first: str, last: str | None) -> None:
    with pytest.raises(InvalidInput):
        read_range(first, last, today=SUNDAY)
