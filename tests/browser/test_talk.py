"""The talk page without speech models: what is missing is said, the keyboard is enough, a lost line comes back."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, WebSocketRoute, expect

from tests.browser.chromium import Watched, chromium, watched
from tests.browser.conftest import Place, furnish
from tests.browser.spoken import write_caller
from tests.browser.talking import RECEPTION, RESPONDENT, WATCH_AUDIO, Held, listen
from tests.e2e.business import ADMIN_KEY, in_office
from tests.e2e.serving import SCRIPTED, serving
from voice_engine.audio.mulaw import SILENCE
from voice_engine.web.dashboard.talk.words import WORDS

pytestmark = [pytest.mark.timeout(240)]

CALLS = "**/app/talk/calls"
LINES = 3
CODES = {
    "quota_exceeded": (402, "/app/figures"),
    "minutes_exhausted": (402, "/app/figures"),
    "no_active_assistant": (404, "/app/reception/assistant"),
    "no_room": (503, None),
    "service_unavailable": (503, None),
    "rate_limited": (429, None),
    "safety_violation": (422, None),
    "scheduling_violation": (422, None),
    "unauthenticated": (401, None),
    "something_new": (500, None),
}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation with few lines; its speech is tones."""
    directory = tmp_path_factory.mktemp("served")
    settings: dict[str, Any] = {
        "VOICE_ENGINE_ADMIN_API_KEY": ADMIN_KEY,
        "VOICE_ENGINE_MEDIA__MAX_CALLS": str(LINES),
    }
    with serving(directory, **{**SCRIPTED, **settings}) as served:
        place = furnish(served)
        asyncio.run(_hire(place))
        yield place


async def _hire(place: Place) -> None:
    async with in_office(place.served, place.business) as api:
        answer = await api.post("/api/assistants", json={"vapiAssistantId": "bright-smile", "name": "Reception"})
        assert answer.status_code == 201, answer.text


@asynccontextmanager
async def opened(browser: Browser, place: Place, **options: Any) -> AsyncIterator[Watched]:
    """The talk page of the business's owner."""
    async with watched(browser, place.url, cookies=place.office, **options) as tab:
        await tab.page.context.add_init_script(WATCH_AUDIO)
        await tab.goto("/app/talk")
        yield tab


async def fault(page: Page) -> str:
    """What the page says is in the way; it stands ready for another try."""
    await expect(page.locator("#talk-fault")).to_be_visible(timeout=15_000)
    await expect(page.locator(RECEPTION)).to_be_visible()
    return await page.inner_text("#talk-fault")


def words(code: str) -> list[str]:
    """Both sentences of a fault."""
    return [WORDS["en"][f"js_fault_{code}"], WORDS["en"][f"js_fault_{code}_next"]]


async def live(page: Page) -> None:
    """Wait until the line is up."""
    await expect(page.locator("#talk-state")).to_have_text("Live", timeout=20_000)


def refusing(code: str, status: int) -> Callable[[Route], Awaitable[None]]:
    """A server that says no."""

    async def refuse(route: Route) -> None:
        body = {"error": {"code": code, "message": "as the server words it"}}
        await route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    return refuse


# What is missing.


async def test_a_blocked_microphone(narrow: Place) -> None:
    async with chromium(allows=False) as wary, opened(wary, narrow) as tab:
        await tab.page.context.clear_permissions()
        await tab.page.click(RECEPTION)

        said = await fault(tab.page)
        assert all(sentence in said for sentence in words("permission_denied"))
        await tab.check()
        assert set(await tab.page.evaluate("window.opened.contexts.map(each => each.state)")) == {"closed"}


async def test_no_microphone(narrow: Place) -> None:
    async with chromium(devices=False) as bare, opened(bare, narrow) as tab:
        await tab.page.click(RECEPTION)

        assert words("no_device")[0] in await fault(tab.page)
        await tab.check()


