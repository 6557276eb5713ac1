"""The administrator lists businesses, sets plans and limits, suspends."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.domains.minutes.rig import MinutesRig
from tests.fakes.accounts import NOW, add_account
from tests.fakes.api import ApiClient
from tests.fakes.business import ADMIN_KEY, Business, add_business, business_api, refusal
from tests.fakes.statements import counted_statements
from voice_engine.domains.minutes.plans import Tier
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store

PATH = "/api/admin/organizations"
KEY = {"headers": {"x-admin-key": ADMIN_KEY}}
NOBODYS = "5f0c1d7e-9f7f-4d0a-8f0e-2a4c4b1f9e11"


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store, Tier.PRO, name="Acme Corp")


@pytest.fixture
def rig(store: Store, business: Business) -> MinutesRig:
    return MinutesRig(store, business.organization_id)


@pytest.fixture
async def api(store: Store, rig: MinutesRig) -> AsyncIterator[ApiClient]:
    async with business_api(store, now=rig.clock, minutes=rig.service) as client:
        yield client


async def patch(api: ApiClient, business: Business, **body: Any) -> Any:
    return await api.patch(f"{PATH}/{business.organization_id}", json=body, **KEY)


async def test_a_business_is_shown_with_its_people_and_limits(
    api: ApiClient, business: Business, rig: MinutesRig
) -> None:
    await rig.talk(seconds=8_550)

    shown = (await api.get(f"{PATH}/{business.organization_id}", **KEY)).json()

    assert shown == {
        "id": business.organization_id,
        "name": "Acme Corp",
        "plan": "PRO",
        "status": "ACTIVE",
        "minutesUsed": 142.5,
        "minutesLimit": 500.0,
        "overageEnabled": False,
        "rateCentsPerMin": 30,
        "users": [
            {
                "id": business.user_id,
                "email": f"owner-{business.organization_id[:8]}@example.com",
                "role": "OWNER",
            }
        ],
        "createdAt": "2026-02-13T15:30:00Z",
    }


async def test_the_newest_stand_first_and_pages_follow(store: Store, api: ApiClient, business: Business) -> None:
    later = [await add_business(store, now=NOW + dt.timedelta(hours=n)) for n in (1, 2)]
    await add_account(store)  # a person is no business

    first = (await api.get(f"{PATH}?limit=2", **KEY)).json()
    second = (await api.get(f"{PATH}?limit=2&page=2", **KEY)).json()
    beyond = (await api.get(f"{PATH}?page=999999999999", **KEY)).json()

    assert [each["id"] for each in first["organizations"]] == [each.organization_id for each in reversed(later)]
    assert [each["id"] for each in second["organizations"]] == [business.organization_id]
    assert first["pagination"] == {"page": 1, "limit": 2, "total": 3, "totalPages": 2}
    assert beyond["organizations"] == []


@pytest.mark.parametrize(
    ("query", "found"), [("ACME", True), ("owner-", True), ("%", False), ("_cme", False), ("nobody", False)]
)
async def test_a_search_meets_names_and_addresses(api: ApiClient, query: str, found: bool) -> None:
    page = (await api.get(PATH, params={"q": query}, **KEY)).json()

    assert (page["pagination"]["total"] == 1) is found


async def test_a_longer_list_takes_no_more_queries(store: Store, api: ApiClient, business: Business) -> None:
    with counted_statements(store) as one:
        await api.get(PATH, **KEY)
    for _ in range(5):
        await add_business(store)
    with counted_statements(store) as six:
        await api.get(PATH, **KEY)

    assert len(one) == len(six)


async def test_enterprise_is_given_here(store: Store, api: ApiClient, business: Business, rig: MinutesRig) -> None:
    """At once, with its limit, in the cycle that runs; and with a limit of its own."""
    plain = (await patch(api, business, plan="ENTERPRISE")).json()
    own = (await patch(api, business, plan="ENTERPRISE", minutesLimit=3000)).json()
    back = (await patch(api, business, minutesLimit=None)).json()

    assert [each["minutesLimit"] for each in (plain, own, back)] == [2000, 3000, 2000]
    assert (own["plan"], (await rig.cycle()).limit) == ("ENTERPRISE", 2000 * 60)


async def test_overage_and_its_rate_are_set(api: ApiClient, business: Business) -> None:
    changed = (await patch(api, business, overageEnabled=True, rateCentsPerMin=12)).json()

    assert (changed["overageEnabled"], changed["rateCentsPerMin"]) == (True, 12)
    assert (changed["plan"], changed["minutesLimit"]) == ("PRO", 500)


async def test_a_plan_without_overage_needs_a_rate_for_it(store: Store, api: ApiClient) -> None:
    free = await add_business(store, Tier.FREE)

    refused = await patch(api, free, overageEnabled=True)
    agreed = await patch(api, free, overageEnabled=True, rateCentsPerMin=50)

    assert refusal(refused) == (422, "validation_error")
    assert agreed.json()["overageEnabled"] is True


async def test_a_suspended_business_does_nothing_until_it_is_active(api: ApiClient, business: Business) -> None:
    theirs = api.signed_in_as(business.session_token)

    assert (await patch(api, business, status="SUSPENDED")).json()["status"] == "SUSPENDED"
    assert refusal(await theirs.get("/api/usage")) == (403, "organization_suspended")
    assert (await patch(api, business, status="ACTIVE")).json()["status"] == "ACTIVE"
    assert (await theirs.get("/api/usage")).status_code == 200


async def test_a_change_is_noted_with_what_was_before(store: Store, api: ApiClient, business: Business) -> None:
    await patch(api, business, plan="ENTERPRISE", minutesLimit=3000)

    async with store.system("tests", writes=False) as work:
        noted = (
            await work.session.scalars(sa.select(AuditRow).where(AuditRow.action == "organization.changed"))
        ).one()
    assert (noted.actor, noted.organization_id, noted.subject) == (
        "administrator",
        business.organization_id,
        business.organization_id,
    )
    assert noted.facts == {"plan": ["PRO", "ENTERPRISE"], "limit_seconds": [None, 180_000]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"unknown": 1},
        {"plan": "GOLD"},
        {"plan": None},
        {"minutesLimit": -1},
        {"minutesLimit": "many"},
        {"minutesLimit": 1e30},
        {"overageEnabled": "yes"},
        {"rateCentsPerMin": 0.5},
        {"rateCentsPerMin": 10**30},
        {"status": "DELETED"},
    ],
)
async def test_what_makes_no_sense_changes_nothing(api: ApiClient, business: Business, body: Any) -> None:
    before = (await api.get(f"{PATH}/{business.organization_id}", **KEY)).json()

    assert refusal(await patch(api, business, **body)) == (422, "validation_error")
    assert (await api.get(f"{PATH}/{business.organization_id}", **KEY)).json() == before


@pytest.mark.parametrize("organization_id", [NOBODYS, "clx0org", "a" * 64])
async def test_an_unknown_business_is_not_there(api: ApiClient, organization_id: str) -> None:
    for answer in (
        await api.get(f"{PATH}/{organization_id}", **KEY),
        await api.patch(f"{PATH}/{organization_id}", json={"plan": "PRO"}, **KEY),
    ):
        assert refusal(answer) == (404, "not_found")


async def test_a_person_is_no_business(store: Store, api: ApiClient) -> None:
    person = await add_account(store)

    answer = await api.patch(f"{PATH}/{person.organization_id}", json={"plan": "PRO"}, **KEY)

    assert refusal(answer) == (404, "not_found")


async def test_only_the_key_opens(api: ApiClient, business: Business) -> None:
    theirs = api.signed_in_as(business.session_token)
    one = f"{PATH}/{business.organization_id}"

    for answer in (await theirs.get(PATH), await theirs.get(one), await theirs.patch(one, json={"plan": "PRO"})):
        assert refusal(answer) == (401, "unauthenticated")


@pytest.mark.parametrize("query", ["page=0", "limit=0", "limit=101", f"q={'a' * 101}", "q=%00"])
async def test_a_page_has_bounds(api: ApiClient, query: str) -> None:
    assert refusal(await api.get(f"{PATH}?{query}", **KEY)) == (422, "validation_error")
