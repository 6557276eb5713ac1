"""A call's page in a browser: hearing a line, the keyboard, an hour that stays smooth, a call that is on."""

import asyncio
import datetime as dt
import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.call_seeds import add_call, hold_booking, keep_call, long_call, rows_of, utc_now
from tests.browser.chromium import watched
from tests.browser.conftest import Place
from tests.e2e.serving import until
from voice_engine.bus.opening import open_bus
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.calls.words import passing_topic
from voice_engine.ports.call import EngineEvent
from voice_engine.web.passing import TOLD_IN_PASSING, payloads

pytestmark = pytest.mark.timeout(240)

AT = "document.getElementById('call-audio').currentTime * 1000"
PLAYS = "!document.getElementById('call-audio').paused"
TASKS = ["toplevel", "disabled-by-default-devtools.timeline", "__metadata"]
PASSING = [
    EngineEvent(sequence=1, at_ms=16_500, type="speech.started", facts={"start_ms": 16_200}),
    EngineEvent(sequence=2, at_ms=17_000, type="transcript.interim", facts={"pii_text": "Yes, eight o'clock for"}),
]
LONG_MS = 50
"""What the Long Tasks API calls long."""
SCROLL = """
new Promise((resolve) => {
  const page = document.scrollingElement, frames = [], began = performance.now();
  let last = began;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    const done = (now - began) / 6000;
    page.scrollTop = done * (page.scrollHeight - page.clientHeight);
    if (done < 1) requestAnimationFrame(step);
    else resolve(frames.slice(1));
  };
  requestAnimationFrame(step);
})
"""


