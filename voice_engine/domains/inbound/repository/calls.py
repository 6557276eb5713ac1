"""The SQL of inbound calls: a call's row with its inbound half, and what hangs on both."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.bookings import repository as bookings
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import ENDS, LIVE, CallState
from voice_engine.domains.inbound.models import ActionItem, InboundCall, ReceptionSettings, Voicemail
from voice_engine.domains.inbound.selection import Selection
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An inbound call whole: its row, its inbound half, and what is counted beside it."""

    call: Call
    inbound: InboundCall
    action_items: int = 0
    has_transcript: bool = False
    voicemail_id: str | None = None


async def add(work: UnitOfWork, call: dict[str, Any], inbound: dict[str, Any]) -> bool:
    """Write a call that came in, unless another webhook of the same call was first; whether it was written."""
    if not await insert_once(work, Call, call):
        return False
    work.session.add(InboundCall(call_id=call["id"], **inbound))
    await work.session.flush()
    await index_calls(work, [call["id"]])
    return True


async def find_by_sid(work: UnitOfWork, call_sid: str, *, lock: bool = False) -> Record | None:
    """The inbound call that the carrier knows by this id."""
    return await _one(work, Call.provider_sid == call_sid, lock=lock)


async def find(work: UnitOfWork, call_id: str, *, lock: bool = False) -> Record | None:
    """The inbound call of this id, with its counts."""
    return await _one(work, Call.id == call_id, lock=lock)


async def list_page(
    work: UnitOfWork, selection: Selection, *, limit: int, offset: int
) -> tuple[Sequence[Record], int]:
    """A page of inbound calls, newest first, and how many there are."""
    wanted = conditions(selection)
    newest = _records().where(*wanted).order_by(Call.created_at.desc(), Call.id.desc())
    rows = (await work.session.execute(newest.limit(limit).offset(offset))).all()
    total = await work.session.scalar(sa.select(sa.func.count(Call.id)).join(InboundCall).where(*wanted))
    return [_record(tuple(row)) for row in rows], int(total or 0)


def conditions(selection: Selection) -> list[sa.ColumnElement[bool]]:
    """What a selection asks of rows of `Call` and `InboundCall`."""
    wanted: list[sa.ColumnElement[bool]] = [Call.direction == "inbound"]
    if selection.states is not None:
        wanted.append(Call.status.in_(selection.states))
    if selection.vip_only:
        wanted.append(InboundCall.is_vip.is_(True))
    if selection.since is not None:
        wanted.append(Call.created_at >= selection.since)
    if selection.until is not None:
        wanted.append(Call.created_at < selection.until)
    return wanted


async def change(work: UnitOfWork, call_id: str, **values: Any) -> None:  # columns
    """Set columns of a call's inbound half."""
    await changed_rows(work, sa.update(InboundCall).where(InboundCall.call_id == call_id).values(**values))


async def count_from(
    work: UnitOfWork, number: str, *, before: dt.datetime, since: dt.datetime | None = None
) -> int:
    """How many calls came from this number before then."""
    wanted = [Call.direction == "inbound", Call.from_number == number, Call.created_at < before]
    if since is not None:
        wanted.append(Call.created_at >= since)
    return int(await work.session.scalar(sa.select(sa.func.count(Call.id)).where(*wanted)) or 0)


async def add_action_items(work: UnitOfWork, items: Sequence[ActionItem]) -> None:
    """Write what is to be done after a call."""
    work.session.add_all(items)
    await work.session.flush()


async def list_action_items(work: UnitOfWork, call_id: str) -> Sequence[ActionItem]:
    """What is to be done after a call, in order."""
    statement = sa.select(ActionItem).where(ActionItem.call_id == call_id).order_by(ActionItem.position)
    return (await work.session.scalars(statement)).all()


async def find_action_item(work: UnitOfWork, call_id: str, position: int) -> ActionItem | None:
    """One of them."""
    place = (ActionItem.call_id == call_id, ActionItem.position == position)
    found: ActionItem | None = await work.session.scalar(sa.select(ActionItem).where(*place).with_for_update())
    return found


async def find_settings(work: UnitOfWork) -> ReceptionSettings | None:
    """How the organization's receptionist answers; None: by default."""
    found: ReceptionSettings | None = await work.session.scalar(sa.select(ReceptionSettings))
    return found


async def delete(work: UnitOfWork, call_ids: Sequence[str], *, states: Sequence[CallState]) -> int:
    """Delete calls that stand in one of these states, with all that hangs on them; how many.

    Only times that they booked stay taken, by nobody.
    """
    gone = (Call.id.in_(call_ids), Call.direction == "inbound", Call.status.in_(states))
    await bookings.forget_people(work, await work.session.scalars(sa.select(Call.id).where(*gone)))
    return await changed_rows(work, sa.delete(Call).where(*gone))


async def list_known(work: UnitOfWork, call_ids: Sequence[str]) -> frozenset[str]:
    """Which of these ids are inbound calls of the organization."""
    wanted = (Call.id.in_(call_ids), Call.direction == "inbound")
    return frozenset(await work.session.scalars(sa.select(Call.id).where(*wanted)))


async def list_ended(
    work: UnitOfWork, selection: Selection, *, ids: Sequence[str] | None, limit: int
) -> Sequence[Call]:
    """Ended calls of a selection (and of these ids, unless None), oldest first."""
    wanted = [*_chosen(selection, ids), Call.status.in_(ENDS)]
    statement = sa.select(Call).join(InboundCall, InboundCall.call_id == Call.id).where(*wanted)
    return (await work.session.scalars(statement.order_by(Call.created_at, Call.id).limit(limit))).all()


async def count_live(work: UnitOfWork, selection: Selection, *, ids: Sequence[str] | None) -> int:
    """How many calls of a selection are up. A wish for an end state means no live call."""
    wanted = [*_chosen(selection, ids), Call.status.in_(LIVE)]
    statement = sa.select(sa.func.count(Call.id)).join(InboundCall, InboundCall.call_id == Call.id)
    return int(await work.session.scalar(statement.where(*wanted)) or 0)


def _chosen(selection: Selection, ids: Sequence[str] | None) -> list[sa.ColumnElement[bool]]:
    return [*conditions(selection), *([] if ids is None else [Call.id.in_(ids)])]


def _records() -> sa.Select[tuple[Call, InboundCall, int, bool, str]]:
    items = sa.select(sa.func.count(ActionItem.id)).where(ActionItem.call_id == Call.id).scalar_subquery()
    said = sa.exists().where(TranscriptEntry.call_id == Call.id)
    left = sa.select(Voicemail.id).where(Voicemail.call_id == Call.id).scalar_subquery()
    statement = sa.select(Call, InboundCall, items, said, left).join(InboundCall, InboundCall.call_id == Call.id)
    return statement.execution_options(populate_existing=True)


async def _one(work: UnitOfWork, which: sa.ColumnElement[bool], *, lock: bool) -> Record | None:
    statement = _records().where(which, Call.direction == "inbound")
    if lock:
        statement = statement.with_for_update(of=Call)
    row = (await work.session.execute(statement)).one_or_none()
    return None if row is None else _record(tuple(row))


def _record(row: Sequence[Any]) -> Record:
    call, inbound, items, said, left = row
    return Record(call=call, inbound=inbound, action_items=int(items), has_transcript=bool(said), voicemail_id=left)
