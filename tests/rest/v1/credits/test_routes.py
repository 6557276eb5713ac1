"""The Credits operations, every answer held to the contract."""

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from fastapi import Request
from sqlalchemy import event

from tests.domains.usage.rig import Rig
from tests.fakes.api import code_of
from tests.rest.v1.credits.surface import Surface, open_surface
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.prices import Action
from voice_engine.rest.security import Caller
from voice_engine.rest.v1.router import operation, services_of, v1_router
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

PRIVATE = ["/v1/credits/balance", "/v1/credits/history", "/v1/credits/breakdown"]
PUBLIC = ["/v1/credits/costs", "/v1/credits/plans"]


@pytest.fixture
async def surface(store: Store) -> AsyncIterator[Surface]:
    """Ada and Bob on Pro."""
    async with open_surface(store) as opened:
        yield opened


async def spend(rig: Rig) -> str:
    """A call of 95.2 seconds and two searches: 2.2 credits. The call's id."""
    call_id = new_id()
    async with rig.unit() as work:
        await rig.usage.reserve_call(work, call_id, description="Phone call to Nobu")
        await rig.usage.settle_call(work, call_id, 95.2)
        for _ in range(2):
            await rig.usage.charge(work, Action.SEARCH, new_id(), description="Search")
    return call_id


async def read(surface: Surface, path: str) -> Any:
    response = await surface.api.get(path)
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize("path", PRIVATE)
async def test_a_token_is_needed(surface: Surface, path: str) -> None:
    response = await surface.guest.get(path)

    assert (response.status_code, code_of(response)) == (401, "missing_token")


@pytest.mark.parametrize("token", ["stranger", "expired"])
@pytest.mark.parametrize("path", PRIVATE)
async def test_a_bad_token_is_refused(surface: Surface, path: str, token: str) -> None:
    response = await surface.guest.acting_as(token).get(path)

    assert response.status_code == 401
    assert code_of(response) in {"invalid_token", "token_expired"}


@pytest.mark.parametrize("path", PRIVATE)
async def test_the_scope_is_credits_read(surface: Surface, path: str) -> None:
    response = await surface.poor.get(path)

    assert (response.status_code, code_of(response)) == (403, "forbidden")


@pytest.mark.parametrize("path", PUBLIC)
async def test_prices_are_for_everybody(surface: Surface, path: str) -> None:
    assert (await surface.guest.get(path)).status_code == 200


@pytest.mark.parametrize("path", [PRIVATE[0], PUBLIC[0]])
async def test_too_many_requests_are_told_when_to_return(store: Store, path: str) -> None:
    async with open_surface(store, per_minute=2) as surface:
        answers = [await surface.api.get(path) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_new_account_has_its_plans_credits(surface: Surface) -> None:
    assert await read(surface, "/v1/credits/balance") == {
        "credits_remaining": 600,
        "credits_used": 0,
        "credits_allocated": 600,
        "plan_type": "pro",
        "period_start": "2026-02-01T00:00:00Z",
        "period_end": "2026-03-01T00:00:00Z",
        "credits_reserved": 0,
        "overage_enabled": True,
        "overage_credits": 0,
        "overage_amount": "0.00",
    }


async def test_a_running_call_is_reserved_and_not_used(surface: Surface) -> None:
    async with surface.ada.unit() as work:
        await surface.ada.usage.reserve_call(work, new_id(), description="Call")

    balance = await read(surface, "/v1/credits/balance")

    assert (balance["credits_reserved"], balance["credits_used"], balance["credits_remaining"]) == (2.5, 0, 600)


async def test_balance_history_and_breakdown_agree(surface: Surface) -> None:
    call_id = await spend(surface.ada)

    balance = await read(surface, "/v1/credits/balance")
    history = await read(surface, "/v1/credits/history")
    breakdown = await read(surface, "/v1/credits/breakdown")

    debits = sum(entry["credits"] for entry in history["entries"] if entry["direction"] == "debit")
    assert balance["credits_used"] == breakdown["total_spent"] == pytest.approx(debits) == 2.2
    assert balance["credits_remaining"] == history["entries"][0]["balance_after"] == 597.8
    assert breakdown["items"] == [
        {"action_type": "call", "credits_total": 1.2, "transaction_count": 1},
        {"action_type": "search", "credits_total": 1.0, "transaction_count": 2},
    ]
    assert [entry["type"] for entry in history["entries"]] == ["search", "search", "call", "plan_grant"]
    call = history["entries"][2]
    assert (call["description"], call["resource_id"], call["goal_id"]) == ("Phone call to Nobu", call_id, None)


async def test_a_refund_is_seen_everywhere(surface: Surface) -> None:
    call_id = await spend(surface.ada)
    async with surface.ada.unit() as work:
        await surface.ada.usage.refund(work, call_id, description="The line broke")

    history = await read(surface, "/v1/credits/history")
    breakdown = await read(surface, "/v1/credits/breakdown")

    newest = history["entries"][0]
    assert (newest["type"], newest["direction"], newest["credits"]) == ("refund", "credit", 1.2)
    assert (await read(surface, "/v1/credits/balance"))["credits_used"] == breakdown["total_spent"] == 1.0


async def test_a_new_period_begins_on_reading_and_old_lines_stay(surface: Surface) -> None:
    await spend(surface.ada)
    surface.ada.now = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)

    history = await read(surface, "/v1/credits/history")
    breakdown = await read(surface, "/v1/credits/breakdown")

    assert (await read(surface, "/v1/credits/balance"))["credits_remaining"] == 600
    assert (breakdown["items"], breakdown["period_start"]) == ([], "2026-03-01T00:00:00Z")
    assert (history["total"], history["entries"][0]["type"]) == (5, "plan_grant")


