"""The operations on inbound events: pages of the log, the live stream, and how to find it."""

from typing import Annotated

from fastapi import Header, Query, Request, Response

from voice_engine.domains.inbound.events import check_call_id, parse_cursor
from voice_engine.domains.inbound.words import EVENT_TYPES
from voice_engine.rest.security import Caller, Principal, bearer_of
from voice_engine.rest.v1.inbound.event_schemas import EventPageOut, StreamInfoOut, event_page_out
from voice_engine.rest.v1.inbound.reach import surface_of
from voice_engine.rest.v1.inbound.streams import EVENT_STREAM, EventStream, Follower
from voice_engine.rest.v1.router import operation, services_of, v1_router

PATH = "/v1/inbound/events"

router = v1_router("Inbound")


@router.get(PATH, openapi_extra=operation("calls:read"), response_model=EventPageOut)
async def get_inbound_events(
    *,
    caller: Caller,
    request: Request,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    call_id: str | None = None,
    accept: Annotated[str | None, Header()] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventPageOut | Response:
    """A page of the log; with `Accept: text/event-stream` the live stream."""
    log = surface_of(request).domain.log
    if wants_stream(accept):
        return await _stream(request, caller, last_event_id or after, call_id, is_header=bool(last_event_id))
    async with services_of(request).store.read(caller.organization_id) as work:
        page = await log.page(work, after=after, limit=limit, call_id=None if call_id is None else call_id.lower())
        return event_page_out(page, caller)


@router.get("/v1/inbound/stream/info", openapi_extra=operation("calls:read"))
async def get_inbound_stream_info(caller: Caller, request: Request) -> StreamInfoOut:
    """Where the live stream is and where the log ends."""
    inbound = surface_of(request)
    async with services_of(request).store.read(caller.organization_id) as work:
        state = await inbound.domain.log.state(work)
    settings = inbound.domain.settings
    return StreamInfoOut(
        transport="sse",
        url=f"{inbound.public_url}{PATH}",
        accept=EVENT_STREAM,
        event_types=list(EVENT_TYPES),
        heartbeat_seconds=round(settings.heartbeat_s),
        retry_ms=settings.retry_ms,
        resume_header="Last-Event-ID",
        replay_window_hours=round(settings.replay_window.total_seconds() / 3600),
        last_event_id=state.last_event_id,
        active_calls=state.active_calls,
        connected_clients=inbound.streams.connected(caller.organization_id),
    )


def wants_stream(accept: str | None) -> bool:
    """Whether a client names the stream's type among those that it takes."""
    return any(part.partition(";")[0].strip().lower() == EVENT_STREAM for part in (accept or "").split(","))


async def _stream(
    request: Request, caller: Principal, cursor: str | None, call_id: str | None, *, is_header: bool
) -> EventStream:
    """The live stream: from the client's place, or from now on."""
    inbound, services, token = surface_of(request), services_of(request), bearer_of(request)
    check_call_id(call_id)
    inbound.streams.check_room(caller)
    if cursor is None:
        async with services.store.read(caller.organization_id) as work:
            start = await inbound.domain.log.end(work)
    else:
        start = parse_cursor(cursor, field="Last-Event-ID" if is_header else "after")
    follower = Follower(
        principal=caller,
        after=start,
        call_id=None if call_id is None else call_id.lower(),
        still_good=lambda: services.authenticator.authenticate(token),
    )
    return EventStream(inbound.streams.follow(follower), follower)
