"""A business's calendar as a call needs it: what is free, and one booking; and where bookings outlive the call."""

import hashlib
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBooking:
    """A booking, and by what it is found again."""

    booking: Booking
    name: str | None
    phone: str | None


class BookingBook(Protocol):
    """One business's bookings, of all its calls: one at a time, whoever asks at once.

    Every method answers in bounded time and raises UpstreamFailed when it cannot; a booking is then not kept.
    """

    async def list_between(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The spans that are booked and touch [start, end)."""
        ...

    async def list_upcoming(self) -> list[NamedBooking]:
        """What is still to come, soonest first."""
        ...

    async def add(self, request: BookingRequest, *, end: datetime) -> Booking:
        """Book [request.start, end) once per key. Raises Conflict (`slot_taken`)."""
        ...

    async def cancel(self, reference: str) -> None:
        """Cancel; idempotent. Raises NotFound (`booking_not_found`)."""
        ...


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


def reference_of(key: str) -> str:
    """Six digits, easy to read out; the same key always gives the same reference."""
    return f"{int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], 'big') % 1_000_000:06d}"
