"""Hours and business: the week and its zone, where and what the business is, whom callers are put through to."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.prompts.business import zones
from voice_engine.domains.prompts.templates import WEEKDAYS, spoken_type
from voice_engine.errors import InvalidInput
from voice_engine.rest.api.business.schemas import AddressIn, HoursIn, InfoIn
from voice_engine.store.uow import UnitOfWork
from voice_engine.web.dashboard.reception.forms import Typed, parse, seal
from voice_engine.web.dashboard.reception.reach import gates_of, prompts_of, require, text_of, wording
from voice_engine.web.dashboard.view import View

PAGE = "/app/reception/business"
MIDNIGHT, END_OF_DAY = "00:00", "24:00"
INFO = {"type": "business_type", "description": "business_description", "site": "website_url"}
"""The form's names, and the organization's columns."""
WIRE = {"type": "businessType", "description": "businessDescription", "site": "websiteUrl"}


async def show_business(view: View) -> Response:
    """The page."""
    return await _page(view, Typed())


async def set_hours(view: View) -> Response:
    """Replace the week."""
    form = await view.form()
    values = {
        name: text_of(form, name) for day in WEEKDAYS for name in (f"{day}.closed", f"{day}.open", f"{day}.close")
    }
    values["timezone"] = text_of(form, "timezone")
    body, faults = parse(HoursIn, {"businessHours": read_week(values), "timezone": values["timezone"]})
    if body is not None and values["timezone"] not in zones():
        body, faults = None, {"timezone": "fault_zone"}
    if body is None:
        told = {_day_of(field): word for field, word in faults.items()}
        return await _page(view, Typed(form="hours", values=values, faults=told), status=422)
    async with view.store.begin(view.organization_id) as work:
        organization = await _locked(view, work)
        stale = text_of(form, "seen") != _seen_hours(organization)
        other = {} if not stale else _told_hours(view, organization)
        if not stale:
            await prompts_of(view).business.set_hours(work, body.kept(), body.timezone, author=view.viewer.user_id)
    if stale:
        return await _page(view, Typed(form="hours", values=values, other=other), status=409)
    return view.go(f"{PAGE}?done=hours")


async def set_info(view: View) -> Response:
    """What the business is."""
    form = await view.form()
    values = {name: text_of(form, name).strip() for name in INFO}
    body, faults = parse(InfoIn, {WIRE[name]: value or None for name, value in values.items()})
    if body is None:
        told = {name: faults[wire] for name, wire in WIRE.items() if wire in faults}
        return await _page(view, Typed(form="info", values=values, faults=told), status=422)
    async with view.store.begin(view.organization_id) as work:
        organization = await _locked(view, work)
        stale = text_of(form, "seen") != _seen_info(organization)
        other = {view.words[f"bz_{name}"]: getattr(organization, column) or "" for name, column in INFO.items()}
        if not stale:
            if values["type"] == spoken_type(organization.business_type):
                values["type"] = organization.business_type or ""
            changes = {INFO[name]: value or None for name, value in values.items()}
            await prompts_of(view).business.set_info(work, changes, author=view.viewer.user_id)
    if stale:
        return await _page(view, Typed(form="info", values=values, other=other), status=409)
    return view.go(f"{PAGE}?done=info#info")


async def set_address(view: View) -> Response:
    """Where it is."""
    typed = text_of(await view.form(), "address")
    body, faults = parse(AddressIn, {"businessAddress": typed})
    if body is None:
        told = {"address": faults.get("businessAddress", "fault_invalid")}
        return await _page(view, Typed(form="address", values={"address": typed}, faults=told), status=422)
    async with view.store.begin(view.organization_id) as work:
        await prompts_of(view).business.set_address(work, typed, author=view.viewer.user_id)
    return view.go(f"{PAGE}?done=address#address")


async def set_transfer(view: View) -> Response:
    """Whom callers can be put through to."""
    require(view, Feature.TRANSFER)
    typed = text_of(await view.form(), "number")
    try:
        async with view.store.begin(view.organization_id) as work:
            await prompts_of(view).business.set_transfer_number(work, typed, author=view.viewer.user_id)
    except InvalidInput as error:
        faults = {"number": wording(view, error)}
        return await _page(view, Typed(form="transfer", values={"number": typed}, faults=faults), status=422)
    return view.go(f"{PAGE}?done=transfer#transfer")


async def check_transfer(view: View) -> Response:
    """Whether calls may be put through to a number that is being typed: a fragment."""
    typed = text_of(await view.form(), "number").strip()
    if not typed:
        return view.page("reception/_verdict.html", verdict="", number="")
    try:
        async with view.store.read(view.organization_id) as work:
            number = await prompts_of(view).business.check_transfer_number(work, typed)
    except InvalidInput as error:
        return view.page("reception/_verdict.html", verdict=wording(view, error), number="")
    return view.page("reception/_verdict.html", verdict="", number=number)


def read_week(values: Mapping[str, str]) -> dict[str, Any]:
    """The form's week as the API takes it. Midnight is the end of a day where a day ends."""
    week: dict[str, Any] = {}
    for day in WEEKDAYS:
        if values[f"{day}.closed"]:
            week[day] = {"closed": True}
            continue
        close = values[f"{day}.close"][:5]
        week[day] = {"open": values[f"{day}.open"][:5], "close": END_OF_DAY if close == MIDNIGHT else close}
    return week


