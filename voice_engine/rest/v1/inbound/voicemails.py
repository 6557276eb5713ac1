"""The operations on voicemails."""

from typing import Annotated

from fastapi import Query, Request

from voice_engine.domains.inbound.models import Voicemail
from voice_engine.domains.inbound.words import VOICEMAILS
from voice_engine.rest.security import Caller
from voice_engine.rest.v1.calls.schemas import RecordingOut
from voice_engine.rest.v1.inbound.reach import FURTHEST_OFFSET, LINK_VALID, Offset, surface_of
from voice_engine.rest.v1.router import operation, services_of, v1_router
from voice_engine.rest.wire import ResponseBody, Timestamp

router = v1_router("Inbound")


class VoicemailOut(ResponseBody):
    """A recorded message. `transcript` null: not transcribed."""

    id: str
    call_id: str
    caller_number: str | None
    caller_name: str | None
    duration_seconds: float
    transcript: str | None
    summary: str | None
    is_read: bool
    created_at: Timestamp


class VoicemailPageOut(ResponseBody):
    """A page of messages, newest first."""

    voicemails: list[VoicemailOut]
    total: int
    limit: int
    offset: int
    has_more: bool


@router.get("/v1/inbound/voicemails", openapi_extra=operation("calls:read"))
async def list_voicemails(
    *,
    caller: Caller,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
    unread: bool = False,
) -> VoicemailPageOut:
    """Messages, newest first."""
    async with services_of(request).store.read(caller.organization_id) as work:
        page = await surface_of(request).domain.voicemails.list_page(
            work, unread=unread, limit=limit, offset=min(offset, FURTHEST_OFFSET)
        )
        return VoicemailPageOut(
            voicemails=[voicemail_out(voicemail) for voicemail in page.voicemails],
            total=page.total,
            limit=limit,
            offset=offset,
            has_more=offset + len(page.voicemails) < page.total,
        )


@router.get("/v1/inbound/voicemails/{voicemail_id}", openapi_extra=operation("calls:read"))
async def get_voicemail(voicemail_id: str, caller: Caller, request: Request) -> VoicemailOut:
    """One message."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return voicemail_out(await surface_of(request).domain.voicemails.get(work, voicemail_id))


@router.get("/v1/inbound/voicemails/{voicemail_id}/playback", openapi_extra=operation("recordings:read"))
async def get_voicemail_playback(voicemail_id: str, caller: Caller, request: Request) -> RecordingOut:
    """A link to the audio, good for an hour; the message counts as read."""
    inbound, services = surface_of(request), services_of(request)
    async with services.store.begin(caller.organization_id) as work:
        voicemail = await inbound.domain.voicemails.play(work, voicemail_id)
    return RecordingOut(
        url=inbound.public_url + inbound.links.sign(VOICEMAILS, voicemail.id, valid_for=LINK_VALID),
        duration_seconds=voicemail.duration_ms / 1000,
        format="wav",
        expires_at=services.now() + LINK_VALID,
    )


def voicemail_out(voicemail: Voicemail) -> VoicemailOut:
    """The wire's view of a message."""
    return VoicemailOut(
        id=voicemail.id,
        call_id=voicemail.call_id,
        caller_number=voicemail.caller_number,
        caller_name=voicemail.caller_name,
        duration_seconds=voicemail.duration_ms / 1000,
        transcript=voicemail.transcript,
        summary=voicemail.summary,
        is_read=voicemail.is_read,
        created_at=voicemail.created_at,
    )
