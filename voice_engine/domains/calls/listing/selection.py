"""Which calls a list shows, and where its next page begins. Pure."""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from voice_engine.domains.calls.states import ENDS, LIVE, WAITING, CallState, Channel
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category, TaskOutcome
from voice_engine.store.rows import is_id

LONGEST_TEXT = 200
"""Characters of a search."""


class State(StrEnum):
    """How a call went, in a list's words; several states of a row are one of them."""

    TALKED = "talked"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


STATES: Mapping[State, tuple[CallState, ...]] = MappingProxyType(
    {
        State.TALKED: (CallState.SUCCESS, CallState.COMPLETED),
        State.NO_ANSWER: (CallState.NO_ANSWER, CallState.MISSED),
        State.BUSY: (CallState.BUSY,),
        State.VOICEMAIL: (CallState.VOICEMAIL,),
        State.FAILED: (CallState.FAILED,),
        State.CANCELLED: (CallState.CANCELLED,),
        State.REJECTED: (CallState.REJECTED,),
    }
)
"""Every end has a word: what is not over stands above the list."""

OPEN = (*LIVE, *WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The calls wanted; None or empty: any.

    Attributes:
        since: the first day, in the organization's zone.
        until: the last day, which counts whole.
        party: part of a number, or words of a name.
        text: words of a name, a number, a summary, or of what was said.
        recorded: only calls with a recording.
    """

    direction: Literal["inbound", "outbound"] | None = None
    state: State | None = None
    outcome: TaskOutcome | None = None
    category: Category | None = None
    channel: Channel | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    party: str = ""
    text: str = ""
    recorded: bool = False

    @property
    def is_search(self) -> bool:
        """Whether words decide, so that the index is asked."""
        return bool(self.text or self.party)

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()

    @property
    def states(self) -> tuple[CallState, ...]:
        """The states of the rows wanted, all of them ends."""
        return ENDS if self.state is None else STATES[self.state]

    def span(self, zone: ZoneInfo) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The first instant wanted and the first that is not, by the days of this zone."""
        after = None if self.until is None else self.until + dt.timedelta(days=1)
        return _midnight(self.since, zone), _midnight(after, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The last call of a page; the next page begins after it, whatever comes in meanwhile.

    A list that words chose is in the index's order (`number`), any other in that of the rows (`at`, `call_id`).
    """

    number: int | None = None
    at: dt.datetime | None = None
    call_id: str | None = None

    def __str__(self) -> str:
        """As it stands in a link."""
        plain = f"n{self.number}" if self.number is not None else f"t{_micros(self.at)}.{self.call_id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def page_invalid() -> InvalidInput:
    """The refusal of a link to a further page."""
    return InvalidInput("page_invalid", "this link to a page is broken; open the list again")


def parse_place(text: str) -> Place:
    """What `str(place)` wrote. Raises InvalidInput `page_invalid`."""
    refusal = page_invalid()
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        kind, (moment, _, call_id) = plain[:1], plain[1:].partition(".")
        number = int(moment)
        if kind == "n" and not call_id and 0 <= number < 2**63:
            return Place(number=number)
        if kind == "t" and is_id(call_id):
            return Place(at=_EPOCH + dt.timedelta(microseconds=number), call_id=call_id)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise refusal from error
    raise refusal


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _micros(at: dt.datetime | None) -> int:
    assert at is not None, "a place in the rows' order has its time"
    return (at - _EPOCH) // dt.timedelta(microseconds=1)


def _midnight(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC)
