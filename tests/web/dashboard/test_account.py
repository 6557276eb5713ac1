"""A person's own pages: organizations, password."""

import asyncio

import pytest

from tests.fakes.accounts import NOW, add_account
from tests.fakes.business import add_business
from tests.fakes.dashboard import dashboard
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.store.engine import Store

BUSINESS = {"name": "Bright Smile Dental", "timezone": "America/Chicago"}


async def test_a_person_adds_a_business_looks_at_it_and_comes_back(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada, minutes=MinutesService(lambda: NOW)) as tab:
        added = await tab.post("/app/organizations", BUSINESS)
        assert added.headers["hx-redirect"] == "/app"
        assert "<h1>Bright Smile Dental</h1>" in await tab.get("/app")

        page = await tab.get("/app/organizations")
        assert page.index("<strong>Bright") < page.index("You are here"), "the newly added one"
        await tab.post("/app/organization", {"organization": ada.organization_id})
        assert "<h1>Ada</h1>" in await tab.get("/app")


async def test_another_tenants_organization_cannot_be_looked_at(store: Store) -> None:
    ada, dentist = await add_account(store), await add_business(store)
    async with dashboard(store, ada) as tab:
        refused = await tab.post("/app/organization", {"organization": dentist.organization_id})

        assert refused.status_code == 404
        assert "<h1>Ada</h1>" in await tab.get("/app")
        assert "Bright Smile" not in await tab.get("/app/organizations")


async def test_a_name_that_nobody_can_read_makes_no_business(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada, minutes=MinutesService(lambda: NOW)) as tab:
        nameless = await tab.post("/app/organizations", {**BUSINESS, "name": " \u200b "})
        nowhere = await tab.post("/app/organizations", {**BUSINESS, "timezone": "Mars/Olympus"})

        assert (nameless.status_code, nowhere.status_code) == (400, 400)
        assert "Bright Smile" not in await tab.get("/app/organizations")


@pytest.mark.parametrize("language", ["en", "es"])
async def test_one_person_has_so_many_businesses_and_no_more(store: Store, language: str) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada, auth={"businesses_per_person": 2}) as tab:
        for name in ("First", "Second"):
            assert (await tab.post("/app/organizations", {**BUSINESS, "name": name})).status_code == 200
        third = await tab.post(f"/app/organizations?lang={language}", {**BUSINESS, "name": "Third"})

        assert third.status_code == 403
        assert ("as many businesses" if language == "en" else "todos los negocios") in third.text
        assert "Third" not in await tab.get("/app/organizations")


async def test_two_businesses_at_once_are_counted_one_after_the_other(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada, auth={"businesses_per_person": 1}) as tab, asyncio.TaskGroup() as group:
        asked = [group.create_task(tab.post("/app/organizations", BUSINESS)) for _ in range(4)]

    assert sorted(task.result().status_code for task in asked) == [200, 403, 403, 403]


async def test_where_nobody_may_sign_up_the_operator_alone_adds_businesses(store: Store) -> None:
    ada, operator = await add_account(store), await add_account(store, "Grace")
    async with store.system("tests") as work:
        (await accounts.get(work, operator.user_id)).is_operator = True
    closed = {"open_sign_up": False, "businesses_per_person": 0}
    async with dashboard(store, ada, auth=closed) as tab:
        refused = await tab.post("/app/organizations", BUSINESS)
        assert (refused.status_code, "Ask whoever runs it" in refused.text) == (403, True)
        assert 'action="/app/organizations"' not in await tab.get("/app/organizations")
    async with dashboard(store, operator, auth=closed) as tab:
        assert (await tab.post("/app/organizations", BUSINESS)).status_code == 200


async def test_a_due_password_is_chosen_once_and_then_everything_is_open(store: Store) -> None:
    business = await add_business(store, must_change_password=True)
    async with dashboard(store, business) as tab:
        short = await tab.post("/app/password", {"new": "short"})
        done = await tab.post("/app/password", {"new": "a much better password"})

        assert (short.status_code, done.status_code) == (400, 200)
        assert "Take 8 characters" in short.text
        assert "Bright Smile Dental" in await tab.get("/app")


async def test_by_choice_the_current_password_is_asked_for(store: Store) -> None:
    business = await add_business(store)
    async with dashboard(store, business) as tab:
        refused = await tab.post("/app/password", {"new": "a much better password", "current": "a guess"})

        assert refused.status_code == 403
        assert "current password is wrong" in refused.text


async def test_a_sign_that_no_database_keeps_is_left_out_of_a_form(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        made = await tab.post(
            "/app/settings/tokens", {"label": "the \0till", "scopes": "calls:read", "lifetime": "never"}
        )

        assert made.status_code < 500
        assert "the till" in (made.text + await tab.get("/app/settings/tokens"))
