"""The operations on assistants, held to the published contract."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.api import ApiClient
from tests.fakes.assistants import assistant_service
from tests.fakes.business import add_business, business_api, refusal
from voice_engine.domains.minutes.plans import Tier
from voice_engine.rest.api.assistants.routes import router
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

RECEPTION = {"vapiAssistantId": "va-1", "name": "Reception"}


@pytest.fixture
async def api(store: Store) -> AsyncIterator[ApiClient]:
    business = await add_business(store, Tier.PRO)
    async with business_api(store, business, routers=(router,), assistants=assistant_service()) as client:
        yield client


async def test_an_assistant_from_making_to_deletion(api: ApiClient) -> None:
    made = await api.post("/api/assistants", json=RECEPTION)
    assert made.status_code == 201
    assistant = made.json()["assistant"]
    assert (assistant["vapiAssistantId"], assistant["isPrimary"], assistant["callCount"]) == ("va-1", True, 0)

    renamed = await api.patch(f"/api/assistants/{assistant['id']}", json={"name": "Desk"})
    listed = await api.get("/api/assistants")
    assert listed.json() == {"assistants": [renamed.json()["assistant"]], "phoneNumber": None}
    assert renamed.json()["assistant"]["name"] == "Desk"

    gone = await api.delete(f"/api/assistants/{assistant['id']}")
    assert (gone.status_code, gone.json()) == (200, {"success": True})
    assert (await api.get("/api/assistants")).json()["assistants"] == []
    assert refusal(await api.delete(f"/api/assistants/{assistant['id']}")) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Reception"},
        {"vapiAssistantId": "", "name": "Reception"},
        {"vapiAssistantId": "has space", "name": "Reception"},
        {"vapiAssistantId": "va-1\n", "name": "Reception"},
        {"vapiAssistantId": "a" * 129, "name": "Reception"},
        {"vapiAssistantId": "va-1", "name": ""},
        {"vapiAssistantId": "va-1", "name": "n" * 61},
        {"vapiAssistantId": 7, "name": "Reception"},
    ],
)
async def test_fields_out_of_bounds_are_refused(api: ApiClient, body: dict[str, Any]) -> None:
    assert refusal(await api.post("/api/assistants", json=body)) == (422, "validation_error")


async def test_ids_are_taken_once_and_plans_have_limits(store: Store) -> None:
    free, other = await add_business(store, Tier.FREE), await add_business(store, Tier.FREE)
    async with business_api(store, free, routers=(router,), assistants=assistant_service()) as api:
        await api.post("/api/assistants", json=RECEPTION)
        assert refusal(await api.post("/api/assistants", json=RECEPTION)) == (409, "assistant_exists")
        assert refusal(await api.post("/api/assistants", json={**RECEPTION, "vapiAssistantId": "va-2"})) == (
            403,
            "assistant_limit_reached",
        )
        theirs = api.signed_in_as(other.session_token)
        assert refusal(await theirs.post("/api/assistants", json=RECEPTION)) == (409, "assistant_exists")


async def test_without_an_assistant_its_settings_are_not_there(api: ApiClient) -> None:
    mode = {"mode": "assistant-waits-for-user"}
    for answer in (
        await api.get("/api/assistant-name"),
        await api.put("/api/assistant-name", json={"name": "Alex"}),
        await api.get("/api/first-message-mode"),
        await api.put("/api/first-message-mode", json=mode),
    ):
        assert refusal(answer) == (404, "no_active_assistant")


async def test_the_spoken_name(api: ApiClient) -> None:
    await api.post("/api/assistants", json=RECEPTION)
    before = (await api.get("/api/assistant-name")).json()
    await api.put("/api/assistant-name", json={"name": "  Alex  "})

    assert before == {"name": "Savannah", "defaultName": "Savannah", "canEdit": True}
    assert (await api.get("/api/assistant-name")).json() == {**before, "name": "Alex"}
    assert (await api.get("/api/assistants")).json()["assistants"][0]["name"] == "Reception"


@pytest.mark.parametrize("name", ["", "A", " A ", "n" * 31, "Al<ex", "Al{ex", "Al\nex", "Alex\n\tB", None, 12])
async def test_names_that_cannot_be_spoken(api: ApiClient, name: object) -> None:
    await api.post("/api/assistants", json=RECEPTION)
    assert refusal(await api.put("/api/assistant-name", json={"name": name})) == (422, "validation_error")


async def test_the_greeting_mode(api: ApiClient) -> None:
    await api.post("/api/assistants", json=RECEPTION)
    before = (await api.get("/api/first-message-mode")).json()
    assert before["mode"] == "assistant-speaks-first"
    assert "Bright Smile Dental" in before["firstMessage"]

    generated = "assistant-speaks-first-with-model-generated-message"
    await api.put("/api/first-message-mode", json={"mode": generated, "firstMessage": "Welcome to Acme!"})
    await api.put("/api/first-message-mode", json={"mode": "assistant-waits-for-user"})
    assert (await api.get("/api/first-message-mode")).json() == {
        "mode": "assistant-waits-for-user",
        "firstMessage": "Welcome to Acme!",
    }


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "assistant-shouts-first"},
        {},
        {"mode": "assistant-speaks-first", "firstMessage": ""},
        {"mode": "assistant-speaks-first", "firstMessage": "m" * 1001},
        {"mode": "assistant-speaks-first", "firstMessage": None},
    ],
)
async def test_greetings_out_of_bounds_are_refused(api: ApiClient, body: dict[str, Any]) -> None:
    await api.post("/api/assistants", json=RECEPTION)
    assert refusal(await api.put("/api/first-message-mode", json=body)) == (422, "validation_error")


@pytest.mark.parametrize(("plan", "may"), [(Tier.FREE, False), (Tier.ADVANCED, False), (Tier.PRO, True)])
async def test_who_may_name_the_assistant(store: Store, plan: Tier, may: bool) -> None:
    business = await add_business(store, plan)
    async with business_api(store, business, routers=(router,), assistants=assistant_service()) as api:
        await api.post("/api/assistants", json=RECEPTION)
        put = await api.put("/api/assistant-name", json={"name": "Alex"})
        got = await api.get("/api/assistant-name")

    assert put.status_code == (200 if may else 403)
    assert got.json()["canEdit"] is may


async def test_another_tenants_assistant_is_not_there(store: Store) -> None:
    mine, other = await add_business(store), await add_business(store)
    async with business_api(store, mine, routers=(router,), assistants=assistant_service()) as api:
        made = (await api.post("/api/assistants", json=RECEPTION)).json()["assistant"]
        path, theirs = f"/api/assistants/{made['id']}", api.signed_in_as(other.session_token)

        assert refusal(await theirs.patch(path, json={"name": "Mine now"})) == (404, "not_found")
        assert refusal(await theirs.delete(path)) == (404, "not_found")
        assert (await api.get("/api/assistants")).json()["assistants"] == [made]


async def test_nobody_signed_in_gets_nothing(store: Store) -> None:
    async with business_api(store, routers=(router,), assistants=assistant_service()) as api:
        for method, path in (
            ("GET", "/api/assistants"),
            ("POST", "/api/assistants"),
            ("PATCH", "/api/assistants/x"),
            ("DELETE", "/api/assistants/x"),
            ("GET", "/api/assistant-name"),
            ("PUT", "/api/assistant-name"),
            ("GET", "/api/first-message-mode"),
            ("PUT", "/api/first-message-mode"),
        ):
            assert refusal(await api.request(method, path)) == (401, "unauthenticated")
