"""A person's ways through the desk: a number, two rules in either order, an address book, a message."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import Watched, watched
from tests.browser.conftest import Place
from tests.browser.desk_seeding import seed_desk
from tests.e2e.business import in_office

pytestmark = pytest.mark.timeout(300)

ANYBODY = "+12125550199"
CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
FN:Ana López\r
TEL;TYPE=CELL:+34612345678\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Bo\r
TEL:(415) 555-0123\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Nobody\r
END:VCARD\r
"""


async def buy(tab: Watched) -> str:
    """Search, buy, and see the number on the page."""
    page = await tab.goto("/app/numbers")
    await page.get_by_label("Area code").fill("415")
    await page.get_by_role("button", name="Search").click()
    offer = page.locator(".offers li").first
    written = await offer.locator("strong").inner_text()
    await offer.get_by_role("button").click()
    await page.get_by_role("button", name="Yes, go on").click()
    await expect(page.get_by_text("The number is yours")).to_be_visible()
    await expect(page.get_by_role("heading", name=written)).to_be_visible()
    return written


async def add_rule(tab: Watched, name: str, action: str) -> None:
    """A rule for everybody."""
    page = await tab.goto("/app/rules/new")
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_role("radio", name=action).check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("link", name=name)).to_be_visible()


async def order(page: Page) -> list[str]:
    """The rules' names, as they stand on the page."""
    return [text.strip() for text in await page.locator(".rule h2 a").all_inner_texts()]


async def test_a_number_is_bought_and_the_order_of_its_rules_decides(place: Place, browser: Browser) -> None:
    """By dragging, by the keys, by the arrows: each time the tester's answer changes with it."""
    async with in_office(place.served, place.business) as api:
        made = await api.post("/api/assistants", json={"vapiAssistantId": "desk", "name": "Front desk"})
        assert made.status_code == 201, made.text
    async with watched(browser, place.url, cookies=place.office) as tab:
        await buy(tab)
        await add_rule(tab, "Messages", "Take a message")
        await add_rule(tab, "No calls", "Turn away")
        page = await tab.goto("/app/rules")
        await page.get_by_label("Caller’s number").fill(ANYBODY)
        await page.get_by_role("button", name="Test", exact=True).click()
        answer = page.locator("#answer .answer")
        await expect(answer).to_have_attribute("data-taker", "Messages")
        await expect(answer).to_have_attribute("data-decision", "LeaveMessage")
        await expect(answer.locator("blockquote")).to_contain_text("Bright Smile Dental")

        await drag(page, "No calls", above="Messages")
        await expect(answer).to_have_attribute("data-taker", "No calls")
        assert await order(page) == ["No calls", "Messages"]
        await expect(answer).to_contain_text("not in service")

        await page.locator(".rule", has_text="Messages").locator("[data-grip]").focus()
        await page.keyboard.press("Alt+ArrowUp")
        await expect(answer).to_have_attribute("data-taker", "Messages")
        assert await order(page) == ["Messages", "No calls"]
        assert await page.evaluate("document.activeElement.closest('.rule')?.dataset.name") == "Messages"
        await expect(page.get_by_text("Messages is now rule 1 of 2.")).to_be_attached()

        await page.get_by_role("button", name="Move No calls up").click()
        await expect(answer).to_have_attribute("data-taker", "No calls")

        await page.locator(".rule", has_text="No calls").get_by_role("button", name="Turn off").click()
        await expect(page.locator(".rule.off")).to_have_count(1)
        await page.get_by_role("button", name="Test", exact=True).click()
        await expect(answer).to_have_attribute("data-taker", "Messages")
        await tab.check()


async def drag(page: Page, name: str, *, above: str) -> None:
    """With the mouse, by the handle."""
    handle = page.locator(".rule", has=page.get_by_role("link", name=name)).locator("[data-grip]")
    await handle.hover()  # waits until nothing scrolls any more: places are taken after that
    grip = await handle.bounding_box()
    goal = await page.locator(".rule", has=page.get_by_role("link", name=above)).bounding_box()
    assert grip is not None and goal is not None
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    for step in range(1, 9):
        await page.mouse.move(x, y + (goal["y"] - 10 - y) * step / 8)
    await page.mouse.up()


async def test_an_address_book_is_looked_through_before_it_is_taken_over(
    place: Place, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "people.vcf"
    file.write_text(CARDS, encoding="utf-8")
    async with watched(browser, place.url, cookies=place.person) as tab:
        page = await tab.goto("/app/contacts/import")
        await page.get_by_label("File").set_input_files(file)
        await page.get_by_role("button", name="Show what would happen").click()
        await expect(page.get_by_text("2 new")).to_be_visible()
        await expect(page.get_by_text("1 people have no phone number")).to_be_visible()
        await page.get_by_role("button", name="Import", exact=True).click()
        await expect(page.get_by_text("Imported: 2 new, 0 changed, 1 left out.")).to_be_visible()

        page = await tab.goto("/app/contacts")
        await page.get_by_label("Search name or number").press_sequentially("lopez", delay=20)
        await expect(page.locator("#people tbody tr")).to_have_count(1)
        star = page.get_by_role("button", name="VIP: Ana López")
        await star.click()
        await expect(star).to_have_attribute("aria-pressed", "true")
        await expect(star).to_be_focused()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Export").click()
        exported = await (await download.value).path()
        assert "FN:Ana López" in exported.read_text("utf-8") and "CATEGORIES:VIP" in exported.read_text("utf-8")
        await tab.check()


@pytest.fixture
def weeks(place: Place) -> None:
    """The business has messages and things to do."""
    seed_desk(place.served, place.business.organization_id)


@pytest.mark.usefixtures("weeks")
async def test_a_message_plays_and_counts_as_heard(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/voicemails")
        message = page.locator(".message", has=page.get_by_role("heading", name="Grace Hopper"))
        await expect(message).to_contain_text("Could you call me back about Thursday?")
        await message.locator("audio").evaluate("audio => audio.play()")
        await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
        await expect(message.locator(".chip")).to_have_count(0)
        assert await message.locator("audio").evaluate("audio => Math.round(audio.duration)") == 2

        page = await tab.goto("/app/voicemails?show=unheard")
        await expect(page.get_by_role("heading", name="Grace Hopper")).to_have_count(0)
        await expect(page.locator(".message")).to_have_count(1)

        page = await tab.goto("/app/actions")
        await expect(page.get_by_role("link", name="Hear it at 1:04")).to_have_count(1)
        await page.get_by_role("button", name="Done: Ask whether Thursday suits her.").click()
        await expect(page.get_by_text("To do (1)")).to_be_visible()
        await tab.check()
