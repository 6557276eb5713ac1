"""Totals and analytics of inbound calls, against their contract."""

import datetime as dt

import pytest

from tests.fakes.api import code_of
from tests.fakes.inbound import CALLER
from tests.rest.v1.inbound.conftest import Surface


async def a_week(surface: Surface) -> None:
    """Two talks of the same caller, one of them a VIP's by then, one rejected call, one that still rings."""
    rig = surface.rig
    rig.calls.now = dt.datetime(2026, 2, 10, 4, 59, tzinfo=dt.UTC)  # the 9th in New York, 23:59
    await rig.talk(seconds=60.0)
    rig.calls.now = dt.datetime(2026, 2, 10, 15, 0, tzinfo=dt.UTC)  # the 10th, 10:00
    await rig.add_contact(is_vip=True)
    await rig.talk(seconds=30.0)
    rule = await rig.add_rule(action="reject", conditions={"caller_anonymous": True})
    await rig.ring("anonymous")
    rig.calls.now = dt.datetime(2026, 2, 13, 15, 0, tzinfo=dt.UTC)
    await rig.ring()
    assert rule


async def test_totals_are_counted_from_the_rows(surface: Surface) -> None:
    """Every kind once; nothing of somebody else."""
    await a_week(surface)

    mine = (await surface.api.get("/v1/inbound/calls/summary")).json()
    theirs = (await surface.other.get("/v1/inbound/calls/summary")).json()

    assert mine == {
        "total": 4,
        "active": 1,
        "completed": 2,
        "missed": 0,
        "rejected": 1,
        "avg_duration_seconds": 45.0,
        "total_duration_seconds": 90.0,
        "vip_calls": 2,
        "voicemails": 0,
        "open_action_items": 2,
    }
    assert set(theirs.values()) == {0}


async def test_days_and_hours_are_those_of_the_account(surface: Surface) -> None:
    """Empty days are there; a call before midnight belongs to the day before."""
    await a_week(surface)

    answer = (await surface.api.get("/v1/inbound/calls/analytics?date_from=2026-02-08&date_to=2026-02-10")).json()

    days = {day["date"]: (day["total"], day["completed"], day["rejected"]) for day in answer["by_day"]}
    assert days == {"2026-02-08": (0, 0, 0), "2026-02-09": (1, 1, 0), "2026-02-10": (2, 1, 1)}
    assert answer["by_day"][1]["avg_duration_seconds"] == 60.0
    assert (answer["by_hour"][23], answer["by_hour"][10], sum(answer["by_hour"])) == (1, 2, 3)
    assert answer["timezone"] == "America/New_York"
    assert answer["totals"]["total"] == 3
    assert answer["top_callers"] == [
        {"phone_number": CALLER, "name": "John Smith", "count": 2},
        {"phone_number": None, "name": None, "count": 1},
    ]
    assert answer["by_outcome"] == {"ai": 2, "none": 1}
    assert answer["answer_rate"] == pytest.approx(0.6667)


async def test_a_range_is_the_last_month_unless_it_is_named(surface: Surface) -> None:
    """Thirty days back, today included; a day that lost an hour is a day."""
    surface.rig.calls.now = dt.datetime(2026, 3, 9, 12, 0, tzinfo=dt.UTC)

    answer = (await surface.api.get("/v1/inbound/calls/analytics")).json()

    assert (answer["date_from"], answer["date_to"], len(answer["by_day"])) == ("2026-02-07", "2026-03-09", 31)
    assert (answer["answer_rate"], answer["top_callers"]) == (0.0, [])


@pytest.mark.parametrize(
    "query",
    [
        "date_from=2026-02-10&date_to=2026-02-09",
        "date_from=2025-01-01&date_to=2026-02-09",
        "date_from=yesterday",
        "date_to=2026-02-30",
        "date_from=2026-02-10T00:00:00Z",
    ],
)
async def test_a_range_that_is_none_is_refused(surface: Surface, query: str) -> None:
    """Backwards, too long, or no dates."""
    answer = await surface.api.get(f"/v1/inbound/calls/analytics?{query}")

    assert (answer.status_code, code_of(answer)) == (400, "validation_error")
