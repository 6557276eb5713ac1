"""The SQL of bookings: what takes time, what is found again, what is forgotten of whom."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.bookings.models import Booking, BookingState
from voice_engine.domains.calls.models import Call
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once

Span = tuple[dt.datetime, dt.datetime]
_TAKES_TIME = Booking.state == BookingState.BOOKED
_TAIL_DIGITS = 9
"""So many last digits make two spellings of a number the same, as when a booking is looked for."""


async def take_turn(work: UnitOfWork) -> None:
    """Have others who book for this organization wait until the unit ends; on SQLite every writer does."""
    own = sa.select(Organization.id).where(Organization.id == work.organization_id)
    await work.session.execute(own.with_for_update(key_share=True))


async def list_spans(work: UnitOfWork, start: dt.datetime, end: dt.datetime) -> list[Span]:
    """What is booked and touches [start, end)."""
    statement = sa.select(Booking.starts_at, Booking.ends_at).where(*_touching(start, end))
    return [(first, last) for first, last in await work.session.execute(statement)]


async def find_touching(work: UnitOfWork, start: dt.datetime, end: dt.datetime) -> Booking | None:
    """A booking that takes some of [start, end)."""
    found: Booking | None = await work.session.scalar(sa.select(Booking).where(*_touching(start, end)).limit(1))
    return found


async def list_upcoming(work: UnitOfWork, *, at: dt.datetime, limit: int) -> Sequence[Booking]:
    """What begins `at` or later, soonest first."""
    statement = sa.select(Booking).where(_TAKES_TIME, Booking.starts_at >= at)
    return (await work.session.scalars(statement.order_by(Booking.starts_at).limit(limit))).all()


async def is_call(work: UnitOfWork, call_id: str) -> bool:
    """Whether the organization has a call of this id."""
    return await work.session.scalar(sa.select(Call.id).where(Call.id == call_id)) is not None


async def is_reference(work: UnitOfWork, reference: str, *, of: Sequence[BookingState]) -> bool:
    """Whether a booking in one of these states has this reference."""
    wanted = (Booking.reference == reference, Booking.state.in_(of))
    return await work.session.scalar(sa.select(Booking.id).where(*wanted).limit(1)) is not None


async def add(work: UnitOfWork, booking: dict[str, Any]) -> bool:
    """Write a booking, unless its time or its reference is taken; whether it was written."""
    return await insert_once(work, Booking, booking)


async def cancel(work: UnitOfWork, reference: str, *, at: dt.datetime) -> int:
    """Free the time of the booking with this reference; how many there were."""
    return await _free(work, Booking.reference == reference, at=at)


async def cancel_of(work: UnitOfWork, call_id: str, *, at: dt.datetime) -> int:
    """Free every time that this call booked; how many there were."""
    return await _free(work, Booking.call_id == call_id, at=at)


async def list_of(work: UnitOfWork, call_ids: Sequence[str], number: str) -> Sequence[Booking]:
    """What was booked in these calls or under this number, soonest first."""
    ids = await _ids_under(work, number)
    wanted = sa.or_(Booking.call_id.in_(call_ids), Booking.id.in_(ids))
    return (await work.session.scalars(sa.select(Booking).where(wanted).order_by(Booking.starts_at))).all()


async def forget_people(work: UnitOfWork, call_ids: Iterable[str]) -> None:
    """Leave of what was booked in these calls only that the time is taken, or was."""
    await _forget(work, Booking.call_id.in_(list(call_ids)))


async def forget_number(work: UnitOfWork, number: str) -> None:
    """The same for what was booked under a number, in whichever call."""
    await _forget(work, Booking.id.in_(await _ids_under(work, number)))


async def _ids_under(work: UnitOfWork, number: str) -> list[str]:
    numbers = await work.session.execute(sa.select(Booking.id, Booking.phone).where(Booking.phone.is_not(None)))
    return [booking_id for booking_id, phone in numbers if _tail(phone or "") == _tail(number)]


def _tail(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))[-_TAIL_DIGITS:]


async def _forget(work: UnitOfWork, which: sa.ColumnElement[bool]) -> None:
    nobody = {"name": None, "phone": None, "service": None}
    await changed_rows(work, sa.update(Booking).where(which).values(**nobody))


async def _free(work: UnitOfWork, which: sa.ColumnElement[bool], *, at: dt.datetime) -> int:
    freed = {"state": BookingState.CANCELLED, "cancelled_at": at}
    return await changed_rows(work, sa.update(Booking).where(which, _TAKES_TIME).values(**freed))


def _touching(start: dt.datetime, end: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (_TAKES_TIME, Booking.starts_at < end, Booking.ends_at > start)
