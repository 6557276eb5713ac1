"""The page of figures, and its table as a file."""

import datetime as dt

from starlette.responses import Response

from voice_engine.domains.answering.readiness import lacks_assistant
from voice_engine.domains.figures.service import Figures, Range, read_figures, read_range, today_of
from voice_engine.web.dashboard.figures.allowance import read_allowance
from voice_engine.web.dashboard.figures.charts import as_csv, chart_data, percentiles
from voice_engine.web.dashboard.figures.words import WORDS
from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.view import View, protect, route

NAME = "figures"
PRESETS = (7, 30, 90, 365)
"""Days."""


async def show_figures(view: View) -> Response:
    """A range of days."""
    days, figures, today = await _read(view)
    async with view.store.read(view.organization_id) as work:
        nobody = await lacks_assistant(work)
    return view.page(
        "figures/page.html",
        days=days,
        figures=figures,
        data=chart_data(figures),
        percentiles=percentiles(figures),
        presets=[(count, today - dt.timedelta(days=count - 1)) for count in PRESETS],
        today=today,
        allowance=await read_allowance(view),
        lacks_assistant=nobody,
    )


async def download(view: View) -> Response:
    """The range as a table."""
    days, figures, _ = await _read(view)
    name = f"calls-{days.first}-{days.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return protect(Response(as_csv(figures), media_type="text/csv; charset=utf-8", headers=headers), "none")


async def _read(view: View) -> tuple[Range, Figures, dt.date]:
    query = view.request.query_params
    async with view.store.read(view.organization_id) as work:
        today = await today_of(work, view.services.now())
        days = read_range(query.get("from") or None, query.get("to") or None, today=today)
        return days, await read_figures(work, days), today


AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[
        route("/app/figures", show_figures, area=NAME),
        route("/app/figures.csv", download, area=NAME),
    ],
    menu=[MenuItem(path="/app/figures", word="nav_figures", icon="chart")],
)
