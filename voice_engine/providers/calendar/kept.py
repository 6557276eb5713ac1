"""A business's calendar whose bookings are kept where all its calls see them.

The hours and the busy time are those that the call began with; what is booked is asked for each time.
"""

from datetime import datetime
from itertools import islice

from voice_engine.ports.calendar import Booking, BookingBook, BookingRequest
from voice_engine.providers.calendar.local import LocalCalendar, find_among


class KeptCalendar:
    """Satisfies `ports.calendar.Calendar`: the slots are `hours`', the bookings `book`'s."""

    def __init__(self, hours: LocalCalendar, book: BookingBook) -> None:
        self._hours = hours
        self._book = book

    async def free_slots(self, start: datetime, end: datetime, *, limit: int = 20) -> list[datetime]:
        """Starts of free slots in [start, end), in order, at most `limit`. Raises UpstreamFailed."""
        slots = list(self._hours.slots(start, end))
        if not slots:
            return []
        taken = await self._book.list_between(slots[0][0], slots[-1][1])
        free = (first for first, last in slots if not any(begun < last and first < over for begun, over in taken))
        return list(islice(free, limit))

    async def book(self, request: BookingRequest) -> Booking:
        """Book once per key.

        Raises:
            Conflict: `slot_taken`, when the start is no slot of this calendar or another call has it.
            UpstreamFailed: the booking could not be written, and is not.
        """
        start, end = self._hours.slot(request.start)
        booking = await self._book.add(request, end=end)
        return Booking(reference=booking.reference, start=start, end=end)

    async def find_bookings(self, *, name: str | None, phone: str | None) -> list[Booking]:
        """Bookings to come under that name or phone, soonest first; none without either. Raises UpstreamFailed."""
        if not name and not phone:
            return []
        return find_among(await self._book.list_upcoming(), name=name, phone=phone)

    async def cancel(self, reference: str) -> None:
        """Cancel; idempotent. Raises NotFound `booking_not_found`, UpstreamFailed."""
        await self._book.cancel(reference)
