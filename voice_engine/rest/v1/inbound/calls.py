"""The operations that read inbound calls and their follow-ups."""

from typing import Annotated

from fastapi import Path, Query, Request

from voice_engine.domains.inbound.service import Filters
from voice_engine.domains.minutes.plans import Feature
from voice_engine.rest.security import Caller
from voice_engine.rest.v1.calls.schemas import RecordingOut, TranscriptOut, transcript_out
from voice_engine.rest.v1.calls.surface import RECORDINGS
from voice_engine.rest.v1.inbound.reach import FURTHEST_OFFSET, LINK_VALID, Offset, surface_of
from voice_engine.rest.v1.inbound.schemas import (
    ActionItemIn,
    ActionItemOut,
    CallDetailsOut,
    CallPageOut,
    Status,
    action_item_out,
    details_out,
    page_out,
)
from voice_engine.rest.v1.router import operation, services_of, v1_router

router = v1_router("Inbound")


@router.get("/v1/inbound/calls", openapi_extra=operation("calls:read"))
async def list_inbound_calls(
    *,
    caller: Caller,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
    status: Status | None = None,
    vip_only: bool = False,
    date_from: str | None = None,
    date_to: str | None = None,
) -> CallPageOut:
    """Inbound calls, newest first."""
    filters = Filters(status=status, vip_only=vip_only, date_from=date_from, date_to=date_to)
    async with services_of(request).store.read(caller.organization_id) as work:
        page = await surface_of(request).domain.service.list_page(
            work, filters, limit=limit, offset=min(offset, FURTHEST_OFFSET)
        )
        return page_out(page, limit=limit, offset=offset)


@router.get("/v1/inbound/calls/{call_id}", openapi_extra=operation("calls:read"))
async def get_inbound_call(call_id: str, caller: Caller, request: Request) -> CallDetailsOut:
    """One inbound call with its caller and follow-ups."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return details_out(await surface_of(request).domain.service.details(work, call_id))


@router.get(
    "/v1/inbound/calls/{call_id}/transcript",
    openapi_extra=operation("transcripts:read", feature=Feature.TRANSCRIPTS),
)
async def get_inbound_transcript(call_id: str, caller: Caller, request: Request) -> TranscriptOut:
    """What was said, so far or for good."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return transcript_out(await surface_of(request).domain.service.transcript(work, call_id))


@router.get(
    "/v1/inbound/calls/{call_id}/recording",
    openapi_extra=operation("recordings:read", feature=Feature.RECORDINGS),
)
async def get_inbound_recording(call_id: str, caller: Caller, request: Request) -> RecordingOut:
    """A link to the recording, good for an hour."""
    inbound, services = surface_of(request), services_of(request)
    async with services.store.read(caller.organization_id) as work:
        call = await inbound.domain.service.recorded(work, call_id)
    assert call.recording_ms is not None, "a recording that is kept has a length"
    return RecordingOut(
        url=inbound.public_url + inbound.links.sign(RECORDINGS, call.id, valid_for=LINK_VALID),
        duration_seconds=call.recording_ms / 1000,
        format="wav",
        expires_at=services.now() + LINK_VALID,
    )


@router.patch("/v1/inbound/calls/{call_id}/action-items/{index}", openapi_extra=operation("calls:write"))
async def update_action_item(
    call_id: str, index: Annotated[int, Path(ge=0)], body: ActionItemIn, caller: Caller, request: Request
) -> ActionItemOut:
    """Set a follow-up's state."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        return action_item_out(
            await surface_of(request).domain.service.update_action_item(work, call_id, index, body.status)
        )
