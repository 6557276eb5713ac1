"""The nine operations on calls."""

import datetime as dt
from typing import Annotated

from fastapi import Header, Query, Request, Response

from voice_engine.domains.calls.waiting import read_preference
from voice_engine.domains.minutes.plans import Feature
from voice_engine.rest.security import Caller, Principal
from voice_engine.rest.v1.calls.schemas import (
    CallIn,
    CallListOut,
    CallOut,
    RecordingOut,
    RescheduleIn,
    TranscriptOut,
    call_out,
    list_out,
    new_call,
    new_date,
    transcript_out,
)
from voice_engine.rest.v1.calls.surface import RECORDINGS, CallSurface
from voice_engine.rest.v1.router import operation, services_of, v1_router
from voice_engine.store.idempotency import KEPT, KeyedRequest, hash_body

ROUTE = "POST /v1/calls"
DERIVED_KEPT = dt.timedelta(minutes=10)
"""How long a request without a key counts as the same, from clients that repeat themselves."""
LINK_VALID = dt.timedelta(hours=1)
FURTHEST_OFFSET = 2**31 - 1
"""No list is so long; a larger offset would not fit into a database's integer."""

router = v1_router("Calls")

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=255)]
Prefer = Annotated[str | None, Header()]


@router.post("/v1/calls", status_code=201, openapi_extra=operation("calls:write"))
async def create_call(
    *,
    body: CallIn,
    caller: Caller,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    prefer: Prefer = None,
) -> CallOut:
    """Place a call and wait for its end, as long as `Prefer` says; then it is polled."""
    calls, store = _calls(request), services_of(request).store
    derives = idempotency_key is None and calls.repeats_itself(caller.client_id)
    key = _keyed(body, caller, idempotency_key, derives=derives)
    async with store.begin(caller.organization_id) as work:
        created = await calls.service.create(
            work, caller.user_id, new_call(body), key=key, kept=DERIVED_KEPT if derives else KEPT
        )
    if created.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    wait_s = _wait_s(calls, prefer, gpt=calls.repeats_itself(caller.client_id))
    call = await calls.waits.until_over(created.call, wait_s)
    return call_out(call, repeated=created.repeated)


@router.get("/v1/calls", openapi_extra=operation("calls:read"))
async def list_calls(
    caller: Caller,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> CallListOut:
    """Outbound calls, newest first."""
    calls = _calls(request)
    async with services_of(request).store.read(caller.organization_id) as work:
        page = await calls.service.list_page(work, limit=limit, offset=min(offset, FURTHEST_OFFSET))
        return list_out(page, limit=limit, offset=offset)


@router.get("/v1/calls/{call_id}", openapi_extra=operation("calls:read"))
async def get_call(call_id: str, caller: Caller, request: Request) -> CallOut:
    """One call in any state."""
    calls = _calls(request)
    async with services_of(request).store.read(caller.organization_id) as work:
        return call_out(await calls.service.get(work, call_id))


@router.get(
    "/v1/calls/{call_id}/transcript", openapi_extra=operation("transcripts:read", feature=Feature.TRANSCRIPTS)
)
async def get_call_transcript(call_id: str, caller: Caller, request: Request) -> TranscriptOut:
    """What was said, so far or for good."""
    calls = _calls(request)
    async with services_of(request).store.read(caller.organization_id) as work:
        return transcript_out(await calls.service.transcript(work, call_id))


@router.get("/v1/calls/{call_id}/recording", openapi_extra=operation("recordings:read", feature=Feature.RECORDINGS))
async def get_call_recording(call_id: str, caller: Caller, request: Request) -> RecordingOut:
    """A link to the recording, good for an hour."""
    calls, services = _calls(request), services_of(request)
    async with services.store.read(caller.organization_id) as work:
        call = await calls.service.recorded(work, call_id)
    assert call.recording_ms is not None, "a recording that is kept has a length"
    return RecordingOut(
        url=calls.public_url + calls.links.sign(RECORDINGS, call.id, valid_for=LINK_VALID),
        duration_seconds=call.recording_ms / 1000,
        format="wav",
        expires_at=services.now() + LINK_VALID,
    )


@router.get("/v1/calls/{call_id}/calendar.ics", openapi_extra=operation("calls:read"))
async def get_call_calendar(call_id: str, caller: Caller, request: Request) -> Response:
    """What was agreed in the call, as a calendar file."""
    calls = _calls(request)
    async with services_of(request).store.read(caller.organization_id) as work:
        ics = await calls.service.calendar(work, call_id)
    headers = {"Content-Disposition": f'attachment; filename="{call_id}.ics"'}
    return Response(ics, media_type="text/calendar; charset=utf-8", headers=headers)


@router.post("/v1/calls/{call_id}/cancel", openapi_extra=operation("calls:write"))
async def cancel_call(call_id: str, caller: Caller, request: Request) -> CallOut:
    """Withdraw a call that was not dialled yet."""
    calls = _calls(request)
    async with services_of(request).store.begin(caller.organization_id) as work:
        return call_out(await calls.service.cancel(work, call_id))


@router.post("/v1/calls/{call_id}/reschedule", openapi_extra=operation("calls:write"))
async def reschedule_call(call_id: str, body: RescheduleIn, caller: Caller, request: Request) -> CallOut:
    """Move a call that was not dialled yet."""
    calls = _calls(request)
    async with services_of(request).store.begin(caller.organization_id) as work:
        return call_out(await calls.service.reschedule(work, call_id, new_date(body)))


@router.post("/v1/calls/{call_id}/stop", openapi_extra=operation("calls:write"))
async def stop_call(call_id: str, caller: Caller, request: Request) -> CallOut:
    """Hang up a live call, and wait a moment for its end."""
    calls = _calls(request)
    async with services_of(request).store.begin(caller.organization_id) as work:
        call = await calls.service.stop(work, call_id, requested_by=caller.user_id)
    return call_out(await calls.waits.until_over(call, calls.service.settings.stop_wait_s))


def _calls(request: Request) -> CallSurface:
    calls = services_of(request).calls
    assert calls is not None, "this surface has no calls"
    return calls


def _keyed(body: CallIn, caller: Principal, given: str | None, *, derives: bool) -> KeyedRequest | None:
    """The name of the request: its client's, or one that follows from its body."""
    body_hash = hash_body(body.model_dump(mode="json"))
    key = f"derived:{body_hash}" if derives else given
    if key is None:
        return None
    return KeyedRequest(user_id=caller.user_id, route=ROUTE, key=key, body_hash=body_hash)


def _wait_s(calls: CallSurface, prefer: str | None, *, gpt: bool) -> float:
    """How long to wait for the end: what the client prefers, never longer than it would hold the line."""
    settings = calls.service.settings
    longest = settings.gpt_wait_s if gpt else settings.sync_wait_s
    wanted = read_preference(prefer).wait_s
    return longest if wanted is None else min(wanted, longest)
