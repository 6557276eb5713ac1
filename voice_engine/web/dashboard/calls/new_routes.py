"""A new call: the form with what the checks say while it is typed, its sending, and what can be changed after."""

from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.calls.asking import NewDate
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.previewing import Preview, Previews
from voice_engine.domains.calls.service import CallService
from voice_engine.domains.calls.states import WAITING
from voice_engine.errors import Conflict, NotFound, VoiceEngineError
from voice_engine.rest.v1.errors import status_of
from voice_engine.store.idempotency import KeyedRequest, hash_body
from voice_engine.store.uow import UnitOfWork
from voice_engine.web.dashboard.calls import assistant_routes as assistant
from voice_engine.web.dashboard.calls.list_routes import PATH
from voice_engine.web.dashboard.calls.new_form import (
    BY_CATEGORY,
    CATEGORIES,
    CallForm,
    empty_form,
    form_of,
    read_form,
)
from voice_engine.web.dashboard.view import View
from voice_engine.web.signin.words import WORDS as SIGN_IN_WORDS

ROUTE = "POST /app/calls/new"
LONGEST_NUMBER = 32


def service_of(view: View) -> CallService:
    """The calls of this process."""
    assert view.services.calls is not None, "this process places no calls"
    return view.services.calls.service


async def show_new(view: View) -> Response:
    """The form: empty, for a number (`?number=`), or as an earlier call's (`?again=`)."""
    if view.viewer.is_business:
        return await assistant.show_new(view)
    person, asked = view.viewer.person, view.request.query_params
    form = empty_form(name=person.name, language=view.language, number=asked.get("number", "")[:LONGEST_NUMBER])
    async with view.store.read(view.organization_id) as work:
        if "again" in asked:
            call = await service_of(view).get(work, asked["again"])
            form = form_of(call, name=person.name, language=view.language, today=_today(view))
        preview = await _look(view, work, form)
    return _page(view, form, preview)


async def check(view: View) -> Response:
    """What the checks say of the form as it is typed."""
    if view.viewer.is_business:
        return await assistant.check(view)
    form = read_form(await view.form())
    async with view.store.read(view.organization_id) as work:
        preview = await _look(view, work, form)
    return view.page("calls/_verdict.html", **_verdict(view, preview))


async def consent(view: View) -> Response:
    """The person agrees to calls on their behalf; the form stays as it is typed."""
    async with view.store.begin(view.organization_id) as work:
        await accounts.set_consent(work, view.viewer.user_id, given=True, now=view.services.now())
    return await check(view)


async def create(view: View) -> Response:
    """Send the form. Sent twice it makes one call."""
    if view.viewer.is_business:
        return await assistant.create(view)
    form = read_form(await view.form())
    new, faults = form.as_request(view.language)
    if new is None:
        return await _refused(view, form, faults, None)
    key = KeyedRequest(
        user_id=view.viewer.user_id,
        route=ROUTE,
        key=form["key"] or "none",
        body_hash=hash_body(dict(form.values)),
    )
    try:
        async with view.store.begin(view.organization_id) as work:
            created = await service_of(view).create(
                work, view.viewer.user_id, new, key=key if form["key"] else None
            )
    except VoiceEngineError as error:
        return await _refused(view, form, {}, error)
    return view.go(f"{PATH}/{created.call.id}")


async def cancel(view: View) -> Response:
    """Withdraw a call that was not dialled yet."""
    async with view.store.begin(view.organization_id) as work:
        await service_of(view).cancel(work, view.request.path_params["id"])
    return view.go(PATH)


async def show_move(view: View) -> Response:
    """The form for another time."""
    async with view.store.read(view.organization_id) as work:
        call = await _waiting(view, work)
    return _move_page(view, call, {}, None)


async def move(view: View) -> Response:
    """Have the call made at another time of its zone."""
    form = await view.form()
    values = {name: str(form.get(name, "")) for name in ("date", "time")}
    async with view.store.begin(view.organization_id) as work:
        call = await _waiting(view, work)
    try:
        async with view.store.begin(view.organization_id) as work:
            await service_of(view).reschedule(work, call.id, NewDate(date=values["date"], time=values["time"]))
    except VoiceEngineError as error:
        if isinstance(error, NotFound | Conflict):
            raise
        return _move_page(view, call, values, error)
    return view.go(PATH)


async def _waiting(view: View, work: UnitOfWork) -> Call:
    call = await service_of(view).get(work, view.request.path_params["id"])
    if call.status not in WAITING:
        raise Conflict("call_not_reschedulable", "only a call that was not dialled yet can be moved")
    return call


async def _look(view: View, work: UnitOfWork, form: CallForm) -> Preview:
    service = service_of(view)
    previews = Previews(service.settings, service.checks, service.meter)
    return await previews.look(work, view.viewer.user_id, form.as_preview(view.language), now=view.services.now())


async def _refused(view: View, form: CallForm, faults: dict[str, str], error: VoiceEngineError | None) -> Response:
    async with view.store.read(view.organization_id) as work:
        preview = await _look(view, work, form)
    return _page(view, form, preview, faults=faults, error=error, status=422 if error is None else status_of(error))


def _page(
    view: View,
    form: CallForm,
    preview: Preview,
    *,
    faults: dict[str, str] | None = None,
    error: VoiceEngineError | None = None,
    status: int = 200,
) -> Response:
    return view.page(
        "calls/new.html",
        status=status,
        form=form,
        faults=faults or {},
        error=error,
        categories=CATEGORIES,
        by_category=BY_CATEGORY,
        today=_today(view),
        **_verdict(view, preview),
    )


def _today(view: View) -> str:
    return view.formats.local(view.services.now()).date().isoformat()


def _verdict(view: View, preview: Preview) -> dict[str, Any]:
    return {"preview": preview, "consent_text": SIGN_IN_WORDS[view.language]["consent"]}


def _move_page(view: View, call: Call, values: dict[str, str], error: VoiceEngineError | None) -> Response:
    at = call.scheduled_for or view.services.now()
    local = at.astimezone(ZoneInfo(call.timezone))
    given = values or {"date": local.date().isoformat(), "time": f"{local:%H:%M}"}
    status = 200 if error is None else status_of(error)
    return view.page("calls/move.html", status=status, call=call, values=given, error=error)