def shown_week(kept: Mapping[str, Any] | None) -> dict[str, str]:
    """The organization's week as the form shows it; one that nobody set yet is a proposal."""
    values: dict[str, str] = {}
    for day in WEEKDAYS:
        span = (kept or {}).get(day) or {"closed": True}
        if kept is None and day not in WEEKDAYS[5:]:
            span = {"open": "09:00", "close": "17:00"}
        values[f"{day}.closed"] = "on" if span.get("closed") else ""
        values[f"{day}.open"] = span.get("open") or "09:00"
        close = span.get("close") or "17:00"
        values[f"{day}.close"] = MIDNIGHT if close == END_OF_DAY else close
    return values


async def _page(view: View, typed: Typed, *, status: int = 200) -> Response:
    async with view.store.read(view.organization_id) as work:
        organization = await prompts_of(view).business.read(work)
    info = {name: getattr(organization, column) or "" for name, column in INFO.items()}
    hours = {**shown_week(organization.business_hours), "timezone": organization.timezone}
    return view.page(
        "reception/business.html",
        status=status,
        typed=typed,
        organization=organization,
        days=WEEKDAYS,
        hours=typed.values if typed.form == "hours" else hours,
        info={**info, "type": spoken_type(info["type"])},
        zones=_grouped_zones(),
        seen_hours=_seen_hours(organization),
        seen_info=_seen_info(organization),
        gates=gates_of(view, Feature.TRANSFER),
    )


async def _locked(view: View, work: UnitOfWork) -> Organization:
    """The organization as nobody else can change it now."""
    await prompts_of(view).service.hold(work)
    return await prompts_of(view).business.read(work)


def _grouped_zones() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for zone in sorted(zones()):
        continent, slash, _ = zone.partition("/")
        if slash and continent not in {"Etc", "SystemV", "US"}:
            groups.setdefault(continent, []).append(zone)
    return {**groups, "UTC": ["UTC"]}


def _day_of(field: str) -> str:
    """Which day's fields a fault is about."""
    return next((day for day in WEEKDAYS if f".{day}" in field or field == day), "timezone")


def _seen_hours(organization: Organization) -> str:
    return seal(organization.business_hours, organization.timezone)


def _seen_info(organization: Organization) -> str:
    return seal(*(getattr(organization, column) for column in INFO.values()))


def _told_hours(view: View, organization: Organization) -> dict[str, str]:
    """The week in words, as somebody else saved it."""
    words, told = view.words, []
    for day in WEEKDAYS:
        span = (organization.business_hours or {}).get(day) or {"closed": True}
        if span.get("closed"):
            text = words["bz_closed"]
        else:
            ends = dt.time(0) if span["close"] == END_OF_DAY else dt.time.fromisoformat(span["close"])
            text = f"{view.formats.clock(dt.time.fromisoformat(span['open']))} – {view.formats.clock(ends)}"
        told.append(f"{words[f'day_{day}']}: {text}")
    return {words["bz_hours"]: "; ".join(told), words["bz_zone"]: organization.timezone}
