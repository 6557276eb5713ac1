"""Overage as a business sees and switches it."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from tests.domains.minutes.rig import MinutesRig
from tests.fakes.api import ApiClient
from tests.fakes.business import Business, add_business, business_api, refusal
from voice_engine.domains.minutes import repository
from voice_engine.domains.minutes.models import OverageLine, OverageRecord, RecordStatus
from voice_engine.domains.minutes.plans import Tier
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

PATH = "/api/billing/overage"


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store, Tier.PRO)


@pytest.fixture
def rig(store: Store, business: Business) -> MinutesRig:
    return MinutesRig(store, business.organization_id)


@pytest.fixture
async def api(store: Store, business: Business, rig: MinutesRig) -> AsyncIterator[ApiClient]:
    async with business_api(store, business, now=rig.clock, minutes=rig.service) as client:
        yield client


async def test_without_overage_there_is_nothing_to_bill(api: ApiClient) -> None:
    assert (await api.get("/api/billing/history")).json() == {
        "records": [],
        "currentOverage": {
            "totalOverageMinutes": 0.0,
            "unbilledMinutes": 0.0,
            "estimatedCostCents": 0,
            "overageEnabled": False,
            "rateCentsPerMin": 30,
        },
    }


async def test_talk_beyond_the_limit_is_told_with_its_price(api: ApiClient, rig: MinutesRig) -> None:
    assert (await api.put(PATH, json={"overageEnabled": True})).json() == {"overageEnabled": True}
    await rig.talk(seconds=500 * 60 + 312)

    current = (await api.get("/api/billing/history")).json()["currentOverage"]

    assert current == {
        "totalOverageMinutes": 5.2,
        "unbilledMinutes": 5.2,
        "estimatedCostCents": 156,
        "overageEnabled": True,
        "rateCentsPerMin": 30,
    }


async def test_a_bill_takes_its_minutes_out_of_what_is_open(api: ApiClient, rig: MinutesRig) -> None:
    await rig.set_overage(True)
    await rig.talk(seconds=500 * 60 + 750 + 60)
    await _bill(rig, seconds=750)

    history = (await api.get("/api/billing/history")).json()

    assert history["records"] == [
        {
            "id": history["records"][0]["id"],
            "weekStart": "2026-03-03",
            "weekEnd": "2026-03-09",
            "overageMinutes": 12.5,
            "amountCents": 375,
            "status": "PAID",
        }
    ]
    assert history["currentOverage"]["totalOverageMinutes"] == 13.5
    assert history["currentOverage"]["unbilledMinutes"] == 1.0
    assert history["currentOverage"]["estimatedCostCents"] == 30


async def test_a_year_of_bills_is_shown_newest_first(api: ApiClient, rig: MinutesRig) -> None:
    await rig.set_overage(True)
    await rig.talk(seconds=500 * 60 + 600)
    for week in range(54):
        await _bill(rig, seconds=1, week=week)

    starts = [record["weekStart"] for record in (await api.get("/api/billing/history")).json()["records"]]

    assert len(starts) == 52
    assert starts == sorted(starts, reverse=True)
    assert starts[0] == "2027-03-09"


async def test_the_free_plan_has_no_overage(store: Store) -> None:
    business = await add_business(store, Tier.FREE)
    rig = MinutesRig(store, business.organization_id)
    async with business_api(store, business, minutes=rig.service) as api:
        for wanted in (True, False):
            answer = await api.put(PATH, json={"overageEnabled": wanted})
            assert refusal(answer) == (404, "no_subscription")
        assert (await api.get("/api/billing/history")).json()["currentOverage"]["rateCentsPerMin"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 422),
        (b'{"overageEnabled": null}', 422),
        (b'{"overageEnabled": "true"}', 422),
        (b'{"overageEnabled": 1}', 422),
    ],
)
async def test_the_switch_is_a_boolean(api: ApiClient, rig: MinutesRig, body: bytes, status: int) -> None:
    answer = await api.put(PATH, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    assert (await api.get("/api/billing/history")).json()["currentOverage"]["overageEnabled"] is False


async def test_nobody_switches_without_a_session(store: Store, rig: MinutesRig) -> None:
    async with business_api(store, minutes=rig.service) as api:
        assert refusal(await api.put(PATH, json={"overageEnabled": True})) == (401, "unauthenticated")
        assert refusal(await api.get("/api/billing/history")) == (401, "unauthenticated")


async def _bill(rig: MinutesRig, *, seconds: int, week: int = 0) -> None:
    """What the weekly charging would write."""
    start = dt.date(2026, 3, 3) + dt.timedelta(weeks=week)
    async with rig.unit() as work:
        account = await rig.service.accounts.locked(work)
        cycle = await repository.find_cycle(work, account.id, rig.now)
        assert cycle is not None
        record = OverageRecord(
            id=new_id(),
            billing_account_id=account.id,
            week_start=start,
            week_end=start + dt.timedelta(days=6),
            seconds=seconds,
            amount_cents=seconds * 30 // 60,
            status=RecordStatus.PAID,
            created_at=rig.now,
        )
        work.session.add(record)
        await work.session.flush()
        work.session.add(OverageLine(record_id=record.id, cycle_id=cycle.id, seconds=seconds))
