"""A call's page in a browser: hearing a line, the keyboard, an hour that stays smooth, a call that is on."""

import pytest
from playwright.async_api import Browser, Page

from tests.browser.call_seeds import hold_booking, keep_call
from tests.browser.chromium import watched
from tests.browser.conftest import Place

pytestmark = pytest.mark.timeout(240)

AT = "document.getElementById('call-audio').currentTime * 1000"
PLAYS = "!document.getElementById('call-audio').paused"


@pytest.fixture(scope="module")
async def booked(place: Place, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A call in which a table was booked; its id."""
    recording = tmp_path_factory.mktemp("booked") / "recording.wav"
    rig = hold_booking(recording)
    return await keep_call(place.served, "ada@example.com", rig.report, rig.events, recording)


async def _open(tab: object, call_id: str) -> Page:
    page = await tab.goto(f"/app/calls/{call_id}")  # type: ignore[attr-defined]  # Watched
    await page.wait_for_selector("#call[data-ready=yes]")
    assert isinstance(page, Page)
    return page


async def test_a_line_is_heard_by_clicking_it_and_the_wave_finds_the_line(
    place: Place, browser: Browser, booked: str
) -> None:
    async with watched(browser, place.url, cookies=place.person) as tab:
        page = await _open(tab, booked)
        line = page.locator("#line-3")
        start_ms = int(await line.get_attribute("data-at") or 0)

        await line.click()

        await page.wait_for_function(f"{PLAYS} && {AT} > {start_ms}")
        assert await page.evaluate(AT) < start_ms + 3000
        assert await page.locator(".line.now").get_attribute("id") == "line-3"
        await page.keyboard.press("Space")
        assert not await page.evaluate(PLAYS)
        first = page.locator("#line-0")
        at_ms = int(await first.get_attribute("data-at") or 0)
        box = await page.locator("#call-wave").bounding_box()
        assert box is not None
        length_ms = int(await page.locator("#call").get_attribute("data-length") or 0)
        await page.mouse.click(box["x"] + box["width"] * (at_ms + 400) / length_ms, box["y"] + 20)
        await page.wait_for_selector("#line-0.now")
        assert abs(await page.evaluate(AT) - at_ms - 400) < 200
        await tab.check()