async def test_a_page_over_plain_http_from_another_machine(narrow: Place) -> None:
    port = urlsplit(narrow.url).port
    async with (
        chromium(hosts="voice.test") as remote,
        watched(remote, f"http://voice.test:{port}", cookies=narrow.office) as tab,
    ):
        page = await tab.goto("/app/talk")

        said = await fault(page)
        assert words("insecure")[0] in said
        assert f"http://localhost:{port}/app/talk" in said
        await page.click(RECEPTION)
        assert words("insecure")[0] in await fault(page)


async def test_every_refusal_of_the_server_has_its_words_and_way_on(narrow: Place, browser: Browser) -> None:
    async with opened(browser, narrow) as tab:
        page = tab.page
        tab.expected = {status for status, _ in CODES.values()}
        for code, (status, leads_to) in CODES.items():
            await page.route(CALLS, refusing(code, status))
            await page.click(RECEPTION)
            known = code if f"js_fault_{code}" in WORDS["en"] else "unknown"
            await expect(page.locator("#talk-fault strong")).to_have_text(words(known)[0])

            said, link = await fault(page), page.locator("#talk-fault a")
            assert words(known)[1] in said
            assert await link.count() == (leads_to is not None)
            if leads_to:
                assert await link.get_attribute("href") == leads_to
            await page.unroute(CALLS)
        await tab.check()


async def test_a_server_out_of_reach(narrow: Place, browser: Browser) -> None:
    async with opened(browser, narrow) as tab:
        await tab.page.route(CALLS, lambda route: route.abort())
        await tab.page.click(RESPONDENT)

        assert words("offline")[0] in await fault(tab.page)


async def test_a_line_that_the_server_refuses(narrow: Place, browser: Browser) -> None:
    """Its ticket is not one: the real server closes the socket."""
    async with opened(browser, narrow) as tab:

        async def spoil(route: Route) -> None:
            answer = await route.fetch()
            await route.fulfill(response=answer, json={**await answer.json(), "ticket": "forged"})

        await tab.page.route(CALLS, spoil)
        await tab.page.click(RECEPTION)

        assert words("refused")[0] in await fault(tab.page)
        assert await tab.page.evaluate("window.opened.contexts.every(each => each.state === 'closed')")


async def test_a_full_server(narrow: Place, browser: Browser) -> None:
    """Callers until none is let in: the last is told so, and the others go on."""
    async with watched(browser, narrow.url, cookies=narrow.person) as tab:
        tab.expected = {503}
        pages = []
        for _ in range(LINES + 1):
            page = await tab.page.context.new_page()
            pages.append(page)
            await page.goto(f"{narrow.url}/app/talk")
            await page.click(RECEPTION)
            await expect(page.locator("#talk-state:text('Live'), #talk-fault:visible")).to_be_visible(
                timeout=20_000
            )
            if await page.locator("#talk-fault").is_visible():
                break

        assert words("no_room")[0] in await fault(pages[-1])
        assert len(pages) > 1
        for page in pages[:-1]:
            await page.keyboard.press("Escape")
            await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)


# A call, by keyboard.


async def test_a_call_by_keyboard_alone(narrow: Place, browser: Browser) -> None:
    held = Held()
    async with opened(browser, narrow) as tab:
        page = tab.page
        listen(page, held)
        await page.focus(RECEPTION)
        await page.keyboard.press("Enter")
        await live(page)
        await page.wait_for_timeout(600)
        await page.keyboard.press("m")
        await expect(page.locator("#talk-mute")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#talk-mute")).to_contain_text("Unmute")
        await page.wait_for_timeout(800)
        latest = [message for way, message in held.wire[-15:] if way == "sent" and message["event"] == "media"]
        muted = [base64.b64decode(message["media"]["payload"]) for message in latest]
        await page.keyboard.press("m")
        await expect(page.locator("#talk-mute")).to_have_attribute("aria-pressed", "false")
        await page.keyboard.press("Escape")
        await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)
        await expect(page.locator("#talk-again")).to_be_focused()

        assert len(muted) > 5
        assert all(set(frame) == {SILENCE} for frame in muted)
        assert len(held.of("stop")) == 1
        assert await page.inner_text("#talk-reason") == "You hung up."
        states = await page.evaluate(
            "window.opened.streams.flatMap(s => s.stream.getTracks().map(t => t.readyState))"
        )
        assert set(states) == {"ended"}
        await tab.check()


