"""The list of calls: filters and a search in its address, live and waiting ones on top, pages, a CSV file."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import fields
from enum import StrEnum
from typing import Any, Literal, TypeVar, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response, StreamingResponse

from voice_engine.domains.calls.listing.selection import (
    LONGEST_TEXT,
    Place,
    Selection,
    State,
    parse_place,
)
from voice_engine.domains.calls.listing.service import CallListing, ListedCall
from voice_engine.domains.calls.states import Channel
from voice_engine.domains.minutes.plans import Feature, has
from voice_engine.ports.call import Category, TaskOutcome
from voice_engine.web.dashboard.calls.list_rows import cost_of, outcome_word, row_of, rows_of
from voice_engine.web.dashboard.calls.spreadsheet import BYTE_ORDER_MARK, csv_line
from voice_engine.web.dashboard.view import View

PATH = "/app/calls"
EXPORTED_AT_ONCE = 500
"""Rows of one read; others may read and write between two of them."""
ASKED_CATEGORIES = (Category.RESTAURANT, Category.CLINIC, Category.HOTEL, Category.GENERAL)
FEW = ("direction", "state", "category")
"""Filters that are always seen; the others are a click away."""

COLUMNS = ("when", "direction", "name", "number", "outcome", "category", "channel", "seconds", "cost", "summary")

E = TypeVar("E", bound=StrEnum)


async def show_list(view: View) -> Response:
    """The page; for htmx its results, or the rows after a place."""
    selection, listing = read_selection(view), listing_of(view)
    after = view.request.query_params.get("after")
    if after is not None:
        return await _further(view, listing, selection, parse_place(after))
    async with view.store.read(view.organization_id) as work:
        page = await listing.page(work, selection)
        count = await listing.count(work, selection)
        above = await listing.open_calls(work, selection)
        has_any = bool(page.calls) or selection.is_everything or await listing.has_any(work)
    whole = not view.is_fragment or view.request.headers.get("hx-history-restore-request") == "true"
    response = view.page(
        "calls/list.html" if whole else "calls/_results.html",
        **filters_of(view, selection),
        rows=rows_of(view, page),
        following=_link(selection, page.next) if page.next else "",
        count=count,
        live=[row_of(view, listed) for listed in above.live],
        waiting=[row_of(view, listed) for listed in above.waiting],
        newest=page.calls[0].call.id if page.calls else "",
        is_new=not has_any or (selection.is_everything and not page.calls),
        stale=False,
    )
    if not whole:
        response.headers["HX-Push-Url"] = _link(selection)
    return response


async def show_open(view: View) -> Response:
    """What is up and what waits, as it is now, and whether the list below has become old."""
    selection, listing = read_selection(view), listing_of(view)
    async with view.store.read(view.organization_id) as work:
        above = await listing.open_calls(work, selection)
        first = await listing.page(work, selection, limit=1)
    newest = first.calls[0].call.id if first.calls else ""
    known = view.request.query_params.get("newest", "")
    return view.page(
        "calls/_open.html",
        **filters_of(view, selection),
        live=[row_of(view, listed) for listed in above.live],
        waiting=[row_of(view, listed) for listed in above.waiting],
        newest=known,
        stale=newest not in {known, ""},
    )


async def export(view: View) -> Response:
    """The filtered list as a spreadsheet."""
    headers = {
        "Content-Disposition": f'attachment; filename="calls-{view.services.now():%Y-%m-%d}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    lines = _csv(view, listing_of(view), read_selection(view))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def listing_of(view: View) -> CallListing:
    """Lists as this viewer's zone and plan have them."""
    return CallListing(ZoneInfo(view.viewer.person.timezone), transcripts=_shows_transcripts(view))


