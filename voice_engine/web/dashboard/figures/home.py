"""Home: talk to it, what is left, the latest calls, how the last days went."""

from starlette.responses import Response

from voice_engine.domains.answering.readiness import lacks_assistant
from voice_engine.domains.calls.listing.selection import Selection
from voice_engine.domains.figures.service import read_figures, read_range, today_of
from voice_engine.domains.inbound.waiting import count_waiting
from voice_engine.web.dashboard.calls import list_words
from voice_engine.web.dashboard.calls.list_routes import listing_of
from voice_engine.web.dashboard.calls.list_rows import row_of
from voice_engine.web.dashboard.figures.allowance import read_allowance
from voice_engine.web.dashboard.figures.charts import percentiles
from voice_engine.web.dashboard.figures.words import WORDS
from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.view import View, route
from voice_engine.web.dashboard.words import Words

NAME = "home"
DAYS = 7
LATEST = 5
"""Calls that home shows; those that are up or wait come first."""
HOME_WORDS: Words = {
    "en": {**list_words.WORDS["en"], **WORDS["en"]},
    "es": {**list_words.WORDS["es"], **WORDS["es"]},
}


async def show_home(view: View) -> Response:
    """The first page."""
    async with view.store.read(view.organization_id) as work:
        today = await today_of(work, view.services.now())
        month = read_range(None, None, today=today)
        figures = await read_figures(work, month)
        listing = listing_of(view)
        above = await listing.open_calls(work, Selection())
        ended = await listing.page(work, Selection(), limit=LATEST)
        nobody = await lacks_assistant(work)
        waiting = await count_waiting(work)
    week = figures.by_day[-DAYS:]
    return view.page(
        "figures/home.html",
        allowance=await read_allowance(view),
        today=week[-1][1],
        week=week,
        most=max(1, *(tally.calls for _, tally in week)),
        figures=figures,
        latest=[row_of(view, each) for each in (*above.live, *above.waiting, *ended.calls)[:LATEST]],
        percentiles=percentiles(figures),
        lacks_assistant=nobody,
        waiting=waiting,
    )


async def show_ticker(view: View) -> Response:
    """What is left now; the page asks again every few seconds."""
    return view.page("figures/_ticker.html", allowance=await read_allowance(view))


AREA = Area(
    name=NAME,
    words=HOME_WORDS,
    routes=[route("/app", show_home, area=NAME), route("/app/ticker", show_ticker, area=NAME)],
    menu=[MenuItem(path="/app", word="nav_home", icon="home")],
)
