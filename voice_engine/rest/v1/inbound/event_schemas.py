"""What the log of inbound events looks like on the wire of `/v1`."""

from collections.abc import Sequence
from typing import Any

from voice_engine.domains.calls.models import CallEvent
from voice_engine.domains.inbound.events import EventPage, told_as
from voice_engine.domains.minutes.plans import Feature
from voice_engine.rest.security import Principal
from voice_engine.rest.wire import ResponseBody, Timestamp

TRANSCRIPT = "call.transcript"
"""The type of an event that has words of the call."""


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


def visible(events: Sequence[CallEvent], principal: Principal) -> Sequence[CallEvent]:
    """The events that the caller's plan shows: one without transcripts is told of no words."""
    if principal.may(Feature.TRANSCRIPTS):
        return events
    return [event for event in events if told_as(event) != TRANSCRIPT]


def event_out(event: CallEvent) -> EventOut:
    """The wire's view of an event."""
    return EventOut(
        id=str(event.sequence),
        type=told_as(event),
        call_id=event.call_id,
        created_at=event.at,
        data=event.payload,
    )


def event_page_out(page: EventPage, principal: Principal) -> EventPageOut:
    """The wire's view of a page of events."""
    return EventPageOut(
        events=[event_out(event) for event in visible(page.events, principal)],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )
