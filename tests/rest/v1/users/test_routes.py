"""The User operations, every answer held to the contract."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from tests.fakes.api import code_of
from tests.rest.v1.credits.surface import Surface, open_surface
from voice_engine.domains.usage.models import SubscriptionState
from voice_engine.domains.usage.plans import PlanType
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

PATHS = ["/v1/users/me/subscription", "/v1/users/me/statistics"]


@pytest.fixture
async def surface(store: Store) -> AsyncIterator[Surface]:
    """Ada and Bob on Pro."""
    async with open_surface(store) as opened:
        yield opened


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_with_the_scope_is_needed(surface: Surface, path: str) -> None:
    answers = [await client.get(path) for client in (surface.guest, surface.poor)]

    assert [(answer.status_code, code_of(answer)) for answer in answers] == [
        (401, "missing_token"),
        (403, "forbidden"),
    ]


@pytest.mark.parametrize("path", PATHS)
async def test_too_many_requests_are_refused(store: Store, path: str) -> None:
    async with open_surface(store, per_minute=1) as surface:
        answers = [await surface.api.get(path) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


async def test_a_subscription_of_ones_own_server(surface: Surface) -> None:
    assert (await surface.api.get(PATHS[0])).json() == {
        "has_active_subscription": True,
        "provider": "local",
        "plan": {"type": "pro", "period": "monthly", "minutes_included": 2250, "credits_included": 600},
        "status": "active",
        "expires_at": "2026-03-01T00:00:00Z",
        "auto_renew": True,
        "management_url": None,
    }


async def test_a_cancelled_subscription_ends_with_its_period(surface: Surface) -> None:
    async with surface.ada.unit() as work:
        account = (await surface.ada.accounts.running(work)).account
        account.cancelled_at, account.effective_at = surface.ada.now, account.period_end
    leaving = (await surface.api.get(PATHS[0])).json()
    surface.ada.now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    left = (await surface.api.get(PATHS[0])).json()

    assert (leaving["status"], leaving["auto_renew"], leaving["has_active_subscription"]) == ("active", False, True)
    assert (left["status"], left["has_active_subscription"]) == ("canceled", False)
    assert left["plan"]["minutes_included"] == 0


async def test_no_subscription_is_no_plan(surface: Surface) -> None:
    await surface.ada.start(PlanType.STARTER, status=SubscriptionState.NONE)

    answer = (await surface.api.get(PATHS[0])).json()

    assert (answer["plan"], answer["provider"], answer["expires_at"]) == (None, None, None)
    assert (answer["status"], answer["has_active_subscription"]) == ("none", False)


async def test_statistics_count_real_calls(surface: Surface) -> None:
    async with surface.ada.unit() as work:
        for seconds in (95.2, 600, None):
            call_id = new_id()
            await surface.ada.usage.reserve_call(work, call_id, description="Call")
            await surface.ada.usage.settle_call(work, call_id, seconds)

    mine = (await surface.api.get(PATHS[1])).json()
    bobs = (await surface.bobs_api.get(PATHS[1])).json()

    assert mine == {
        "plan_type": "pro",
        "minutes_allocated": 2250,
        "minutes_used": 11.6,
        "minutes_remaining": 2238.4,
        "calls_allocated": 375,
        "calls_used": 2,
        "calls_remaining": 373,
        "period_start": "2026-02-01T00:00:00Z",
        "period_end": "2026-03-01T00:00:00Z",
        "usage_percentage": 0.5,
        "subscription_status": "active",
        "credits_allocated": 600,
        "credits_used": 3.2,
        "credits_remaining": 596.8,
    }
    assert (bobs["calls_used"], bobs["minutes_used"]) == (0, 0)


async def test_both_views_tell_one_record(surface: Surface) -> None:
    subscription = (await surface.api.get(PATHS[0])).json()
    statistics = (await surface.api.get(PATHS[1])).json()

    assert subscription["plan"]["minutes_included"] == statistics["minutes_allocated"]
    assert subscription["expires_at"] == statistics["period_end"]
    assert subscription["status"] == statistics["subscription_status"]
