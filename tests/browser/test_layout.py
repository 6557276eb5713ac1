"""Where things stand on a page: what a person would see as broken and no other test does."""

import httpx2
import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import watched
from tests.browser.conftest import Place
from tests.browser.desk_seeding import seed_desk
from tests.browser.seeding import seed_calls

pytestmark = pytest.mark.timeout(240)
VERSION = "/app/reception/prompt"


@pytest.fixture(scope="module", autouse=True)
def furnished(place: Place) -> None:
    """The business has an assistant, two versions of its prompt, a month of calls and messages."""
    seed_calls(place.served, place.business.organization_id, product="EPOCH")
    seed_desk(place.served, place.business.organization_id, number="+12125550150")
    with httpx2.Client(base_url=place.url, headers={"Cookie": place.business.cookie}, timeout=60.0) as api:
        made = api.post("/api/assistants", json={"vapiAssistantId": "front", "name": "Front desk"})
        assert made.status_code == 201, made.text
        changed = api.put("/api/business-address", json={"businessAddress": "120 Elm Street"})
        assert changed.status_code == 200, changed.text


@pytest.mark.parametrize("path", ["/app/settings/doctor", "/app/reception/knowledge", "/app/actions"])
async def test_the_tab_that_one_is_on_is_in_view_on_a_phone(place: Place, browser: Browser, path: str) -> None:
    """And the edge behind which there are more fades."""
    async with watched(browser, place.url, cookies=place.office, phone=True) as tab:
        page = await tab.goto(path)
        await expect(page.locator(".tabs")).to_have_attribute("data-before", "")
        await expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.95)
        await tab.check()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_buttons_of_a_table_are_on_one_line(place: Place, browser: Browser, phone: bool) -> None:
    async with watched(browser, place.url, cookies=place.office, phone=phone) as tab:
        page = await tab.goto(VERSION)
        buttons = page.locator(".revisions .button")
        assert await buttons.count() >= 3
        heights = [await each.evaluate("(element) => element.offsetHeight") for each in await buttons.all()]
        assert max(heights) < 36, heights
        assert await tab.overflow() == 0


async def test_what_to_do_stands_in_the_middle_of_an_empty_page(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.person) as tab:
        for path in ("/app/contacts", "/app/rules", "/app/voicemails", "/app/calls", "/app/figures"):
            page = await tab.goto(path)
            off = await page.evaluate(
                """() => {
                  const of = (rect) => (rect.left + rect.right) / 2;
                  const middle = of(document.querySelector("main .empty .icon.big").getBoundingClientRect());
                  const row = document.querySelector("main .empty .button").parentElement;
                  const boxes = [...row.querySelectorAll(".button")].map((each) => each.getBoundingClientRect());
                  const left = Math.min(...boxes.map((box) => box.left));
                  const right = Math.max(...boxes.map((box) => box.right));
                  return Math.abs((left + right) / 2 - middle);
                }"""
            )
            assert off < 2, path


async def test_the_preview_of_a_greeting_follows_the_choice(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/reception/assistant")
        await page.get_by_role("radio", name="It waits").check()
        await expect(page.locator("#heard")).to_contain_text("it waits for the caller to speak")
        await page.get_by_role("radio", name="It greets", exact=False).first.check()
        await expect(page.locator("#heard")).to_contain_text("Bright Smile Dental")
        await tab.check()


async def test_a_phone_s_day_begins_in_the_morning_and_nothing_is_a_bar(place: Place, browser: Browser) -> None:
    """The busiest hours scroll; the names of the days stay."""
    async with watched(browser, place.url, cookies=place.office, phone=True) as tab:
        page = await tab.goto("/app/figures")
        await page.locator(".heat").evaluate("(heat) => heat.parentElement.parentElement.scrollIntoView()")
        await expect(page.get_by_role("columnheader", name="8", exact=True)).to_be_in_viewport(ratio=0.9)
        assert await page.locator(".heat").evaluate("(heat) => heat.parentElement.scrollLeft") > 100
        await expect(page.get_by_role("rowheader", name="Mon")).to_be_in_viewport()
        legend = await page.locator("#by-day .u-legend").inner_text()
        assert not set(legend) & set("–-:"), legend
        await tab.check()


async def test_what_waits_is_counted_on_its_tab(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/rules")
        tabs = page.get_by_role("navigation", name="Reception")
        await expect(tabs.get_by_role("link", name="Voicemails").locator(".count")).to_be_visible()
        await expect(tabs.get_by_role("link", name="Contacts").locator(".count")).to_have_count(0)
        await tab.check()
