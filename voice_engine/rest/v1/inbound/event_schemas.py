"""What the log of inbound events looks like on the wire of `/v1`."""

from typing import Any

from voice_engine.domains.calls.models import CallEvent
from voice_engine.domains.inbound.events import EventPage, told_as
from voice_engine.rest.wire import ResponseBody, Timestamp


class EventOut(ResponseBody):
    """One event. `id` grows over the organization and can be given as `Last-Event-ID`."""

    id: str
    type: str
    call_id: str
    created_at: Timestamp
    data: dict[str, Any]


class EventPageOut(ResponseBody):
    """Events beyond a cursor, oldest first."""

    events: list[EventOut]
    next_cursor: str | None
    has_more: bool


class StreamInfoOut(ResponseBody):
    """How to follow events live."""

    transport: str
    url: str
    accept: str
    event_types: list[str]
    heartbeat_seconds: int
    retry_ms: int
    resume_header: str
    replay_window_hours: int
    last_event_id: str | None
    active_calls: int
    connected_clients: int


def event_out(event: CallEvent) -> EventOut:
    """The wire's view of an event."""
    return EventOut(
        id=str(event.sequence),
        type=told_as(event),
        call_id=event.call_id,
        created_at=event.at,
        data=event.payload,
    )


def event_page_out(page: EventPage) -> EventPageOut:
    """The wire's view of a page of events."""
    return EventPageOut(
        events=[event_out(event) for event in page.events], next_cursor=page.next_cursor, has_more=page.has_more
    )
