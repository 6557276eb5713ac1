"""A business's new call: its assistant calls a number, as `/api` has it."""

from starlette.responses import Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.answering.calling import AssistantCalls
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.calls.previewing import USUAL_S
from voice_engine.domains.minutes.metering import Quote
from voice_engine.domains.minutes.plans import LEAST, Feature, has
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.api.calls.routes import OUTBOUND
from voice_engine.rest.api.router import require_plan
from voice_engine.rest.v1.errors import status_of
from voice_engine.store.idempotency import KeyedRequest, hash_body
from voice_engine.store.rows import new_id
from voice_engine.web.dashboard.calls.list_routes import PATH
from voice_engine.web.dashboard.view import View

ROUTE = "POST /app/calls/new"
LONGEST_NUMBER = 32
LONGEST_KEY = 64


async def show_new(view: View) -> Response:
    """The form, or which plan has it."""
    person, asked = view.viewer.person, view.request.query_params
    if person.tier is not None and not has(person.tier, Feature.OUTBOUND):
        return view.page("calls/new_plan.html", plan=LEAST[Feature.OUTBOUND])
    number = asked.get("number", "")
    if "again" in asked:
        assert view.services.calls is not None, "this process places no calls"
        async with view.store.read(view.organization_id) as work:
            call = await view.services.calls.service.get(work, asked["again"])
        number = call.to_number or ""
    return await _page(view, number[:LONGEST_NUMBER], new_id())


async def check(view: View) -> Response:
    """What the checks say of the number as it is typed."""
    _require(view)
    number = str((await view.form()).get("respondent_phone", ""))[:LONGEST_NUMBER]
    return await _shown(view, "calls/_assistant_verdict.html", number, 200)


async def create(view: View) -> Response:
    """Have the assistant call. Sent twice it makes one call."""
    _require(view)
    form = await view.form()
    number = str(form.get("respondent_phone", ""))[:LONGEST_NUMBER]
    named = str(form.get("key", ""))[:LONGEST_KEY]
    identity = view.services.identity
    assert identity is not None, "a process with sessions has identities"
    await identity.attempts.count(OUTBOUND, view.organization_id)
    key = KeyedRequest(user_id=view.viewer.user_id, route=ROUTE, key=named, body_hash=hash_body([number]))
    try:
        async with view.store.begin(view.organization_id) as work:
            started = await _outbound(view).start(work, view.viewer.user_id, number, key=key if named else None)
    except VoiceEngineError as error:
        return await _page(view, number, named, error=error)
    return view.go(f"{PATH}/{started.call.id}")


async def _page(view: View, number: str, key: str, *, error: VoiceEngineError | None = None) -> Response:
    status = 200 if error is None else status_of(error)
    return await _shown(view, "calls/new_assistant.html", number, status, key=key, error=error)


async def _shown(view: View, template: str, number: str, status: int, **values: object) -> Response:
    outbound, plan, refusal, lacking, caller = _outbound(view), None, None, None, None
    async with view.store.read(view.organization_id) as work:
        organization = await accounts.get_organization(work, view.organization_id)
        quote: Quote = await outbound.quote(work, USUAL_S)
        try:
            assistant, shown = await outbound.who_calls(work, organization)
            caller = (spoken_name(assistant), shown)
        except VoiceEngineError as missing:
            lacking = missing
        try:
            plan = await outbound.plan(work, number) if number.strip() else None
        except VoiceEngineError as fault:
            refusal = fault
    return view.page(
        template,
        status=status,
        number=number,
        plan=plan,
        refusal=refusal,
        lacking=lacking,
        caller=caller,
        quote=quote,
        **values,
    )


def _require(view: View) -> None:
    tier = view.viewer.person.tier
    assert tier is not None, "a business has a plan"
    require_plan(tier, LEAST[Feature.OUTBOUND])


def _outbound(view: View) -> AssistantCalls:
    api = view.services.api
    assert api is not None, "this process serves no business surface"
    assert api.calls is not None, "this process places no calls"
    return api.calls.outbound