@pytest.fixture(scope="module")
def booked(place: Place, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A call in which a table was booked; its id."""
    recording = tmp_path_factory.mktemp("booked") / "recording.wav"
    rig = hold_booking(recording)
    return asyncio.run(keep_call(place.served, "ada@example.com", rig.report, rig.events, recording))


async def _until(page: Page, condition: str) -> None:
    """Wait for a condition in the page, whose policy forbids evaluating one there again and again."""
    await until(lambda: page.evaluate(condition))


def tasks_ms(trace: bytes) -> list[float]:
    """CPU time of each task of the pages' main threads: what a busy machine does not lengthen."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    runs = [event for event in events if event["name"] in {"RunTask", "ThreadControllerImpl::RunTask"}]
    own = [event["tdur"] / 1000 for event in runs if (event["pid"], event["tid"]) in mains and "tdur" in event]
    assert own, "the trace has no tasks"
    return own


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

        await _until(page, f"{PLAYS} && {AT} > {start_ms}")
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


async def test_all_of_it_by_keyboard(place: Place, browser: Browser, booked: str) -> None:
    """J and K walk the lines, Space plays, Enter on a line plays it, an agreed fact is a button."""
    async with watched(browser, place.url, cookies=place.person) as tab:
        page = await _open(tab, booked)

        await page.keyboard.press("j")
        await page.keyboard.press("j")
        assert await page.evaluate("document.activeElement.closest('.line').id") == "line-1"
        assert abs(await page.evaluate(AT) - int(await page.locator("#line-1").get_attribute("data-at") or 0)) < 50
        await page.keyboard.press("k")
        assert await page.locator(".line.now").get_attribute("id") == "line-0"
        await page.keyboard.press("Enter")
        await _until(page, PLAYS)
        await page.keyboard.press("Space")
        assert not await page.evaluate(PLAYS)

        said = page.locator("button[data-goto]").first
        await said.focus()
        await page.keyboard.press("Enter")
        goes_to = await said.get_attribute("data-goto")
        assert await page.locator(".line.now").get_attribute("data-line") == goes_to
        assert abs(await page.evaluate(AT) - int(await said.get_attribute("data-seek") or 0)) < 50
        await tab.check()


async def test_a_link_into_a_call_opens_at_its_moment(place: Place, browser: Browser, booked: str) -> None:
    """From a follow-up by time, from a search by line: the line is marked and in view, and playing begins there."""
    async with watched(browser, place.url, cookies=place.person, phone=True) as tab:
        page = await _open(tab, booked)
        lines = await page.locator(".line").count()
        start_ms = int(await page.locator(f"#line-{lines - 1}").get_attribute("data-at") or 0)

        for link in (f"?at={start_ms + 5}", f"#line-{lines - 1}"):
            await page.goto("about:blank")
            page = await _open(tab, booked + link)
            await expect(page.locator(f"#line-{lines - 1}.now")).to_be_in_viewport()
            assert abs(await page.evaluate(AT) - start_ms) < 50, link
        await tab.check()


async def test_the_end_is_fetched_until_the_server_answers(place: Place, browser: Browser, tmp_path: Path) -> None:
    """A proxy's 502 and a connection that broke: the page does not stay live, and is not an error page."""
    rig = await asyncio.to_thread(hold_booking, tmp_path / "recording.wav")
    failing = 2
    async with rows_of(place.served) as (store, domain):
        call = await add_call(store, domain, "ada@example.com")
        async with watched(browser, place.url, cookies=place.person) as tab:
            tab.expected = {502}
            page = await tab.goto(f"/app/calls/{call.id}")
            await _until(page, "document.getElementById('call-length').textContent !== '–'")

            async def fail(route: Route) -> None:
                nonlocal failing
                failing -= 1
                if failing < 0:
                    await route.continue_()
                elif failing:
                    await route.fulfill(status=502, body="<h1>Bad gateway</h1>")
                else:
                    await route.abort()

            await page.route(f"**/app/calls/{call.id}", fail)
            assert await domain.lifecycle.finish(call.id, rig.report, None, events=rig.events)

            await expect(page.locator("#call-lost")).to_be_visible()
            await page.wait_for_selector("#call[data-stage=ended]")


async def test_the_axis_tells_what_was_decided(place: Place, browser: Browser, booked: str) -> None:
    """The moment of the interruption, zoomed in, names itself under the pointer."""
    async with watched(browser, place.url, cookies=place.person) as tab:
        page = await _open(tab, booked)
        axis = await page.evaluate("(async () => (await fetch(location.pathname + '/axis')).json())()")
        at_ms = axis["timeline"]["barge_in"][0]
        canvas = page.locator("#call-axis")
        box = await canvas.bounding_box()
        assert box is not None

        await page.mouse.move(box["x"] + box["width"] * at_ms / axis["duration_ms"], box["y"] + 36)
        assert "the floor is theirs" in await page.locator("#call-tip").inner_text()
        await page.mouse.click(box["x"] + box["width"] * at_ms / axis["duration_ms"], box["y"] + 36)
        assert abs(await page.evaluate(AT) - at_ms) < 100
        await page.keyboard.press("+")
        await page.keyboard.press("+")
        await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 36)
        assert await page.locator("#call-tip").is_visible()
        await page.get_by_role("button", name="Whole call").click()
        assert await page.locator(".line.now .notes").count() == 1
        await tab.check()


