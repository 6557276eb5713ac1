"""What a page of the web app costs a browser that comes for the first time: bytes over the wire, time to use it.

    python -m benchmarks.web_pages [--repeats 5]

Chromium on this machine, an empty cache each time, an installation that is really served. A page can be used when
its document is parsed and its deferred scripts have run (`domContentLoadedEventEnd`), from the navigation's start.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser

from tests.browser.chromium import chromium, watched
from tests.browser.conftest import Place, furnish
from tests.browser.seeding import seed_calls
from tests.e2e.business import ADMIN_KEY
from tests.e2e.serving import SCRIPTED, serving

MOST_BYTES = 150_000
MOST_MS = 1_000.0
PAGES = ("/app", "/app/talk", "/app/calls", "/app/figures", "/app/reception")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One first visit."""

    transferred: int
    usable_ms: float


async def visit(browser: Browser, place: Place, path: str) -> Visit:
    """Open a page with an empty cache."""
    async with watched(browser, place.url, cookies=place.office) as tab:
        client = await tab.page.context.new_cdp_session(tab.page)
        await client.send("Network.enable")
        await client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: list[int] = []
        client.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        await tab.goto(path)
        await tab.page.wait_for_load_state("networkidle")
        usable = await tab.page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
        await tab.check(accessible=False)
        return Visit(transferred=sum(sizes), usable_ms=float(usable))


async def measure(place: Place, repeats: int) -> dict[str, dict[str, float]]:
    """Medians by page; the first visit of all, which fills the server's caches, counts as any other."""
    figures = {}
    async with chromium() as browser:
        for path in PAGES:
            visits = [await visit(browser, place, path) for _ in range(repeats)]
            figures[path] = {
                "kB": round(max(each.transferred for each in visits) / 1000, 1),
                "usable_ms": round(statistics.median(each.usable_ms for each in visits), 1),
            }
            print(f"{path:16} {figures[path]['kB']:7.1f} kB {figures[path]['usable_ms']:7.1f} ms", flush=True)
    return figures


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with (
        tempfile.TemporaryDirectory() as directory,
        serving(Path(directory), **SCRIPTED, VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY) as served,
    ):
        place = furnish(served)
        seed_calls(served, place.business.organization_id, product="EPOCH")
        figures = asyncio.run(measure(place, repeats))
    passed = all(page["kB"] * 1000 < MOST_BYTES and page["usable_ms"] < MOST_MS for page in figures.values())
    print(json.dumps({"passed": passed, "figures": figures, "notes": [f"median of {repeats} first visits"]}))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