async def test_overage_is_told_in_credits_and_dollars(store: Store) -> None:
    async with open_surface(store, plan=PlanType.PRO) as surface:
        async with surface.ada.unit() as work:
            running = await surface.ada.accounts.running(work)
            running.account.credits_allocated = Decimal("0.5")
        surface.ada.now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        async with surface.ada.unit() as work:
            for _ in range(3):
                await surface.ada.usage.charge(work, Action.SEARCH, new_id(), description="Search")
        balance = await read(surface, "/v1/credits/balance")

    assert (balance["credits_remaining"], balance["overage_credits"]) == (0, 1)
    assert balance["overage_amount"] == "0.10"


async def test_running_out_is_a_402_with_the_older_keys(store: Store) -> None:
    """Clients of the older reference read four flat keys beside the envelope."""
    calls = v1_router("Calls")

    @calls.post("/v1/calls", openapi_extra=operation("credits:read"), status_code=201)
    async def start(request: Request, caller: Caller) -> None:
        services = services_of(request)
        assert services.usage is not None
        async with services.store.begin(caller.organization_id) as work:
            await services.usage.reserve_call(work, new_id(), description="Call")

    async with open_surface(store, plan=PlanType.TRIAL, more=(calls,)) as surface:
        async with surface.ada.unit() as work:
            for _ in range(29):
                await surface.ada.usage.charge(work, Action.ERRAND, new_id(), description="Errand")
        refused = await surface.api.post("/v1/calls")

    body = refused.json()
    assert (refused.status_code, code_of(refused)) == (402, "quota_exceeded")
    assert (body["plan_type"], body["minutes_allocated"], body["minutes_used"]) == ("trial", 108, 0)
    assert body["upgrade_url"].startswith("http")
    details = body["error"]["details"]
    assert (details["credits_required"], details["credits_remaining"], details["credits_used"]) == (1.1, 1, 29)


async def test_a_longer_page_asks_the_database_no_more(surface: Surface, store: Store) -> None:
    for _ in range(3):
        await spend(surface.ada)
    asked: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))

    await read(surface, "/v1/credits/history?limit=1")
    short, asked[:] = len(asked), []
    await read(surface, "/v1/credits/history?limit=200")

    assert len(asked) == short <= 8


async def test_history_is_paged(surface: Surface) -> None:
    await spend(surface.ada)

    first = await read(surface, "/v1/credits/history?limit=3")
    last = await read(surface, "/v1/credits/history?limit=3&offset=3")
    beyond = await read(surface, "/v1/credits/history?offset=9")
    far_beyond = await read(surface, f"/v1/credits/history?offset={10**30}")

    assert (len(first["entries"]), first["total"], first["has_more"]) == (3, 4, True)
    assert ([entry["type"] for entry in last["entries"]], last["has_more"]) == (["plan_grant"], False)
    assert (beyond["entries"], beyond["total"], beyond["has_more"]) == ([], 4, False)
    assert (far_beyond["entries"], far_beyond["offset"]) == ([], 10**30)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=ten", "offset=-1", "limit="])
async def test_a_page_out_of_range_is_a_validation_error(surface: Surface, query: str) -> None:
    response = await surface.api.get(f"/v1/credits/history?{query}")

    assert (response.status_code, code_of(response)) == (400, "validation_error")
    assert response.json()["error"]["details"]["fields"][0]["field"] == query.partition("=")[0]


async def test_nobody_sees_anothers_ledger(surface: Surface) -> None:
    await spend(surface.ada)

    history = (await surface.bobs_api.get("/v1/credits/history")).json()
    balance = (await surface.bobs_api.get("/v1/credits/balance")).json()

    assert [entry["type"] for entry in history["entries"]] == ["plan_grant"]
    assert balance["credits_used"] == 0


async def test_the_price_list_is_the_documented_one(surface: Surface) -> None:
    assert await read(surface, "/v1/credits/costs") == {
        "costs": {
            "call": {"base": 1.0, "per_minute": 0.1},
            "search": {"per_query": 0.5},
            "email_send": {"per_email": 0.3},
            "booking": {"per_booking": 0.5},
            "bill_analysis": {"per_analysis": 1.0},
            "ride": {"per_request": 0.5},
            "food": {"per_order": 0.5},
            "errand": {"per_errand": 1.0},
        }
    }


async def test_the_plans_are_the_documented_ones(surface: Surface) -> None:
    plans = (await read(surface, "/v1/credits/plans"))["plans"]

    assert {name: (plan["credits_allocated"], plan["price_monthly"]) for name, plan in plans.items()} == {
        "starter": (200, 19),
        "pro": (600, 49),
        "power": (1500, 99),
        "business": (4500, 249),
    }
    assert plans["starter"]["overage_enabled"] is False
    assert plans["starter"]["overage_rate"] == "0.15"
    assert plans["pro"]["overage_rate"] == "0.10"
