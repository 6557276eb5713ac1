"""The six operations on a business's calls."""

from typing import Annotated, Literal

from fastapi import Header, Query, Request, Response

from voice_engine.domains.answering import history
from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.calls.business import business_call
from voice_engine.domains.identity.ratelimit import Rule
from voice_engine.domains.minutes.plans import LEAST, Feature
from voice_engine.errors import Conflict, NotFound
from voice_engine.rest.api.call_items import call_item
from voice_engine.rest.api.calls.schemas import (
    BrowserTokenOut,
    CallDetailResponse,
    CallPageOut,
    OutboundIn,
    OutboundOut,
    OutboundStatusOut,
    StartedCallOut,
    WireDirection,
    detail_out,
    page_out,
    status_out,
)
from voice_engine.rest.api.calls.surface import BusinessCallSurface
from voice_engine.rest.api.pace import count_organization
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.files import blob_headers, blob_response, gone
from voice_engine.rest.v1.router import services_of
from voice_engine.store.idempotency import KeyedRequest, hash_body

router = api_router("Calls")

ROUTE = "POST /api/calls/outbound"
OUTBOUND = Rule(name="business calls", most=10, seconds=60)
TOKEN_VALID_S = 3600
DIRECTIONS: dict[str, Literal["inbound", "outbound"]] = {"INBOUND": "inbound", "OUTBOUND": "outbound"}

EngineId = Annotated[str, Query(alias="vapiCallId", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=128)]


@router.get("/api/calls", openapi_extra=operation())
async def list_calls(
    session: Session,
    request: Request,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    direction: WireDirection | None = None,
) -> CallPageOut:
    """Calls, newest first."""
    services = services_of(request)
    wanted = None if direction is None else DIRECTIONS[direction]
    async with services.store.read(session.principal.organization_id) as work:
        found = await history.list_page(work, direction=wanted, page=page, limit=limit)
        items = [call_item(business_call(call, now=services.now())) for call in found.calls]
    return page_out(found, items, page=page, limit=limit)


@router.get("/api/calls/outbound/status", openapi_extra=operation())
async def get_outbound_status(engine_id: EngineId, session: Session, request: Request) -> OutboundStatusOut:
    """Where a call stands."""
    services = services_of(request)
    async with services.store.read(session.principal.organization_id) as work:
        call = await history.find_by_engine_id(work, engine_id)
        return status_out(business_call(call, now=services.now()))


@router.post("/api/calls/outbound", openapi_extra=operation(plan=LEAST[Feature.OUTBOUND]))
async def start_outbound_call(
    body: OutboundIn, session: Session, request: Request, idempotency_key: IdempotencyKey = None
) -> OutboundOut:
    """Have the primary assistant call somebody."""
    services, principal = services_of(request), session.principal
    await count_organization(request, session, OUTBOUND)
    key = None
    if idempotency_key is not None:  # the first answer is given again, whatever the body says now
        key = KeyedRequest(user_id=principal.user_id, route=ROUTE, key=idempotency_key, body_hash=hash_body(ROUTE))
    async with services.store.begin(principal.organization_id) as work:
        started = await calls_of(request).outbound.start(work, principal.user_id, body.customer_number, key=key)
        shown = business_call(started.call, now=services.now())
    assert shown.customer_number is not None, "an outbound call has a number"
    call = StartedCallOut(id=shown.engine_id, status=shown.poll_status, customer_number=shown.customer_number)
    return OutboundOut(success=True, call=call)


@router.get("/api/calls/browser-token", openapi_extra=operation(plan=LEAST[Feature.BROWSER_CALLING]))
async def get_browser_token(session: Session, request: Request, response: Response) -> BrowserTokenOut:
    """A token with which this user's browser may call."""
    principal = session.principal
    async with services_of(request).store.read(principal.organization_id) as work:
        number = await assistants.phone_number(work)
    if number is None:
        raise Conflict("no_phone_number", "get a number to call from first: POST /api/phone-numbers")
    calls, identity = calls_of(request), f"org_{principal.organization_id}:user_{principal.user_id}"
    response.headers["Cache-Control"] = "no-store"
    return BrowserTokenOut(
        token=calls.mint(identity),
        identity=identity,
        phone_number=number,
        expires_in=TOKEN_VALID_S,
        media_url=calls.media_url,
    )


@router.get("/api/calls/{call_id}", openapi_extra=operation())
async def get_call(call_id: str, session: Session, request: Request) -> CallDetailResponse:
    """One call, with what the plan shows of it."""
    services = services_of(request)
    async with services.store.read(session.principal.organization_id) as work:
        detail = await history.read(work, call_id, plan=session.plan)
        shown = business_call(detail.call, now=services.now())
    return detail_out(detail, shown, plan=session.plan, public_url=surface_of(request).public_url)


@router.get("/api/calls/{call_id}/recording", openapi_extra=operation(plan=LEAST[Feature.RECORDINGS]))
async def get_recording(call_id: str, session: Session, request: Request) -> Response:
    """The recording, whole or a range of its bytes."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        key = await history.recording_of(work, call_id)
    blobs = calls_of(request).blobs
    info = await blobs.find(key)
    if info is None:
        raise gone("recording_not_found")
    headers = blob_headers(info, content_type="audio/wav", filename=f"{call_id}.wav")
    try:
        return await blob_response(
            request, blobs, key, info, headers={**headers, "Cache-Control": "private, no-cache"}
        )
    except NotFound as error:  # deleted since we looked
        raise gone("recording_not_found") from error


def calls_of(request: Request) -> BusinessCallSurface:
    """The calls of this process."""
    calls = surface_of(request).calls
    assert calls is not None, "this process has no business calls"
    return calls
