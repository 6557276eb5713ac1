"""Chromium for tests: pages that are watched for everything a person would not forgive."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Request, Response, async_playwright

EXECUTABLE = os.environ.get("BROWSER", "/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
AXE = ROOT / ".browser" / "axe-4.14.1.min.js"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}
Scheme = Literal["light", "dark"]

CSP_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => {
  window.violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile ?? ""}:${e.lineNumber}`);
});
"""


@dataclass(slots=True)
class Watched:
    """A page and what went wrong on it. `expected` are statuses of ours that the test provokes."""

    page: Page
    base: str
    expected: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    async def goto(self, path: str) -> Page:
        """Open a path of the installation; its scripts have run when this returns."""
        await self.page.goto(self.base + path, wait_until="load")
        return self.page

    async def check(self, *, accessible: bool = True) -> None:
        """Fail for console errors, policy violations, 4xx answers, third-party hosts, and serious axe findings."""
        self.faults += [f"policy: {each}" for each in await self.page.evaluate("window.violations ?? []")]
        assert not self.faults, "\n".join(self.faults)
        if accessible:
            assert (found := await self.axe()) == [], "\n".join(found)

    async def axe(self) -> list[str]:
        """Serious and critical accessibility violations. axe runs in its own world, past the page's policy."""
        client = await self.page.context.new_cdp_session(self.page)
        tree = await client.send("Page.getFrameTree")
        world = await client.send(
            "Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"], "worldName": "axe"}
        )
        where = {"contextId": world["executionContextId"]}
        await client.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8"), **where})
        run = "axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))"
        done = await client.send(
            "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True, **where}
        )
        assert "exceptionDetails" not in done, done
        return [
            f"{each['impact']} {each['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
            for each in json.loads(done["result"]["value"])
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]

    async def overflow(self) -> int:
        """How many pixels the page is wider than the window: 0, or something is cut on a phone."""
        width = await self.page.evaluate(
            "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        )
        return int(width)


@asynccontextmanager
async def chromium(
    *,
    microphone: Path | None = None,
    loops: bool = True,
    devices: bool = True,
    allows: bool = True,
    hosts: str | None = None,
) -> AsyncIterator[Browser]:
    """A headless Chromium. `microphone`: a WAV that is its microphone, from the moment a page opens it.

    Without it the microphone is a beep of Chromium's own. `loops` False: the WAV plays once, then silence.
    `devices` False: those of this machine, which has none. `allows` False: nobody answers when a page asks for the
    microphone. `hosts`: a name that leads to this machine.
    """
    arguments = [
        "--no-sandbox",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-timer-throttling",
    ]
    if allows:
        arguments.append("--use-fake-ui-for-media-stream")
    if devices:
        arguments.append("--use-fake-device-for-media-stream")
    if hosts is not None:
        arguments.append(f"--host-resolver-rules=MAP {hosts} 127.0.0.1")
    if microphone is not None:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}{'' if loops else '%noloop'}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watched(
    browser: Browser,
    base: str,
    *,
    cookies: dict[str, str] | None = None,
    scheme: Scheme = "light",
    phone: bool = False,
    locale: str = "en-US",
    **options: Any,
) -> AsyncIterator[Watched]:
    """A tab, signed in by `cookies`."""
    context: BrowserContext = await browser.new_context(
        viewport=PHONE if phone else DESK,  # type: ignore[arg-type]  # a TypedDict of the same two keys
        color_scheme=scheme,
        locale=locale,
        permissions=["microphone"],
        **options,
    )
    await context.add_init_script(CSP_WATCH)
    if cookies:
        await context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    page = await context.new_page()
    tab = Watched(page=page, base=base)
    _watch(tab)
    try:
        yield tab
    finally:
        await context.close()


def _watch(tab: Watched) -> None:
    ours = urlsplit(tab.base).netloc

    def on_response(response: Response) -> None:
        if response.status >= 400 and response.status not in tab.expected:
            tab.faults.append(f"{response.status} {response.request.method} {response.url}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != ours:
            tab.faults.append(f"a third party: {request.url}")

    def on_console(message: Any) -> None:
        known = any(f"status of {status}" in message.text for status in tab.expected)
        if message.type == "error" and not known:
            tab.faults.append(f"console: {message.text} ({message.location})")

    tab.page.on("response", on_response)
    tab.page.on("request", on_request)
    tab.page.on("console", on_console)
    tab.page.on("pageerror", lambda error: tab.faults.append(f"script: {error}"))
