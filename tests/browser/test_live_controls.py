"""A live call's controls without an engine: the orders' answers and the call's line are the test's own."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page, Route, WebSocketRoute, expect

from tests.browser.call_seeds import add_call, rows_of
from tests.browser.chromium import Watched, chromium, watched
from tests.browser.conftest import Place
from tests.browser.talking import WATCH_AUDIO
from tests.e2e.serving import until
from voice_engine.audio.mulaw import SILENCE

pytestmark = pytest.mark.timeout(180)

PASS = {"callSid": "CA1", "streamSid": "MZ1", "accountSid": "AC1", "ticket": "t", "expiresInSeconds": 60}
TRACKS = "window.opened.streams.flatMap(each => each.stream.getTracks().map(track => track.readyState))"
REFUSE_RESUME = "() => { window.opened.contexts[0].resume = () => Promise.reject(new Error('not yet')); }"
CONTEXTS = "window.opened.contexts.map(each => each.state)"


@dataclass  # no slots: Playwright keeps its wrappers on an object whose methods it calls
class Server:
    """The process that holds the call. `asked` are the deeds, in order; `holds` keeps one of them unanswered."""

    base: str
    asked: list[str] = field(default_factory=list)
    holds: str = ""
    held: list[Route] = field(default_factory=list)
    lines: list[WebSocketRoute] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    """What the microphone sent on the latest line."""

    async def order(self, route: Route) -> None:
        """Answer one deed."""
        deed = route.request.url.rpartition("/")[2]
        self.asked.append(deed)
        if deed == self.holds:
            self.held.append(route)
            return
        body: dict[str, Any] = {}
        if deed == "takeover":
            body = {**PASS, "socketUrl": f"{self.base.replace('http', 'ws')}/media/browser/w1"}
        elif deed == "hand-back":
            await self.lines[-1].close(code=1000)
        await route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    def join(self, socket: WebSocketRoute) -> None:
        """A browser's line."""
        self.frames.clear()
        self.lines.append(socket)
        socket.on_message(self._hear)

    def _hear(self, text: str | bytes) -> None:
        message = json.loads(text)
        if message["event"] == "media":
            self.frames.append(base64.b64decode(message["media"]["payload"]))

    async def hears(self, *, silence: bool) -> None:
        """Wait until the last frames are silence, or are not."""
        self.frames.clear()

        async def so() -> bool:
            last = self.frames[-20:]
            return len(last) == 20 and all(set(frame) == {SILENCE} for frame in last) is silence

        await until(so, seconds=10, every_s=0.05)


@asynccontextmanager
async def steering(place: Place, browser: Browser, **options: Any) -> AsyncIterator[tuple[Watched, Server]]:
    """The page of a call of Ada's that is up."""
    async with rows_of(place.served) as (store, domain):
        call = await add_call(store, domain, "ada@example.com")
    server = Server(base=place.url)
    async with watched(browser, place.url, cookies=place.person, **options) as tab:
        await tab.page.context.add_init_script(WATCH_AUDIO)
        for deed in ("takeover", "hand-back", "stop", "transfer"):
            await tab.page.route(f"**/app/calls/{call.id}/{deed}", server.order)
        await tab.page.route_web_socket("**/media/browser/*", server.join)
        await tab.goto(f"/app/calls/{call.id}")
        try:
            yield tab, server
        finally:
            for route in server.held:
                with suppress(Error):  # its page has given it up
                    await route.abort()


async def take_over(page: Page) -> None:
    await page.click("#live-take")
    await expect(page.locator("#live-line")).to_be_visible(timeout=15_000)


async def test_the_mute_button_says_what_the_line_does(place: Place, browser: Browser) -> None:
    """Muted, handed back, taken over again: that line is open, and the button says so."""
    async with steering(place, browser) as (tab, server):
        page, button = tab.page, tab.page.locator("#live-mute")
        await take_over(page)
        await server.hears(silence=False)
        await page.click("#live-mute")
        await expect(button).to_have_attribute("aria-pressed", "true")
        await expect(button).to_have_text("Unmute")
        await server.hears(silence=True)
        await page.click("#live-hand-back")
        await expect(page.locator("#live-notice")).to_have_text("The AI leads again.")

        await take_over(page)

        await server.hears(silence=False)
        await expect(button).to_have_attribute("aria-pressed", "false")
        await expect(button).to_have_text("Mute")
        await page.click("#live-mute")
        await server.hears(silence=True)
        await expect(button).to_have_attribute("aria-pressed", "true")
        await tab.check()


