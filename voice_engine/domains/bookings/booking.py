"""The rules of booking: one booking at a time, once per key; a reference is one booking's."""

import datetime as dt

from voice_engine.domains.bookings import repository
from voice_engine.domains.bookings.models import BookingState
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.reporting import Ending
from voice_engine.errors import Conflict, NotFound
from voice_engine.ports.calendar import Booking, BookingRequest, reference_of
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

MOST_REFERENCES = 20
"""References that are tried; even with every tenth of the million in use, no call comes to the end of them."""


async def book(
    work: UnitOfWork, request: BookingRequest, *, end: dt.datetime, call_id: str, at: dt.datetime
) -> tuple[Booking, bool]:
    """Take [request.start, end); the booking, and whether it is new.

    Raises:
        Conflict: `slot_taken`.
    """
    await repository.take_turn(work)
    other = await repository.find_touching(work, request.start, end)
    if other is not None and other.key == request.key:
        return Booking(reference=other.reference, start=other.starts_at, end=other.ends_at), False
    booking = Booking(reference=await _new_reference(work, request.key), start=request.start, end=end)
    row = {
        "id": new_id(),
        "call_id": call_id if await repository.is_call(work, call_id) else None,
        "key": request.key,
        "reference": booking.reference,
        "state": BookingState.BOOKED,
        "starts_at": booking.start,
        "ends_at": booking.end,
        "service": request.service,
        "name": request.name,
        "phone": request.phone,
        "booked_at": at,
    }
    if other is not None or not await repository.add(work, row):
        raise Conflict("slot_taken", f"{request.start.isoformat()} is taken")
    return booking, True


async def cancel(work: UnitOfWork, reference: str, *, at: dt.datetime) -> None:
    """Free a booking's time; one that was cancelled before stays so. Raises NotFound `booking_not_found`."""
    cancelled = [BookingState.CANCELLED]
    if not await repository.cancel(work, reference, at=at) and not await repository.is_reference(
        work, reference, of=cancelled
    ):
        raise NotFound("booking_not_found", f"there is no booking {reference}")


async def free_unsaid(work: UnitOfWork, call: Call, ending: Ending) -> None:
    """Follow the end of a call: who was told of no booking has none, whatever was written as they hung up.

    A report without a conversation says nothing of what was told.
    """
    if ending.turns and ending.outcome is not None and ending.agreed is None:
        await repository.cancel_of(work, call.id, at=ending.at)


async def _new_reference(work: UnitOfWork, key: str) -> str:
    for number in range(MOST_REFERENCES):
        reference = reference_of(f"{key}#{number}" if number else key)
        if not await repository.is_reference(work, reference, of=[BookingState.BOOKED]):
            return reference
    return new_id()
