"""A business's calendar as a call needs it: what is free, and one booking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A booked slot; `reference` is the calendar's own and may be read to the caller."""

    reference: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequest:
    """What to book; `start` is zone-aware. `key` makes a repeated request return the first booking."""

    key: str
    start: datetime
    service: str | None = None
    name: str | None = None
    phone: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class Calendar(Protocol):
    """Look-ups and bookings of one business."""

    async def free_slots(self, start: datetime, end: datetime, *, limit: int = 20) -> list[datetime]:
        """Starts of free slots in [start, end), in order. Raises UpstreamFailed."""
        ...

    async def book(self, request: BookingRequest) -> Booking:
        """Book once per key. Raises Conflict (`slot_taken`) or UpstreamFailed."""
        ...

    async def find_bookings(self, *, name: str | None, phone: str | None) -> list[Booking]:
        """Bookings made under that name or phone, soonest first."""
        ...

    async def cancel(self, reference: str) -> None:
        """Cancel; idempotent. Raises NotFound."""
        ...
