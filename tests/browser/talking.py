"""A person who talks with the page: a whole call held in Chromium, and all that was seen of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page, WebSocket

from tests.browser.chromium import Scheme, Watched, chromium, watched

RECEPTION, RESPONDENT = "#talk-call", "#talk-be-called"
Moment = Callable[[Page], Awaitable[None]]

WATCH_AUDIO = """
window.opened = {streams: [], contexts: []};
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  window.opened.streams.push({wanted, stream});
  return stream;
};
const Original = window.AudioContext;
window.AudioContext = class extends Original {
  constructor(options) { super(options); window.opened.contexts.push(this); }
};
"""
"""Keeps what the page opens, so that a test can look whether it was closed."""


@dataclass(slots=True)
class Held:
    """One call as a page had it. `sent` and `received` are the socket's messages, in order, both ways in `wire`."""

    wire: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    lines: list[dict[str, str]] = field(default_factory=list)
    result: str = ""
    outcome: str = ""
    call_id: str = ""
    answers: list[str] = field(default_factory=list)
    barge_ins: int = 0
    closed: dict[str, Any] = field(default_factory=dict)

    def of(self, event: str) -> list[dict[str, Any]]:
        """Messages of one kind, both ways."""
        return [message for _, message in self.wire if message["event"] == event]

    def facts(self, type: str) -> list[dict[str, Any]]:
        """What the engine told by events of one type."""
        return [message["facts"] for message in self.of("engine") if message["type"] == type]

    def said(self, who: str) -> str:
        """All captions of `you` or `engine`."""
        return " ".join(line["text"] for line in self.lines if who in line["who"].split())


def listen(page: Page, held: Held) -> None:
    """Keep what goes over the page's media sockets."""

    def on_socket(socket: WebSocket) -> None:
        socket.on("framesent", lambda text: held.wire.append(("sent", json.loads(text))))
        socket.on("framereceived", lambda text: held.wire.append(("received", json.loads(text))))

    page.on("websocket", on_socket)


async def read(page: Page, held: Held) -> None:
    """What stands on the page now."""
    held.lines = await page.eval_on_selector_all(
        "#talk-lines > li",
        """lines => lines.map(line => ({
            who: line.className,
            text: line.querySelector(".line-text")?.textContent ?? line.textContent,
            solid: line.querySelector(".solid")?.textContent ?? "",
            struck: line.querySelector("s")?.textContent ?? "",
        }))""",
    )
    held.answers = await page.locator("#talk-bars > li > span").all_inner_texts()
    held.barge_ins = int(await page.inner_text("#talk-barge-ins"))


async def over(page: Page, held: Held, *, seconds: float) -> None:
    """Wait until the page says what the call came to."""
    await page.wait_for_function(
        "() => document.querySelector('#talk-after:not([hidden]) #talk-length')?.textContent",
        timeout=seconds * 1000,
    )
    await read(page, held)
    held.result = await page.inner_text("#talk-after")
    held.outcome = await page.inner_text("#talk-outcome")
    held.call_id = (await page.get_attribute("#talk-open", "href") or "").rpartition("/")[2]
    held.closed = await page.evaluate(
        """({
            tracks: window.opened.streams.flatMap(({stream}) => stream.getTracks().map(track => track.readyState)),
            wanted: window.opened.streams.map(({wanted}) => wanted.audio),
            contexts: window.opened.contexts.map(context => context.state),
        })"""
    )


async def hold_call(
    base: str,
    cookies: Mapping[str, str],
    microphone: Path,
    *,
    press: str = RECEPTION,
    language: str = "en",
    seconds: float = 120.0,
    scheme: Scheme = "light",
    phone: bool = False,
    moments: tuple[tuple[str, Moment], ...] = (),
    after: Moment | None = None,
) -> Held:
    """Call, let the microphone speak, and wait for what it came to; every rule of a page is checked on the way.

    `moments` are (condition of the page, what to do once it holds), in order; `after` is done at the end.
    """
    held = Held()
    async with (
        chromium(microphone=microphone, loops=False) as browser,
        watched(browser, base, cookies=dict(cookies), scheme=scheme, phone=phone) as tab,
    ):
        await tab.page.context.add_init_script(WATCH_AUDIO)
        listen(tab.page, held)
        page = await tab.goto(f"/app/talk?lang={language}")
        await page.check(f'input[name="talk-language"][value="{language}"]')
        await page.click(press)
        async with asyncio.timeout(seconds):
            for condition, act in moments:
                await page.wait_for_function(f"() => {condition}", timeout=seconds * 1000)
                await act(page)
            await over(page, held, seconds=seconds)
        if after is not None:
            await after(page)
        await _check(tab)
    return held


async def _check(tab: Watched) -> None:
    await tab.check()
    assert await tab.overflow() == 0, "wider than the window"