async def test_an_hour_of_a_thousand_turns_stays_smooth(
    place: Place, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Scrolled and played, no task of the page holds its thread so long that a person would notice."""
    hour = long_call(tmp_path_factory.mktemp("hour") / "recording.wav")
    call_id = await keep_call(place.served, "ada@example.com", hour.report, hour.events, hour.recording)
    async with watched(browser, place.url, cookies=place.person) as tab:
        await browser.start_tracing(page=tab.page, categories=TASKS)
        page = await _open(tab, call_id)
        assert await page.locator(".line").count() == 1000
        opening = tasks_ms(await browser.stop_tracing())
        await browser.start_tracing(page=page, categories=TASKS)
        await page.keyboard.press("Space")
        await _until(page, PLAYS)
        await page.evaluate("document.getElementById('call-audio').playbackRate = 8")

        frames = await page.evaluate(SCROLL)

        await page.evaluate("document.getElementById('call-audio').pause()")
        during = tasks_ms(await browser.stop_tracing())
        await page.locator("button[data-goto]").first.click()
        await page.wait_for_selector("#line-600.now")
        figures = {
            "opening_longest_task_ms": round(max(opening)),
            "longest_task_ms": round(max(during)),
            "long_tasks": sum(ms > LONG_MS for ms in during),
            "busy_share": round(sum(during) / 6000, 2),
            "median_frame_ms": round(sorted(frames)[len(frames) // 2], 1),
        }
        print(json.dumps({"figures": figures}))
        assert figures["longest_task_ms"] < 2 * LONG_MS, figures
        assert figures["long_tasks"] <= 3, figures
        await tab.check(accessible=False)


async def test_a_call_that_is_on_fills_its_page_as_it_goes(
    place: Place, browser: Browser, tmp_path: Path, pictures: Path
) -> None:
    """Lines appear, the length ticks, and the end brings outcome and recording, all without a reload."""
    rig = await asyncio.to_thread(hold_booking, tmp_path / "recording.wav")
    async with rows_of(place.served) as (store, domain):
        call = await add_call(store, domain, "ada@example.com")
        async with watched(browser, place.url, cookies=place.person) as tab:
            page = await tab.goto(f"/app/calls/{call.id}")
            await page.evaluate("window.opened = true")
            await _until(page, "document.getElementById('call-length').textContent !== '–'")

            half = rig.events[: len(rig.events) // 2]
            await domain.lifecycle.note_events(call.id, half)
            await page.wait_for_selector("#line-1")
            assert "Hi there" in await page.locator("#line-1").inner_text()
            assert await page.locator("#live-controls").is_visible()
            async with open_bus(
                f"sqlite:///{place.served.data_dir / 'voice-engine.db'}", place.served.data_dir
            ) as bus:
                passed = [event for event in half if event.type in TOLD_IN_PASSING]
                for payload in payloads([*passed, *PASSING]):
                    bus.publish(passing_topic(call.id), payload)
                await page.wait_for_selector("#call-passing .human >> text=eight o'clock for")
            await tab.check()
            await page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
            await page.screenshot(path=pictures / "call-live-light.png", caret="initial", full_page=True)

            assert await domain.lifecycle.finish(call.id, rig.report, tmp_path / "recording.wav", events=rig.events)
            await page.wait_for_selector("#call[data-stage=ended]")
            await page.wait_for_selector("text=Goal reached")
            await page.wait_for_selector("#call[data-audio=yes][data-ready=yes]", timeout=60_000)
            await page.locator("#line-0").click()
            await _until(page, PLAYS)
            assert await page.evaluate("window.opened") is True
            assert await page.locator("#live-controls").count() == 0
            await tab.check()


LOOKS: dict[str, dict[str, object]] = {"light": {}, "dark": {"scheme": "dark"}, "phone": {"phone": True}}


async def test_its_pictures(place: Place, browser: Browser, booked: str, pictures: Path) -> None:
    """A finished call and one that waits, in every look."""
    async with rows_of(place.served) as (store, domain):
        later = utc_now() + dt.timedelta(hours=3)
        waits = await add_call(
            store, domain, "ada@example.com",
            status=CallState.SCHEDULED, scheduled_for=later, started_at=None, answered_at=None, owner=None,
        )  # fmt: skip
    for look, options in LOOKS.items():
        async with watched(browser, place.url, cookies=place.person, **options) as tab:  # type: ignore[arg-type]
            page = await _open(tab, booked)
            await page.locator("#line-3").click()
            await _until(page, PLAYS)
            await page.keyboard.press("Space")
            await page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
            assert await page.inner_text("#notice") == "", "it plays, and nothing is said against it"
            await tab.check()
            assert await tab.overflow() == 0
            await page.screenshot(path=pictures / f"call-{look}.png", full_page=True)
        async with watched(browser, place.url, cookies=place.person, **options) as tab:  # type: ignore[arg-type]
            page = await tab.goto(f"/app/calls/{waits.id}")
            await page.wait_for_selector("text=This call is scheduled")
            await tab.check()
            assert await tab.overflow() == 0
            await page.screenshot(path=pictures / f"call-scheduled-{look}.png", full_page=True)
