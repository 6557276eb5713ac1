"""A person's paths through the settings: with real receivers and providers at the other end."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import watched
from tests.browser.conftest import PASSWORD, Place, furnish, sign_in
from tests.browser.test_screenshots import LOOKS
from tests.e2e.business import ADMIN_KEY
from tests.e2e.serving import SCRIPTED, serving
from tests.fakes.openai_chat import ChatServer, answer, failure, running_chat_server
from tests.fakes.receiver import Receiver, receiver
from voice_engine.domains.hooks.signing import sign

pytestmark = pytest.mark.timeout(240)
OPERATOR = "root@example.com"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation whose operator lets organizations reach this machine."""
    directory = tmp_path_factory.mktemp("served")
    allowed: Any = {"VOICE_ENGINE_OUTBOUND__ALLOW_PRIVATE": "true", "VOICE_ENGINE_ADMIN_API_KEY": ADMIN_KEY}
    with serving(directory, **SCRIPTED, **allowed) as served:
        made = furnish(served)
        served.command("user", "add", OPERATOR, "--operator", "--consent", text=f"{PASSWORD}\n")
        yield made


async def done(page: Page) -> str:
    """What the page says was done."""
    return await page.inner_text("[data-done]")


async def confirm(page: Page) -> None:
    """Yes, go on."""
    await page.click("#confirm button[value=yes]")


async def test_an_own_language_model_is_set_up_tried_and_removed(place: Place, browser: Browser) -> None:
    async with running_chat_server() as chat, watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/settings/providers")
        card = page.locator("[data-kind=llm]")
        await card.locator("summary").click()
        await card.get_by_label("Address").fill(chat.base_url)
        await card.get_by_label("Model").fill("house-model")
        await card.get_by_label("Key").fill("sk-live-0123456789abcdef")
        await card.get_by_role("button", name="Save").click()
        await page.wait_for_url("**done=provider_saved**")
        assert "••••cdef" in await card.inner_text()
        assert "0123456789" not in await page.content()

        chat.play(answer("ready"))
        await card.get_by_role("button", name="Test it").click()
        await page.wait_for_selector("[data-kind=llm] .alert.good[data-test]")
        assert 'It answered "ready".' in await card.inner_text()
        assert [request["model"] for request in chat.requests] == ["house-model"]

        chat.play(failure(401))
        await card.get_by_role("button", name="Test it").click()
        await page.wait_for_selector("[data-kind=llm] .alert.fault[data-test]")
        assert "The key was refused." in await card.inner_text()

        await card.get_by_role("button", name="Remove").click()
        await confirm(page)
        await page.wait_for_url("**done=provider_removed**")
        assert "Not set up" in await card.inner_text()
        await tab.check()


async def test_an_address_that_will_not_do_is_said_and_what_was_typed_stays(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office) as tab:
        tab.expected = {422, 400}
        page = await tab.goto("/app/settings/providers")
        card = page.locator("[data-kind=stt]")
        await card.locator("summary").click()
        await card.get_by_label("Address").fill("http://169.254.169.254/v1")
        await card.get_by_label("Model").fill("m")
        await card.get_by_label("Key").fill("k")
        await card.get_by_role("button", name="Save").click()
        await page.wait_for_selector("#notice [data-code=address_refused]")

        assert await card.get_by_label("Address").input_value() == "http://169.254.169.254/v1"
        await tab.check()


async def shown_attempts(page: Page, count: int) -> None:
    """Look again until the worker has made so many attempts."""
    async with asyncio.timeout(20):
        while await page.locator("ol.attempts > li").count() < count:
            await page.click("text=Look again")
            await page.wait_for_load_state("load")


def signed(there: Receiver, secret: str) -> bool:
    """Whether every request bears a signature of this secret."""
    return all(
        sign(secret, got.headers["webhook-id"], int(got.headers["webhook-timestamp"]), got.body)
        in got.headers["webhook-signature"].split(" ")
        for got in there.got
    )


async def test_a_webhook_from_its_secret_to_its_log(place: Place, browser: Browser) -> None:
    async with receiver(500, 200) as there, watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/settings/webhooks")
        await page.get_by_role("link", name="Add a webhook").click()
        await page.get_by_label("Address").fill(there.url)
        await page.get_by_label("Note").fill("our back office")
        await page.get_by_role("button", name="Add it").click()
        await page.wait_for_selector("#secret")
        secret = await page.inner_text("#secret")
        assert secret.startswith("whsec_")
        await tab.check()

        await page.get_by_role("link", name="I have copied it").click()
        await page.wait_for_url("**/webhooks/*")
        assert secret not in await page.content()
        await page.get_by_role("button", name="Send a test").click()
        await page.wait_for_url("**/deliveries/**")
        await shown_attempts(page, 1)
        assert "500" in await page.inner_text("ol.attempts")
        await page.get_by_role("button", name="Deliver again").click()
        await page.wait_for_url("**done=hook_redelivered**")
        await shown_attempts(page, 2)

        assert "200" in await page.inner_text("ol.attempts")
        assert signed(there, secret)
        assert {got.headers["webhook-id"] for got in there.got} == {page.url.split("/")[-1].split("?")[0]}
        assert json.loads(there.got[0].body)["type"] == "webhook.test"
        await tab.check()

        await page.click("main header a")
        await page.wait_for_url("**/webhooks/*")
        await page.get_by_role("button", name="Delete").click()
        await confirm(page)
        await page.wait_for_url("**done=hook_removed**")
        assert there.url not in await page.inner_text("main")


