"""In and out by the pages alone, as a person and as a business; by keyboard, on a phone, in either language."""

from playwright.async_api import Browser, Page

from tests.browser.chromium import watched
from tests.browser.conftest import PASSWORD, Place


async def sign_in(page: Page, email: str) -> None:
    """Fill the form in as a person does."""
    await page.fill("input[name=email]", email)
    await page.fill("input[name=password]", PASSWORD)
    await page.keyboard.press("Enter")


async def test_the_bare_address_leads_by_the_sign_in_to_the_app_and_out_again(
    place: Place, browser: Browser
) -> None:
    async with watched(browser, place.url) as tab:
        page = await tab.goto("/")
        await sign_in(page, "ada@example.com")
        await page.wait_for_url("**/app")
        await page.click("nav button:has-text('Sign out')")
        await page.wait_for_url("**/v1/auth/login")
        await page.goto(f"{place.url}/app/figures")

        assert "continue=%2Fapp%2Ffigures" in page.url, "signed out means asked again, and brought back"
        await sign_in(page, "ada@example.com")
        await page.wait_for_url("**/app/figures")
        await tab.check()


async def test_a_business_comes_in_by_its_own_sign_in(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url) as tab:
        page = await tab.goto("/login")
        await sign_in(page, place.business.email)
        await page.wait_for_url("**/app")

        assert await page.inner_text("h1") == "Bright Smile Dental"
        await tab.check()


async def test_a_wrong_password_is_said_where_it_was_typed(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url) as tab:
        tab.expected = {401, 403}
        page = await tab.goto("/app")
        await page.fill("input[name=email]", "ada@example.com")
        await page.fill("input[name=password]", "not the password")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=alert]")

        assert await page.input_value("input[name=email]") == "ada@example.com", "what was typed right stays"


async def test_a_business_is_added_looked_at_and_left_by_keyboard_alone(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.person) as tab:
        page = await tab.goto("/app/organizations")
        await page.focus("#business-name")
        await page.keyboard.type("Corner Bakery")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/app")
        assert await page.inner_text("h1") == "Corner Bakery"
        await tab.check()

        await tab.goto("/app/organizations")
        back = page.get_by_role("button", name="Look at it ada")
        await back.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/app")
        assert await page.inner_text("h1") == "ada"


async def test_the_page_is_reached_by_keyboard_past_the_menu(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/figures")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")

        inside = "document.getElementById('content').contains(document.activeElement)"
        assert await page.evaluate(inside), "the skip link leads past the menu"


async def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office, phone=True) as tab:
        page = await tab.goto("/app")
        assert not await page.is_visible("#menu")
        await page.focus(".menu-button")
        await page.keyboard.press("Enter")
        assert await page.is_visible("#menu")
        await tab.check()
        await page.keyboard.press("Escape")
        assert not await page.is_visible("#menu")


async def test_the_language_changes_where_one_is(place: Place, browser: Browser) -> None:
    async with watched(browser, place.url, cookies=place.office) as tab:
        page = await tab.goto("/app/figures")
        await page.click("nav button:has-text('Español')")
        await page.wait_for_url("**/app/figures")
        assert await page.inner_text("h1") == "Cifras"
        assert await page.get_attribute("html", "lang") == "es"
        await tab.check()
        await page.click("nav button:has-text('English')")
        await page.wait_for_selector("h1:has-text('Figures')")
