"""A business sees what it has used, what its plan includes, and its last days and calls."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.domains.minutes.rig import MinutesRig
from tests.fakes.api import ApiClient
from tests.fakes.business import Business, add_business, business_api, refusal
from voice_engine.domains.minutes.plans import TIERS, Tier
from voice_engine.store.engine import Store

EVENING = dt.datetime(2026, 3, 14, 3, 30, tzinfo=dt.UTC)
"""In New York it is still the 13th."""


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store, Tier.PRO, now=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))


@pytest.fixture
def rig(store: Store, business: Business) -> MinutesRig:
    return MinutesRig(store, business.organization_id, now=EVENING)


@pytest.fixture
async def api(store: Store, business: Business, rig: MinutesRig) -> AsyncIterator[ApiClient]:
    async with business_api(store, business, now=rig.clock, minutes=rig.service) as client:
        yield client


async def test_nobody_sees_anything_without_a_session(store: Store, rig: MinutesRig) -> None:
    async with business_api(store, minutes=rig.service) as api:
        assert refusal(await api.get("/api/usage")) == (401, "unauthenticated")


async def test_the_snapshot_is_the_running_cycles(api: ApiClient, rig: MinutesRig) -> None:
    await rig.talk(seconds=330)
    await rig.talk(seconds=8_220)

    usage = (await api.get("/api/usage")).json()

    assert usage["snapshot"] == {
        "minutesUsed": 142.5,
        "minutesLimit": 500.0,
        "percentUsed": 28.5,
        "currentCycleStart": "2026-03-01T00:00:00Z",
        "currentCycleEnd": "2026-03-31T23:59:59Z",
    }
    assert usage["plan"] == "PRO"
    assert (usage["phoneNumber"], usage["assistant"]) == (None, None)


@pytest.mark.parametrize("tier", Tier)
async def test_features_follow_the_plan(store: Store, tier: Tier) -> None:
    business = await add_business(store, tier)
    rig = MinutesRig(store, business.organization_id)
    async with business_api(store, business, minutes=rig.service) as api:
        usage = (await api.get("/api/usage")).json()

    features = usage["features"]
    assert usage["snapshot"]["minutesLimit"] == TIERS[tier].minutes
    assert features.pop("maxAssistants") == TIERS[tier].assistants
    assert features["outbound"] is (tier is Tier.ENTERPRISE)
    assert features["recordings"] is (tier in {Tier.PRO, Tier.ENTERPRISE})
    assert len(features) == 13


async def test_days_are_the_organizations_own(api: ApiClient, rig: MinutesRig) -> None:
    """Oldest first, empty ones too; a call counts on the day on which it began there."""
    await rig.talk(seconds=330, started_at=EVENING - dt.timedelta(hours=1))
    await rig.talk(seconds=60, started_at=dt.datetime(2026, 3, 13, 3, 59, tzinfo=dt.UTC))
    await rig.talk(seconds=600, started_at=dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC))

    days = (await api.get("/api/usage?days=3")).json()["history"]

    assert days == [
        {"date": "2026-03-11", "minutes": 0.0, "calls": 0},
        {"date": "2026-03-12", "minutes": 1.0, "calls": 1},
        {"date": "2026-03-13", "minutes": 5.5, "calls": 1},
    ]


async def test_a_day_of_25_hours_is_one_day(store: Store, business: Business) -> None:
    """1 November 2026, New York: both of its one o'clocks."""
    rig = MinutesRig(store, business.organization_id, now=dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC))
    for hour in (5, 6):
        await rig.talk(seconds=60, started_at=dt.datetime(2026, 11, 1, hour, 30, tzinfo=dt.UTC))
    async with business_api(store, business, now=rig.clock, minutes=rig.service) as api:
        days = (await api.get("/api/usage?days=2")).json()["history"]

    assert [(day["date"], day["calls"]) for day in days] == [("2026-11-01", 2), ("2026-11-02", 0)]


async def test_the_window_is_thirty_days_unless_it_is_said(api: ApiClient) -> None:
    assert len((await api.get("/api/usage")).json()["history"]) == 30
    assert len((await api.get("/api/usage?days=365")).json()["history"]) == 365


@pytest.mark.parametrize("days", ["0", "366", "-1", "many", "1.5"])
async def test_a_window_has_1_to_365_days(api: ApiClient, days: str) -> None:
    assert refusal(await api.get(f"/api/usage?days={days}")) == (422, "validation_error")


async def test_the_ten_newest_calls_are_shown(api: ApiClient, rig: MinutesRig) -> None:
    ids = [await rig.add_call(seconds=330, at=EVENING + dt.timedelta(minutes=n)) for n in range(12)]

    calls: list[dict[str, Any]] = (await api.get("/api/usage")).json()["recentCalls"]

    assert [call["id"] for call in calls] == ids[:1:-1]
    assert calls[-1] == {
        "id": ids[2],
        "vapiCallId": ids[2],
        "status": "COMPLETED",
        "direction": "INBOUND",
        "channel": "PSTN",
        "startedAt": "2026-03-14T03:32:00Z",
        "endedAt": "2026-03-14T03:37:30Z",
        "durationMinutes": 5.5,
        "customerNumber": "+15559876543",
        "summary": "Asked for a cleaning on Tuesday.",
    }


async def test_the_assistant_shown_is_the_primary_one(
    store: Store, api: ApiClient, rig: MinutesRig, business: Business
) -> None:
    await rig.add_assistant(name="Reception AI")

    assert (await api.get("/api/usage")).json()["assistant"]["name"] == "Reception AI"


async def test_another_business_shows_nothing_of_it(store: Store, api: ApiClient, rig: MinutesRig) -> None:
    await rig.talk(seconds=330)
    await rig.add_call(seconds=330, at=EVENING)
    other = await add_business(store, Tier.STARTER, name="Elsewhere")

    usage = (await api.signed_in_as(other.session_token).get("/api/usage")).json()

    assert usage["snapshot"]["minutesUsed"] == 0
    assert usage["recentCalls"] == []
    assert sum(day["calls"] for day in usage["history"]) == 0