async def test_the_call_can_be_ended_while_the_browser_asks_for_the_microphone(place: Place) -> None:
    """Nobody answers the browser's question."""
    async with chromium(allows=False) as wary, steering(place, wary) as (tab, server):
        page = tab.page
        await page.context.clear_permissions()
        await page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => new Promise(() => {}); }")
        await page.click("#live-take")
        await expect(page.locator("#live-take")).to_have_text("Cancel")

        await page.click("#live-stop")
        await page.click("#confirm [value=yes]")

        await expect(page.locator("#live-notice")).to_have_text("Ending the call…")
        await until(lambda: _is(server.asked == ["stop"]))
        await until(lambda: page.evaluate(f"{CONTEXTS}.every(state => state === 'closed')"))


@pytest.mark.parametrize("by", ["click", "Escape"])
async def test_a_takeover_that_waits_can_be_taken_back(place: Place, browser: Browser, by: str) -> None:
    """While the server has not answered; microphone and speaker are let go."""
    async with steering(place, browser) as (tab, server):
        page, server.holds = tab.page, "takeover"
        await page.click("#live-take")
        await until(lambda: _is(server.asked == ["takeover"]))

        if by == "click":
            await page.click("#live-take")
        else:
            await page.keyboard.press("Escape")

        await expect(page.locator("#live-notice")).to_have_text("You did not take over.")
        await expect(page.locator("#live-take")).to_have_text("Take over")
        assert set(await page.evaluate(TRACKS)) == {"ended"}
        server.holds = ""
        await take_over(page)


async def test_while_a_transfer_rings_the_call_can_be_ended_and_nothing_rings_twice(
    place: Place, browser: Browser
) -> None:
    async with steering(place, browser) as (tab, server):
        page, server.holds = tab.page, "transfer"
        await page.click("#live-transfer-open")
        await page.fill("#live-number", "+14155550111")
        await page.keyboard.press("Enter")
        await expect(page.locator("#live-transfer-go")).to_be_disabled()

        await page.click("#live-stop")
        await page.click("#confirm [value=yes]")

        await until(lambda: _is(server.asked == ["transfer", "stop"]))


async def test_off_the_line_is_not_said_to_be_the_end_of_the_call(place: Place, browser: Browser) -> None:
    """The server ends the line: somebody else handed back, or passed the call on."""
    async with steering(place, browser) as (tab, server):
        await take_over(tab.page)
        await server.hears(silence=False)
        await server.lines[-1].close(code=1000)

        await expect(tab.page.locator("#live-notice")).to_have_text("You are off the line.")
        await expect(tab.page.locator("#live-controls")).to_be_visible()


async def test_a_microphone_that_goes_while_the_server_is_asked_is_noticed(place: Place, browser: Browser) -> None:
    """Between the microphone and the line."""
    async with steering(place, browser) as (tab, server):
        asked = asyncio.Event()

        async def slowly(route: Route) -> None:
            asked.set()
            await tab.page.evaluate(
                "window.opened.streams[0].stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))"
            )
            await server.order(route)

        await tab.page.route("**/takeover", slowly)
        await tab.page.click("#live-take")
        await asked.wait()

        await expect(tab.page.locator("#live-notice")).to_contain_text("The microphone is gone.")
        await expect(tab.page.locator("#live-line")).to_be_hidden()


async def test_sound_that_the_device_takes_away_is_said_and_taken_up_again(place: Place, browser: Browser) -> None:
    """As a phone does when another call comes in."""
    async with steering(place, browser) as (tab, server):
        page = tab.page
        await take_over(page)
        await server.hears(silence=False)
        await page.evaluate(REFUSE_RESUME)
        await page.evaluate("() => window.opened.contexts[0].suspend()")
        await expect(page.locator("#live-notice")).to_contain_text("Touch the page")
        await page.evaluate("delete window.opened.contexts[0].resume")

        await page.click("#live-title")

        await expect(page.locator("#live-notice")).to_have_text("You are on the line: they hear you.")
        await server.hears(silence=False)


async def _is(value: bool) -> bool:  # what `until` waits for
    return value