async def test_full_pages_have_no_fault_in_any_look(place: Place, browser: Browser, pictures: Path) -> None:
    """Accounts, webhooks and messages as they are once they are used; the list has the empty ones."""
    async with receiver(500, 200) as there, running_chat_server() as chat:
        paths = await furnished(place, browser, there, chat)
        for look, options in LOOKS.items():
            async with watched(browser, place.url, cookies=place.office, **options) as tab:  # type: ignore[arg-type]
                for name, path in paths.items():
                    page = await tab.goto(path)
                    assert await tab.overflow() == 0, f"{name} is wider than the window"
                    await page.screenshot(path=pictures / f"{name}-{look}.png", full_page=True)
                    await tab.check()


async def furnished(place: Place, browser: Browser, there: Receiver, chat: ChatServer) -> dict[str, str]:
    """A business with an account that works, and a webhook with a message that was taken at the second attempt."""
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/settings/providers")
        card = page.locator("[data-kind=llm]")
        await card.locator("summary").click()
        await card.get_by_label("Address").fill(chat.base_url)
        await card.get_by_label("Model").fill("house-model")
        await card.get_by_label("Key").fill("sk-live-0123456789abcdef")
        await card.get_by_role("button", name="Save").click()
        chat.play(answer("ready"))
        await card.get_by_role("button", name="Test it").click()
        await page.wait_for_selector("[data-test]")
        await tab.goto("/app/settings/webhooks/new")
        await page.get_by_label("Address").fill(there.url)
        await page.get_by_label("Note").fill("Our back office")
        await page.get_by_role("button", name="Add it").click()
        await page.get_by_role("link", name="I have copied it").click()
        await page.wait_for_url("**/webhooks/*")
        endpoint = urlsplit(page.url).path
        await page.get_by_role("button", name="Send a test").click()
        await page.wait_for_url("**/deliveries/**")
        await shown_attempts(page, 1)
        await page.get_by_role("button", name="Deliver again").click()
        await page.wait_for_url("**done=hook_redelivered**")
        await shown_attempts(page, 2)
        delivery = urlsplit(page.url).path
    return {
        "settings-providers": "/app/settings/providers",
        "settings-webhooks": "/app/settings/webhooks",
        "settings-webhook": endpoint,
        "settings-delivery": delivery,
    }


async def test_a_token_works_until_it_is_revoked(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.person) as tab:
        page = await tab.goto("/app/settings/tokens")
        await page.get_by_label("What it is for").fill("night shift")
        await page.get_by_role("button", name="Make it").click()
        await page.wait_for_selector("#secret")
        bearer = {"Authorization": f"Bearer {await page.inner_text('#secret')}"}
        await tab.check()
        async with httpx2.AsyncClient(base_url=place.url, headers=bearer) as server:
            assert (await server.get("/v1/calls")).status_code == 200
            assert (await server.get("/v1/credits/balance")).status_code == 403, "no more than was chosen"

            await page.get_by_role("link", name="I have copied it").click()
            row = page.locator("tr", has_text="night shift")
            await row.get_by_role("button", name="Revoke").click()
            await confirm(page)
            await page.wait_for_url("**done=token_revoked**")

            assert (await server.get("/v1/calls")).status_code == 401
        assert "Revoked" in await row.inner_text()
        await tab.check()


async def test_the_audit_shows_who_did_it_and_goes_into_a_table(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/settings/audit")
        await page.select_option("#action", "session.started")
        await page.get_by_role("button", name="Show").click()
        await page.wait_for_url("**action=session.started")
        cells = await page.locator("tbody tr td:nth-child(2)").all_inner_texts()
        assert set(cells) == {"Signed in session.started"}
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="Download as CSV").click()
        saved = await (await waiting.value).path()

        assert saved.read_text().startswith("at,action,actor,actor_name,subject,facts")
        await tab.check()


async def test_an_operator_looks_at_the_server_and_an_owner_at_a_business(place: Place, browser: Browser) -> None:
    operator = sign_in(place.served, OPERATOR)
    async with watched(browser, place.url, cookies=operator) as tab:
        page = await tab.goto("/app/settings/doctor")
        await page.get_by_role("button", name="Look at the server").click()
        await expect(page.locator("[data-said]")).to_contain_text("Looked at", timeout=60_000)
        findings = await page.inner_text("[data-findings]")
        for subject in ("python", "database", "worker", "carrier account", "webhook", "media socket"):
            assert subject in findings
        assert not await page.locator("[data-findings] [data-verdict=problem]").count()
        await tab.check()
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/settings/doctor")
        assert "Your organization" in await page.inner_text("main")
        assert "This server" not in await page.inner_text("main")
        tab.expected = {404}
        assert (await page.request.get(f"{place.url}/app/settings/doctor/findings")).status == 404
        await tab.check()


async def test_a_person_changes_name_zone_and_language(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.person) as tab:
        page = await tab.goto("/app/settings")
        await page.get_by_label("Name", exact=True).fill("Ada Lovelace")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**done=name")
        assert await page.get_by_label("Name", exact=True).input_value() == "Ada Lovelace"

        await page.locator("#timezone").select_option("Europe/Madrid")
        await page.locator("section", has=page.locator("#timezone")).get_by_role("button").click()
        await page.wait_for_url("**done=timezone")
        assert await page.locator("#timezone").input_value() == "Europe/Madrid"

        await page.get_by_label("Español", exact=True).check()
        await page.locator("section", has=page.locator("input[type=radio]")).get_by_role("button").click()
        await expect(page.locator("html")).to_have_attribute("lang", "es")
        assert await page.inner_text("h1") == "Cuenta"
        await tab.check()
        await page.get_by_label("English", exact=True).check()
        await page.locator("section", has=page.locator("input[type=radio]")).get_by_role("button").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
