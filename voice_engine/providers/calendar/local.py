"""A business's calendar in memory: free slots inside the opening hours, minus what is busy or booked.

It serves one call's `Assistant` (from a call file) and any small business that has no other calendar.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from voice_engine.errors import Conflict, NotFound
from voice_engine.ports.calendar import Booking, BookingRequest, NamedBooking, reference_of
from voice_engine.ports.call import Assistant, BusySpan, KnownBooking, OpeningHours

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class LocalCalendar:
    """Satisfies `ports.calendar.Calendar`. Slots start on a grid of `slot_minutes` from each day's opening."""

    def __init__(
        self,
        *,
        hours: Mapping[str, OpeningHours],
        zone: tzinfo,
        slot_minutes: int = 30,
        busy: Iterable[BusySpan] = (),
        bookings: Iterable[KnownBooking] = (),
    ) -> None:
        """Open a calendar.

        Args:
            hours: by English weekday name in lower case; a day left out is closed.
            zone: the business's time zone, in which the hours are meant.
            slot_minutes: length of a slot, > 0.
            busy: spans that are taken already.
            bookings: bookings made before; they take their slots too.
        """
        self._hours = hours
        self._zone = zone
        self._slot = timedelta(minutes=slot_minutes)
        self._busy = tuple(busy)
        self._entries: dict[str, NamedBooking] = {}
        self._by_key: dict[str, str] = {}
        for known in bookings:
            self._enter(known)

    @classmethod
    def of(
        cls, assistant: Assistant, *, zone: tzinfo | None = None, busy: Iterable[tuple[datetime, datetime]] = ()
    ) -> "LocalCalendar":
        """The calendar of one receptionist's business.

        Args:
            assistant: the business, its hours and what it knows to be taken.
            zone: where the hours are meant; None: the business's own time zone.
            busy: further spans that are taken, aware (start, end).
        """
        return cls(
            hours=assistant.hours,
            zone=zone or ZoneInfo(assistant.business.timezone),
            slot_minutes=assistant.slot_minutes,
            busy=(*assistant.busy, *(BusySpan(start=start, end=end) for start, end in busy)),
            bookings=assistant.bookings,
        )

    async def free_slots(self, start: datetime, end: datetime, *, limit: int = 20) -> list[datetime]:
        """Starts of free slots in [start, end), in order, at most `limit`."""
        return [first for first, _ in islice(self.slots(start, end), limit)]

    def slots(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Free slots that begin in [start, end), in order, as (start, end)."""
        day = start.astimezone(self._zone).date() - timedelta(days=1)  # Yesterday's hours may cross midnight.
        while day <= end.astimezone(self._zone).date():
            yield from (
                (slot, self._after(slot)) for slot in self._grid(day) if start <= slot < end and self._is_free(slot)
            )
            day += timedelta(days=1)

    def slot(self, start: datetime) -> tuple[datetime, datetime]:
        """The free slot that begins then, in the business's zone. Raises Conflict `slot_taken`: there is none."""
        start = start.astimezone(self._zone)
        if start not in self._grid(start.date()) + self._grid(start.date() - timedelta(days=1)):
            raise Conflict("slot_taken", f"{start.isoformat()} is not a slot of this calendar")
        if not self._is_free(start):
            raise Conflict("slot_taken", f"{start.isoformat()} is taken")
        return start, self._after(start)

    async def book(self, request: BookingRequest) -> Booking:
        """Book once per key.

        Raises:
            Conflict: `slot_taken`, when the start is not a free slot of this calendar.
        """
        known = self._by_key.get(request.key)
        if known is not None and known in self._entries:
            return self._entries[known].booking
        start, end = self.slot(request.start)
        booking = Booking(reference=reference_of(request.key), start=start, end=end)
        self._entries[booking.reference] = NamedBooking(booking=booking, name=request.name, phone=request.phone)
        self._by_key[request.key] = booking.reference
        return booking

    async def find_bookings(self, *, name: str | None, phone: str | None) -> list[Booking]:
        """Bookings made under that name or phone, soonest first; nothing without either."""
        return find_among(self._entries.values(), name=name, phone=phone)

    async def cancel(self, reference: str) -> None:
        """Cancel; a booking that was cancelled before stays so.

        Raises:
            NotFound: `booking_not_found`, when there never was such a booking.
        """
        if self._entries.pop(reference, None) is None and reference not in self._by_key.values():
            raise NotFound("booking_not_found", f"there is no booking {reference}")

    def _enter(self, known: KnownBooking) -> None:
        key = f"{known.start.isoformat()}:{known.name}:{known.phone}"
        reference = known.reference or reference_of(key)
        start = known.start.astimezone(self._zone)
        booking = Booking(reference=reference, start=start, end=self._after(start))
        self._entries[reference] = NamedBooking(booking=booking, name=known.name, phone=known.phone)
        self._by_key[key] = reference

    def _grid(self, day: date) -> list[datetime]:
        """Every slot that fits into the hours of `day`, counted in real time so that a clock change skips none."""
        hours = self._hours.get(_WEEKDAYS[day.weekday()])
        if hours is None:
            return []
        opens = self._utc(day, hours.open)
        closes = self._utc(day if hours.close > hours.open else day + timedelta(days=1), hours.close)
        count = max(0, int((closes - opens) / self._slot))
        return [(opens + index * self._slot).astimezone(self._zone) for index in range(count)]

    def _utc(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, tzinfo=self._zone).astimezone(UTC)

    def _after(self, start: datetime) -> datetime:
        return (start.astimezone(UTC) + self._slot).astimezone(self._zone)

    def _is_free(self, start: datetime) -> bool:
        end = self._after(start)
        taken = [(span.start, span.end) for span in self._busy]
        taken += [(entry.booking.start, entry.booking.end) for entry in self._entries.values()]
        return not any(first < end and start < last for first, last in taken)


def find_among(bookings: Iterable[NamedBooking], *, name: str | None, phone: str | None) -> list[Booking]:
    """Those made under that name or phone, soonest first; nothing without either."""
    found = [each.booking for each in bookings if _same_name(name, each.name) or _same_phone(phone, each.phone)]
    return sorted(found, key=lambda booking: booking.start)


def _same_name(asked: str | None, booked: str | None) -> bool:
    return bool(asked and booked) and set((asked or "").casefold().split()) <= set(
        (booked or "").casefold().split()
    )


def _same_phone(asked: str | None, booked: str | None) -> bool:
    digits = ["".join(filter(str.isdigit, phone or ""))[-9:] for phone in (asked, booked)]
    return bool(digits[0]) and digits[0] == digits[1]