@pytest.mark.parametrize("waits_for", ["the microphone", "the server"])
async def test_whoever_hangs_up_before_there_is_a_line_is_back_at_the_start(
    narrow: Place, browser: Browser, waits_for: str
) -> None:
    """Nobody has to answer the browser's question first; nothing stays open, and one may call again."""
    held = list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    async with opened(browser, narrow) as tab:
        page = tab.page
        if waits_for == "the microphone":
            await page.evaluate(
                "() => { const real = navigator.mediaDevices.getUserMedia;"
                " window.answer = () => { navigator.mediaDevices.getUserMedia = real; window.later(); };"
                " navigator.mediaDevices.getUserMedia = (wanted) =>"
                " new Promise((resolve) => (window.later = () => resolve(real(wanted)))); }"
            )
        else:
            await page.route(CALLS, hold)
        await page.click(RECEPTION)
        await expect(page.locator("#talk-state")).to_have_text(
            WORDS["en"]["js_opening" if waits_for == "the microphone" else "js_connecting"]
        )
        await page.keyboard.press("Escape")

        await expect(page.locator(RECEPTION)).to_be_focused()
        await expect(page.locator("#talk-fault")).to_be_hidden()
        if waits_for == "the microphone":
            await page.evaluate("window.answer()")
        for route in held:
            await route.abort()
        await page.unroute(CALLS)
        tracks = "window.opened.streams.flatMap(s => s.stream.getTracks().map(t => t.readyState))"
        async with asyncio.timeout(10):
            while await page.evaluate(tracks) != ["ended"]:
                await page.wait_for_timeout(50)
        assert await page.evaluate("window.opened.contexts.map(each => each.state)") == ["closed"]
        await page.click(RECEPTION)
        await live(page)
        await page.click("#talk-hang-up")
        await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)
        await tab.check()


async def test_a_microphone_that_is_switched_off_is_noticed(narrow: Place, tmp_path: Path) -> None:
    silence = write_caller(tmp_path / "silence.wav", "en", ())
    async with chromium(microphone=silence) as mute, opened(mute, narrow) as tab:
        await tab.page.click(RECEPTION)
        await live(tab.page)
        await expect(tab.page.locator("#talk-silent")).to_be_hidden()
        await expect(tab.page.locator("#talk-silent")).to_be_visible(timeout=20_000)
        await tab.page.keyboard.press("m")
        await expect(tab.page.locator("#talk-silent")).to_be_hidden()
        await tab.page.keyboard.press("Escape")
        await expect(tab.page.locator("#talk-length")).not_to_be_empty(timeout=15_000)


async def test_a_microphone_that_is_unplugged_ends_the_call_and_says_so(narrow: Place, browser: Browser) -> None:
    async with opened(browser, narrow) as tab:
        await tab.page.click(RECEPTION)
        await live(tab.page)
        await tab.page.evaluate(
            """() => window.opened.streams[0].stream.getTracks()[0].dispatchEvent(new Event("ended"))"""
        )
        await expect(tab.page.locator("#talk-fault strong")).to_have_text(words("unplugged")[0])
        await expect(tab.page.locator("#talk-length")).not_to_be_empty(timeout=15_000)


async def test_one_of_several_microphones_is_chosen_for_the_visit(narrow: Place, browser: Browser) -> None:
    """Chromium has three; one that is gone since leaves the browser's own."""
    exact = "window.opened.streams.map(({wanted}) => wanted.audio.deviceId?.exact ?? null)"
    async with opened(browser, narrow) as tab:
        page = tab.page
        await page.get_by_label("Microphone").select_option(label="Fake Audio Input 2")
        chosen = await page.get_by_label("Microphone").input_value()
        await page.reload()
        await expect(page.get_by_label("Microphone")).to_have_value(chosen)
        await page.click(RECEPTION)
        await live(page)
        assert await page.evaluate(exact) == [chosen]
        await page.keyboard.press("Escape")
        await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)

        await page.evaluate("sessionStorage.setItem('microphone', 'gone')")
        await page.click("#talk-again")
        await live(page)
        assert await page.evaluate(exact) == [chosen, None]
        await page.click("#talk-hang-up")
        await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)
        await tab.check()


