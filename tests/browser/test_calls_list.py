"""A person finds a call, follows the list, moves and cancels one that waits, and asks for a new one."""

import csv
import io
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.call_seeding import seed_list
from tests.browser.chromium import Watched, watched
from tests.browser.conftest import Place
from voice_engine.domains.calls.listing.service import PAGE

expect.set_options(timeout=15_000)  # a loaded machine takes its time
ROW = ".call-list ol.calls > li:not(.more)"


@pytest.fixture(scope="module")
def seeded(place: Place) -> dict[str, str]:
    """The business has calls; the person has none."""
    return seed_list(place.served, place.business.organization_id)


@pytest.fixture
async def office(place: Place, browser: Browser, seeded: dict[str, str]) -> AsyncIterator[Watched]:
    async with watched(browser, place.url, cookies=place.office) as tab:
        yield tab


@pytest.fixture
async def person(place: Place, browser: Browser) -> AsyncIterator[Watched]:
    async with watched(browser, place.url, cookies=place.person) as tab:
        yield tab


async def rows(page: Page) -> int:
    return await page.locator(ROW).count()


async def test_a_word_that_was_said_is_found_as_one_types(office: Watched) -> None:
    page = await office.goto("/app/calls")
    await page.get_by_label("Search", exact=True).press_sequentially("terraces")

    await expect(page.locator("mark").first).to_have_text("terrace")
    await expect(page).to_have_url(re.compile(r"/app/calls\?text=terraces$"))
    await expect(page.get_by_role("status").filter(has_text="calls")).to_be_visible()
    await expect(page.get_by_label("Search", exact=True)).to_be_focused()
    await office.check()


async def test_the_back_button_takes_filters_back(office: Watched) -> None:
    page = await office.goto("/app/calls")
    await page.get_by_label("Direction").select_option("outbound")
    await expect(page).to_have_url(re.compile(r"direction=outbound"))
    await page.get_by_label("How it went").select_option("busy")
    await expect(page).to_have_url(re.compile(r"state=busy"))
    await expect(page.locator(ROW).first).to_contain_text("Maple Street Clinic")

    await page.go_back()

    await expect(page).to_have_url(re.compile(r"/app/calls\?direction=outbound$"))
    await expect(page.get_by_label("How it went")).to_have_value("")
    await expect(page.get_by_label("Direction")).to_have_value("outbound")
    await expect(page.locator(ROW).first).to_contain_text("Corner Bistro")
    await office.check(accessible=False)


async def test_more_calls_follow_by_keyboard_and_the_focus_goes_along(office: Watched) -> None:
    page = await office.goto("/app/calls")
    assert await rows(page) == PAGE

    await page.get_by_role("button", name="Show more").focus()
    await page.keyboard.press("Enter")

    await expect(page.locator(ROW)).to_have_count(2 * PAGE)
    focused = await page.evaluate("document.activeElement.closest('li')?.matches('li:nth-child(26)')")
    assert focused
    await office.check()


async def test_what_is_up_stands_on_top_and_goes_when_it_ends(
    office: Watched, seeded: dict[str, str], place: Place
) -> None:
    page = await office.goto("/app/calls")
    live = page.get_by_role("region", name="Live now")
    await expect(live.locator("a")).to_have_attribute("href", f"/app/calls/{seeded['live']}")
    before = await live.locator(".call-when").inner_text()

    await expect(live.locator(".call-when")).not_to_have_text(before)
    await office.check()


async def test_a_proxys_fault_leaves_what_stands_and_the_page_asks_again(office: Watched) -> None:
    """Its page of an error belongs nowhere in ours."""
    office.expected = {502}
    asked = 0

    async def fail_once(route: Route) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            await route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")
        else:
            await route.continue_()

    await office.page.route("**/app/calls/open*", fail_once)
    page = await office.goto("/app/calls")
    before = await page.locator("#open-calls > [hx-get]").count()
    async with page.expect_response(lambda answer: "/open" in answer.url and answer.status == 502):
        pass
    async with page.expect_response(lambda answer: "/open" in answer.url and answer.status == 200):
        pass

    assert before == await page.locator("#open-calls > [hx-get]").count() == 1
    await expect(page.get_by_text("Bad gateway")).to_have_count(0)
    await office.check()


async def test_the_list_goes_into_a_spreadsheet(office: Watched) -> None:
    page = await office.goto("/app/calls?state=busy")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="CSV").click()

    path = await (await started.value).path()
    lines = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert len(lines) == await rows(page)
    assert {line["Result"] for line in lines} == {"Busy"}


