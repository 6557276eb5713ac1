"""What earlier calls booked and is still to come, so that nobody else gets the same time."""

import datetime as dt

from voice_engine.domains.inbound.composing import read_booking
from voice_engine.domains.inbound.repository import calls
from voice_engine.ports.call import KnownBooking
from voice_engine.store.uow import UnitOfWork

BOOKED_AHEAD = dt.timedelta(days=180)
"""Calls older than this booked nothing that is still to come."""
MOST_BOOKINGS = 200


async def list_known(work: UnitOfWork, *, timezone: str, at: dt.datetime) -> tuple[KnownBooking, ...]:
    """The organization's. `timezone` (IANA) is the one in which they were agreed, `at` now."""
    found = await calls.list_bookings(work, since=at - BOOKED_AHEAD, limit=MOST_BOOKINGS)
    read = (
        read_booking(
            call.agreed or {},
            timezone=timezone,
            reference=(call.outcome or {}).get("confirmation"),
            at=at,
        )
        for call in found
    )
    return tuple(booking for booking in read if booking is not None)
