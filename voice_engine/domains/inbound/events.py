"""The log of inbound events as clients read it: pages, and the places where followers go on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.domains.calls.models import CallEvent
from voice_engine.domains.calls.repository import journal
from voice_engine.domains.inbound import words
from voice_engine.domains.inbound.repository import events, stats
from voice_engine.domains.inbound.repository.events import Scanned
from voice_engine.domains.inbound.selection import invalid
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
"""18 digits fit into a database's integer."""

SCANNED = 500
"""Numbers of the log that a follower looks at in one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events, oldest first. `next_cursor` is where to go on; None: from the beginning, which is empty."""

    events: Sequence[CallEvent]
    next_cursor: str | None
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """Where the log ends, and how many calls are up."""

    last_event_id: str | None
    active_calls: int


class EventLog:
    """Reads the log inside the organization's unit of work."""

    async def page(self, work: UnitOfWork, *, after: str | None, limit: int, call_id: str | None) -> EventPage:
        """A page beyond the cursor. Raises InvalidInput `validation_error`."""
        check_call_id(call_id)
        start = 0 if after is None else parse_cursor(after, field="after")
        found = await events.list_events(work, after=start, limit=limit + 1, call_id=call_id)
        told = found[:limit]
        cursor = str(told[-1].sequence) if told else after
        return EventPage(events=told, next_cursor=cursor, has_more=len(found) > limit)

    async def scan(self, work: UnitOfWork, *, after: int, call_id: str | None) -> Scanned:
        """What follows a number of the log."""
        return await events.scan(work, after=after, limit=SCANNED, call_id=call_id)

    async def end(self, work: UnitOfWork) -> int:
        """The number where the log ends now; who follows from here hears what is new."""
        return await journal.last_sequence(work)

    async def state(self, work: UnitOfWork) -> LogState:
        """What a client may want to know before it follows."""
        last = await events.last_number(work)
        return LogState(
            last_event_id=None if last is None else str(last), active_calls=await stats.count_active(work)
        )


def parse_cursor(text: str, *, field: str) -> int:
    """The number in a cursor. Raises InvalidInput `validation_error`."""
    if not _NUMBER.fullmatch(text):
        raise invalid(field, "must be the id of an event, such as 1042")
    return int(text)


def check_call_id(call_id: str | None) -> None:
    """Raise InvalidInput `validation_error` for what is no id."""
    if call_id is not None and not is_id(call_id.lower()):
        raise invalid("call_id", "must be the id of a call")


def told_as(event: CallEvent) -> str:
    """An event's type in the contract's words."""
    if event.type == words.ENDED:
        return words.ENDED_AS.get(str(event.payload.get("status")), "call.missed")
    return words.TOLD_AS[event.type]