async def test_calling_again(narrow: Place, browser: Browser) -> None:
    async with opened(browser, narrow) as tab:
        page = tab.page
        for press in (RECEPTION, "#talk-again"):
            await page.click(press)
            await live(page)
            await page.click("#talk-hang-up")
            await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)

        await tab.check()


async def test_a_lost_line_comes_back_and_the_call_goes_on(narrow: Place, browser: Browser) -> None:
    held, sockets = Held(), list[tuple[WebSocketRoute, WebSocketRoute]]()

    def through(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append((socket, server))
        socket.on_message(lambda text: passed("sent", text, server))
        server.on_message(lambda text: passed("received", text, socket))

    def passed(way: str, text: str | bytes, on: WebSocketRoute) -> None:
        held.wire.append((way, json.loads(text)))
        on.send(text)

    async with opened(browser, narrow) as tab:
        page = tab.page
        await page.route_web_socket("**/media/browser/*", through)
        await page.click(RECEPTION)
        await live(page)
        await page.wait_for_timeout(800)
        for side in sockets[0]:
            await side.close(code=3001, reason="the network changed")
        async with asyncio.timeout(20):
            while len(sockets) < 2:
                await page.wait_for_timeout(50)
        await live(page)
        await page.wait_for_timeout(800)
        await page.keyboard.press("Escape")
        await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)

    starts = [message["start"] for message in held.of("start")]
    assert len(starts) == 2
    assert starts[0]["callSid"] == starts[1]["callSid"]
    assert starts[0]["streamSid"] != starts[1]["streamSid"]
    sent = [message for way, message in held.wire if way == "sent" and message["event"] == "media"]
    again = [message["media"] for message in sent if message["streamSid"] == starts[1]["streamSid"]]
    assert again[0]["timestamp"] == "0"
    assert len(held.facts("call.answered")) == 1


# The errand.


async def test_errands_are_examples_that_can_be_edited(narrow: Place, browser: Browser) -> None:
    async with opened(browser, narrow) as tab:
        page = tab.page
        await page.click(".talk-edit summary")
        await page.check('input[value="clinic"]')
        await expect(page.locator("#talk-what")).to_have_value("Make an appointment for a check-up")
        await expect(page.locator("#talk-people")).to_be_hidden()
        await page.check('input[name="talk-language"][value="es"]')
        await expect(page.locator("#talk-what")).to_have_value("Pedir cita para una revisión")
        await page.fill("#talk-what", "Pedir cita para una vacuna")
        await expect(page.locator("#talk-summary")).to_have_text("Pedir cita para una vacuna")
        await tab.check()
        await page.route(CALLS, lambda route: route.abort())
        async with page.expect_request(CALLS) as asked:
            await page.click(RESPONDENT)

        body: Any = (await asked.value).post_data_json
        assert (body["mode"], body["language"]) == ("respondent", "es")
        assert body["task"]["task_description"] == "Pedir cita para una vacuna"
        assert (body["task"]["call_language"], body["task"]["language"]) == ("es", "en")
        assert "party_size" not in body["task"]


async def test_a_phone_in_a_call_shows_everything_within_its_width(narrow: Place, browser: Browser) -> None:
    async with opened(browser, narrow, phone=True, reduced_motion="reduce") as tab:
        page = tab.page
        await page.click(RECEPTION)
        await live(page)

        assert await tab.overflow() == 0
        await expect(page.locator("#talk-hang-up")).to_be_in_viewport()
        await tab.check()
        await page.click("#talk-hang-up")
        await expect(page.locator("#talk-length")).not_to_be_empty(timeout=15_000)