async def test_filters_that_fit_nothing_say_how_to_go_on(office: Watched) -> None:
    page = await office.goto("/app/calls?text=xylophone")
    await expect(page.get_by_text("Try fewer words")).to_be_visible()
    await office.check()

    await page.locator(".empty").get_by_role("link", name="Clear all filters").click()

    await expect(page.locator(ROW)).to_have_count(PAGE)


async def test_a_phone_shows_the_list_as_cards(place: Place, browser: Browser, seeded: dict[str, str]) -> None:
    async with watched(browser, place.url, cookies=place.office, phone=True) as tab:
        await tab.goto("/app/calls?text=terrace")
        assert await tab.overflow() == 0
        await tab.check()


async def test_a_new_call_is_told_before_it_is_dialled_and_then_moved_and_withdrawn(person: Watched) -> None:
    page = await person.goto("/app/calls")
    await page.locator(".empty").get_by_role("link", name="New call").click()
    verdict = page.get_by_role("complementary", name="Before we call")

    await page.get_by_label("Phone number").press_sequentially("911")
    await expect(verdict).to_contain_text("This is an emergency number.")
    await page.get_by_label("Phone number").fill("+12125550142")
    await expect(verdict).to_contain_text("can be called")
    await expect(verdict).to_contain_text("credits")
    await person.check()

    await page.get_by_text("Hotel", exact=True).click()
    await expect(page.get_by_label("Guests")).to_be_visible()
    await expect(page.get_by_label("Time", exact=True).first).to_be_hidden()
    await page.get_by_label("What is it about?").fill("A double room for two nights")
    await page.get_by_label("Name of the place").fill("Harbour Hotel")
    await page.get_by_label("Later").check()
    tomorrow = await page.evaluate("new Date(Date.now() + 2 * 864e5).toISOString().slice(0, 10)")
    await page.locator("#later_date").fill(tomorrow)
    await page.locator("#later_time").fill("15:00")
    await expect(verdict).to_contain_text("We call on")
    await page.get_by_role("button", name="Call", exact=True).dblclick()
    await expect(page).to_have_url(re.compile(r"/app/calls/[0-9a-f-]{36}$"))

    await person.goto("/app/calls")
    waiting = page.get_by_role("region", name="Waiting")
    await expect(waiting.locator("li")).to_have_count(1)
    await waiting.get_by_role("link", name="Reschedule").click()
    await page.get_by_label("Time").fill("16:30")
    await person.check()
    await page.get_by_role("button", name="Reschedule").click()
    await expect(waiting).to_contain_text("4:30")
    await waiting.get_by_role("button", name="Cancel the call").click()
    await page.get_by_role("button", name="Yes, go on").click()
    await expect(page.locator(ROW).get_by_text("Cancelled")).to_be_visible()
    await person.check()


async def test_on_a_phone_the_verdict_comes_before_the_call_and_the_fault_below_its_field(
    place: Place, browser: Browser
) -> None:
    """Said once the field is left; a number that fits takes it back."""
    for who in (place.person, place.office):
        async with watched(browser, place.url, cookies=who, phone=True) as tab:
            page = await tab.goto("/app/calls/new")
            field, fault = page.get_by_label("Phone number"), page.locator("#number-fault")
            await field.fill("+1 212")
            against = page.locator("#verdict [data-number]")
            await expect(against).to_be_visible()
            await expect(fault).to_be_hidden()
            await page.keyboard.press("Tab")
            await expect(fault).to_have_text(await against.inner_text())
            await expect(field).to_have_attribute("aria-invalid", "true")
            await expect(field).to_have_attribute("aria-describedby", "number-fault")
            await tab.check()

            await field.fill("+12125550142")
            await expect(fault).to_be_hidden()
            await expect(field).to_have_attribute("aria-invalid", "false")
            verdict = await page.locator("#verdict").bounding_box()
            button = await page.get_by_role("button", name="Call", exact=True).bounding_box()
            assert verdict is not None and button is not None
            assert verdict["y"] + verdict["height"] <= button["y"]
            assert await tab.overflow() == 0


async def test_a_business_is_told_of_its_assistant_s_call(office: Watched) -> None:
    page = await office.goto("/app/calls/new")
    await page.get_by_label("Phone number").press_sequentially("+12125550142")

    await expect(page.get_by_role("complementary", name="Before we call")).to_contain_text("can be called")
    await office.check()