def read_selection(view: View) -> Selection:
    """The filters of the address. What is no filter's value is as if it were not there."""
    asked = view.request.query_params
    direction = asked.get("direction", "")
    return Selection(
        direction=cast(Literal["inbound", "outbound"], direction) if direction in {"inbound", "outbound"} else None,
        state=_one_of(State, asked.get("state")),
        outcome=_one_of(TaskOutcome, asked.get("outcome")),
        category=_one_of(Category, asked.get("category")),
        channel=_one_of(Channel, asked.get("channel")),
        since=_day(asked.get("since")),
        until=_day(asked.get("until")),
        party=_text(asked.get("party")),
        text=_text(asked.get("text")),
        recorded=asked.get("recorded") == "yes" and _shows_recordings(view),
    )


def filters_of(view: View, selection: Selection) -> dict[str, Any]:
    """What the filters' form shows."""
    chosen = _query(selection)
    return {
        "chosen": chosen,
        "query": urlencode(chosen),
        "more_chosen": sum(name not in {*FEW, "text"} for name in chosen),
        "states": list(State),
        "outcomes": list(TaskOutcome),
        "categories": ASKED_CATEGORIES,
        "channels": list(Channel),
        "shows_recordings": _shows_recordings(view),
        "searches_transcripts": _shows_transcripts(view),
    }


async def _further(view: View, listing: CallListing, selection: Selection, after: Place) -> Response:
    async with view.store.read(view.organization_id) as work:
        page = await listing.page(work, selection, after=after)
    rows, following = rows_of(view, page), _link(selection, page.next) if page.next else ""
    if view.is_fragment:
        return view.page("calls/_rows.html", rows=rows, following=following, focus=True)
    return view.go(_link(selection))


async def _csv(view: View, listing: CallListing, selection: Selection) -> AsyncIterator[str]:
    yield BYTE_ORDER_MARK + csv_line([view.words[f"column_{column}"] for column in COLUMNS])
    after: Place | None = None
    while True:
        async with view.store.read(view.organization_id) as work:
            page = await listing.page(work, selection, after=after, limit=EXPORTED_AT_ONCE)
        yield "".join(csv_line(_cells(view, listed)) for listed in page.calls)
        after = page.next
        if after is None:
            return


def _cells(view: View, listed: ListedCall) -> list[str]:
    call, words = listed.call, view.words
    return [
        view.formats.local(call.started_at or call.created_at).isoformat(timespec="seconds"),
        words[f"direction_{call.direction}"],
        listed.name or "",
        call.number_of_other or "",
        words[f"chip_{outcome_word(call)}"],
        words[f"category_{call.category}"] if call.category else "",
        words[f"channel_{call.channel.lower()}"],
        "" if call.duration_ms is None else str(round(call.duration_ms / 1000)),
        cost_of(view, call),
        call.summary or " ".join(str(line) for line in call.highlights or ()),
    ]


def _shows_transcripts(view: View) -> bool:
    tier = view.viewer.person.tier
    return tier is None or has(tier, Feature.TRANSCRIPTS)


def _shows_recordings(view: View) -> bool:
    tier = view.viewer.person.tier
    return tier is None or has(tier, Feature.RECORDINGS)


def _link(selection: Selection, after: Place | None = None) -> str:
    """The list's address, from a place on."""
    query = _query(selection)
    if after is not None:
        query["after"] = str(after)
    return f"{PATH}?{urlencode(query)}" if query else PATH


def _query(selection: Selection) -> dict[str, str]:
    values = {field.name: getattr(selection, field.name) for field in fields(selection)}
    return {name: _plain(value) for name, value in values.items() if value}


def _plain(value: object) -> str:
    match value:
        case True:
            return "yes"
        case dt.date():
            return value.isoformat()
        case _:
            return str(value)


def _one_of(words: type[E], value: str | None) -> E | None:
    return words(value) if value in {str(word) for word in words} else None


def _day(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value or "")
    except ValueError:
        return None


def _text(value: str | None) -> str:
    return " ".join((value or "").replace("\0", " ").split())[:LONGEST_TEXT]
