"""Settings over HTTP: what is sent comes back, the prompt follows, what cannot be is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.domains.prompts.rig import PromptRig, prompt_rig
from tests.fakes.accounts import NOW
from tests.fakes.api import ApiClient
from tests.fakes.assistants import number_of
from tests.fakes.business import add_business, business_api, refusal
from tests.rest.api.prompt.test_routes import serving
from voice_engine.domains.minutes.plans import Tier
from voice_engine.rest.api.business import routes
from voice_engine.store.engine import Store

NINE_TO_FIVE = {"open": "09:00", "close": "17:00", "closed": False}
PATHS = ("/api/business-info", "/api/business-hours", "/api/business-address", "/api/transfer-number")


@pytest.fixture
async def rig(store: Store) -> PromptRig:
    return await prompt_rig(store)


@pytest.fixture
async def api(rig: PromptRig) -> AsyncIterator[ApiClient]:
    async with serving(rig) as client:
        yield client


async def _prompt(api: ApiClient) -> str:
    return str((await api.get("/api/prompt")).json()["systemPrompt"])


async def test_before_anything_is_said_everything_is_null(api: ApiClient) -> None:
    assert (await api.get(PATHS[0])).json() == dict.fromkeys(("businessType", "businessDescription", "websiteUrl"))
    assert (await api.get(PATHS[1])).json() == {"businessHours": None, "timezone": "America/New_York"}
    assert (await api.get(PATHS[2])).json() == {"businessAddress": None}
    assert (await api.get(PATHS[3])).json() == {"transferNumber": None, "canEdit": True}


async def test_info_is_changed_in_part(api: ApiClient) -> None:
    await api.put(PATHS[0], json={"businessType": "dental_office", "websiteUrl": "https://acme.example/a?b=c"})
    saved = await api.put(PATHS[0], json={"businessDescription": "Teeth.", "businessType": None, "more": 1})

    info = {"businessType": None, "businessDescription": "Teeth.", "websiteUrl": "https://acme.example/a?b=c"}
    assert saved.json() == {"success": True, **info}
    assert (await api.get(PATHS[0])).json() == info
    assert "- Description: Teeth.\n- Website: https://acme.example/a?b=c" in await _prompt(api)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"businessType": "x" * 65},
        {"businessDescription": "x" * 4001},
        {"businessType": 5},
        *({"websiteUrl": url} for url in ("acme.com", "ftp://acme.com", "https://", "https:///x", "https://a b", "http://a:x")),
        {"websiteUrl": "https://acme.com/" + "x" * 500},
        {"websiteUrl": ""},
    ],
)  # fmt: skip
async def test_info_that_cannot_be_is_refused(api: ApiClient, body: dict[str, Any]) -> None:
    assert refusal(await api.put(PATHS[0], json=body)) == (422, "validation_error")


async def test_hours_are_replaced_as_a_week(api: ApiClient) -> None:
    await api.put(PATHS[1], json={"businessHours": {"sunday": NINE_TO_FIVE}})
    week = {"monday": NINE_TO_FIVE, "friday": {"open": "18:00", "close": "02:00"}, "sunday": {"closed": True}}

    saved = await api.put(PATHS[1], json={"businessHours": week, "timezone": "America/Los_Angeles"})

    kept = {**week, "friday": {"open": "18:00", "close": "02:00", "closed": False}}
    assert saved.json() == {"success": True, "businessHours": kept, "timezone": "America/Los_Angeles"}
    assert (await api.get(PATHS[1])).json() == {"businessHours": kept, "timezone": "America/Los_Angeles"}
    prompt = await _prompt(api)
    assert "- Friday: 18:00-02:00 (until the next day)\n- Saturday: closed\n- Sunday: closed\n" in prompt
    assert "America/Los_Angeles" in prompt


async def test_a_zone_that_is_left_out_stays(api: ApiClient) -> None:
    saved = await api.put(PATHS[1], json={"businessHours": {}})

    assert saved.json()["timezone"] == "America/New_York"
    assert saved.json()["businessHours"] == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"businessHours": None},
        {"businessHours": {"monday": {}}},
        {"businessHours": {"monday": None}},
        {"businessHours": {"monday": {"open": "09:00"}}},
        {"businessHours": {"monday": {"open": "9:00", "close": "17:00"}}},
        {"businessHours": {"monday": {"open": "24:00", "close": "17:00"}}},
        {"businessHours": {"monday": {"open": "09:00", "close": "24:01"}}},
        {"businessHours": {"monday": {"open": "09:00", "close": "17:00\n"}}},
        {"businessHours": {"monday": {"open": "٠٩:00", "close": "17:00"}}},
        {"businessHours": {"monday": {**NINE_TO_FIVE, "closed": "no"}}},
        {"businessHours": {"monday": {**NINE_TO_FIVE, "lunch": "12:00"}}},
        {"businessHours": {"someday": NINE_TO_FIVE}},
        {"businessHours": {}, "timezone": "Mars/Olympus"},
        {"businessHours": {}, "timezone": ""},
        {"businessHours": {}, "timezone": "../etc/passwd"},
        {"businessHours": {}, "timezone": None},
    ],
)
async def test_hours_that_cannot_be_are_refused(api: ApiClient, body: dict[str, Any]) -> None:
    assert refusal(await api.put(PATHS[1], json=body)) == (422, "validation_error")
    assert (await api.get(PATHS[1])).json()["businessHours"] is None


async def test_an_address_is_set_and_cleared(api: ApiClient) -> None:
    before = await _prompt(api)

    saved = await api.put(PATHS[2], json={"businessAddress": "123 Main St\nSuite 100"})
    assert saved.json() == {"success": True, "businessAddress": "123 Main St, Suite 100"}
    assert "## Address\nThe address is 123 Main St, Suite 100.\n" in await _prompt(api)

    for empty in ("", None):
        cleared = await api.put(PATHS[2], json={"businessAddress": empty})
        assert cleared.json() == {"success": True, "businessAddress": None}
    assert await _prompt(api) == before


async def test_the_longest_address_of_short_lines_is_kept(api: ApiClient) -> None:
    saved = await api.put(PATHS[2], json={"businessAddress": "a\n" * 250})

    assert saved.json()["businessAddress"] == ", ".join("a" * 250)


@pytest.mark.parametrize("body", [{}, {"businessAddress": "x" * 501}, {"businessAddress": 5}])
async def test_an_address_that_cannot_be_is_refused(api: ApiClient, body: dict[str, Any]) -> None:
    assert refusal(await api.put(PATHS[2], json=body)) == (422, "validation_error")


async def test_a_transfer_number_is_set_and_cleared(api: ApiClient) -> None:
    before = await _prompt(api)

    saved = await api.put(PATHS[3], json={"transferNumber": "(555) 987-6543"})
    assert saved.json() == {"success": True, "transferNumber": "+15559876543"}
    assert (await api.get(PATHS[3])).json()["transferNumber"] == "+15559876543"
    assert "+15559876543" in await _prompt(api)

    for empty in ({}, {"transferNumber": None}, {"transferNumber": ""}, {"transferNumber": "  "}):
        assert (await api.put(PATHS[3], json=empty)).json() == {"success": True, "transferNumber": None}
    assert await _prompt(api) == before


async def test_numbers_that_calls_are_not_handed_to_are_refused(api: ApiClient, rig: PromptRig) -> None:
    async with rig.store.begin(rig.organization_id) as work:
        work.session.add(number_of("+15551230000", None, at=NOW))

    for number in ("911", "+1 900 555 0100", "(555) 123-0000", "nobody"):
        answer = await api.put(PATHS[3], json={"transferNumber": number})
        assert refusal(answer) == (422, "invalid_phone_number")
    assert refusal(await api.put(PATHS[3], json={"transferNumber": "5" * 41})) == (422, "validation_error")


async def test_a_transfer_number_needs_the_advanced_plan_and_an_assistant(store: Store) -> None:
    async with serving(await prompt_rig(store, plan=Tier.STARTER)) as api:
        assert (await api.get(PATHS[3])).json()["canEdit"] is False
        refused = await api.put(PATHS[3], json={})
        assert refusal(refused) == (403, "plan_upgrade_required")

    async with serving(PromptRig(store, await add_business(store))) as bare:
        assert refusal(await bare.put(PATHS[3], json={})) == (404, "no_active_assistant")


async def test_settings_are_kept_before_there_is_an_assistant(store: Store) -> None:
    rig = PromptRig(store, await add_business(store, Tier.FREE))
    async with serving(rig) as api:
        await api.put(PATHS[2], json={"businessAddress": "5 Oak Ave"})
        await rig.add_assistant("first")

        assert "5 Oak Ave" in await _prompt(api)


@pytest.mark.parametrize("path", PATHS)
async def test_another_business_sees_and_changes_its_own(store: Store, rig: PromptRig, path: str) -> None:
    other = await prompt_rig(store)
    async with serving(rig) as api, serving(other) as theirs:
        before = (await theirs.get(path)).json()
        await api.put(path, json={"businessType": "x", "businessHours": {}, "businessAddress": "x"})

        assert (await theirs.get(path)).json() == before


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_nobody_gets_nothing(rig: PromptRig, method: str, path: str) -> None:
    async with business_api(rig.store, None, routers=(routes.router,)) as api:
        assert refusal(await api.request(method, path)) == (401, "unauthenticated")


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_without_sense_is_malformed(api: ApiClient, path: str) -> None:
    answer = await api.put(path, content="{", headers={"Content-Type": "application/json"})

    assert refusal(answer) == (400, "malformed_request")
