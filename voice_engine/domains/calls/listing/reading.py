"""The SQL of lists: which calls, newest first, by the rows' own indexes or by the index of words."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import defer

from voice_engine.domains.calls.listing.models import CallTerms
from voice_engine.domains.calls.listing.terms import Term
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.repository.calls import UNLISTED
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.inbound.models import InboundCall
from voice_engine.store.rows import Instant, Row
from voice_engine.store.uow import UnitOfWork

UNREAD = (*UNLISTED, Call.agreed)
"""What no list shows."""

_TERM = re.compile(r"[a-z0-9_]+", re.ASCII)
_call_index = sa.table("call_index", sa.column("rowid", sa.Integer))


async def newest(
    work: UnitOfWork,
    wanted: Sequence[sa.ColumnElement[bool]],
    *,
    before: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[str]:
    """The ids of calls that meet the conditions, from a place on; the indexes alone answer."""
    statement = sa.select(Call.id).where(*wanted)
    if before is not None:
        at, call_id = sa.literal(before[0], Instant()), sa.literal(before[1])
        statement = statement.where(sa.tuple_(Call.created_at, Call.id) < sa.tuple_(at, call_id))
    statement = statement.order_by(Call.created_at.desc(), Call.id.desc()).limit(limit)
    return (await work.session.scalars(statement)).all()


async def count(work: UnitOfWork, wanted: Sequence[sa.ColumnElement[bool]], *, most: int) -> int:
    """How many calls meet the conditions, as far as `most`."""
    some = sa.select(sa.literal(1)).select_from(Call).where(*wanted).limit(most).subquery()
    return int(await work.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0)


def conditions(
    *,
    states: Collection[CallState],
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    recorded: bool = False,
    **columns: str | None,
) -> list[sa.ColumnElement[bool]]:
    """What a row must be; `columns` are columns of `Call` with the value wanted, None for any."""
    wanted: list[sa.ColumnElement[bool]] = [Call.status.in_(states)]
    wanted += [getattr(Call, name) == value for name, value in columns.items() if value is not None]
    if since is not None:
        wanted.append(Call.created_at >= since)
    if until is not None:
        wanted.append(Call.created_at < until)
    if recorded:
        wanted.append(Call.recording_key.is_not(None))
    return wanted


async def found(
    work: UnitOfWork,
    groups: Sequence[Collection[Term]],
    *,
    since: int | None,
    before: int | None,
    limit: int,
) -> Sequence[int]:
    """The index's numbers of calls that have one term of each group, newest first."""
    statement = _matching(work, groups, since=since, before=before)
    newest_first = statement.order_by(statement.selected_columns[0].desc()).limit(limit)
    return [int(number) for number in await work.session.scalars(newest_first)]


async def count_found(
    work: UnitOfWork, groups: Sequence[Collection[Term]], *, since: int | None, before: int | None, most: int
) -> int:
    """How many there are, as far as `most`."""
    some = _matching(work, groups, since=since, before=before).limit(most).subquery()
    return int(await work.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0)


async def ids_of(work: UnitOfWork, numbers: Sequence[int]) -> Mapping[int, str]:
    """The calls of the index's numbers."""
    table = _table(CallTerms)
    statement = sa.select(table.c.number, table.c.call_id).where(table.c.number.in_(numbers), _own(work, table))
    return {int(number): str(call_id) for number, call_id in await work.session.execute(statement)}


async def rows_of(work: UnitOfWork, call_ids: Sequence[str]) -> list[Call]:
    """The rows of these calls in this order; what no list shows is left out."""
    table, unread = _table(Call), {column.key for column in UNREAD}
    columns = [column for column in table.c if column.key not in unread]
    chosen = sa.select(*columns).where(table.c.id.in_(call_ids), _own(work, table))
    entity = sa.select(Call).options(*(defer(column) for column in UNREAD)).from_statement(chosen)
    rows = {call.id: call for call in await work.session.scalars(entity)}
    return [rows[call_id] for call_id in call_ids if call_id in rows]


async def open_calls(
    work: UnitOfWork, states: Collection[CallState], wanted: Iterable[sa.ColumnElement[bool]], *, limit: int
) -> Sequence[Call]:
    """Calls that are not over: whoever is dialled next first, then the newest."""
    statement = sa.select(Call).where(Call.status.in_(states), *wanted)
    due = sa.func.coalesce(Call.scheduled_for, Call.queued_at)
    statement = statement.order_by(due, Call.created_at.desc(), Call.id).limit(limit)
    return (await work.session.scalars(statement.options(*(defer(each) for each in UNREAD)))).all()


async def callers_of(work: UnitOfWork, call_ids: Sequence[str]) -> Mapping[str, tuple[str | None, bool]]:
    """The names of who called, as they were then, and whether they were important."""
    table = _table(InboundCall)
    statement = sa.select(table.c.call_id, table.c.caller_name, table.c.is_vip)
    rows = await work.session.execute(statement.where(table.c.call_id.in_(call_ids), _own(work, table)))
    return {str(call_id): (name, bool(is_vip)) for call_id, name, is_vip in rows}


async def contacts_of(work: UnitOfWork, numbers: Collection[str]) -> Mapping[str, str]:
    """Names of contacts by their numbers."""
    statement = sa.select(Contact.phone_number, Contact.name).where(Contact.phone_number.in_(list(numbers)))
    return {str(number): str(name) for number, name in await work.session.execute(statement)}


async def numbers_named(work: UnitOfWork, word: str, *, most: int) -> Sequence[str]:
    """Numbers of contacts with this word (folded) in their names."""
    named = Contact.folded_name.contains(word, autoescape=True)
    return (await work.session.scalars(sa.select(Contact.phone_number).where(named).limit(most))).all()


async def lines_of(work: UnitOfWork, call_ids: Sequence[str]) -> Sequence[TranscriptEntry]:
    """What was said in these calls, in order."""
    table = _table(TranscriptEntry)
    lines = sa.select(table).where(table.c.call_id.in_(call_ids), _own(work, table))
    entity = sa.select(TranscriptEntry).from_statement(lines.order_by(table.c.call_id, table.c.position))
    return (await work.session.scalars(entity)).all()


def _table(rows: type[Row]) -> sa.Table:
    return Row.metadata.tables[rows.__tablename__]


def _own(work: UnitOfWork, table: sa.Table) -> sa.ColumnElement[bool]:
    """The tenant's rows, as no index has them, of the bare table.

    SQLite has no statistics: of two indexes it takes the organization's, and reads a hundred thousand rows of the
    tenant where twenty-five were asked for by their ids.
    """
    return sa.func.coalesce(table.c.organization_id, "") == work.organization_id


def _matching(
    work: UnitOfWork, groups: Sequence[Collection[Term]], *, since: int | None, before: int | None
) -> sa.Select[Any]:
    if work.session.get_bind().dialect.name == "sqlite":
        number: Any = _call_index.c.rowid
        query = " AND ".join(f"({' OR '.join(map(_fts, group))})" for group in groups)
        hit = sa.literal_column("call_index").op("MATCH")(sa.bindparam(None, query, unique=True))
        statement = sa.select(number).select_from(_call_index).where(hit)
    else:
        number = CallTerms.number
        # Written out, not bound: the planner has to see the words to know how common they are.
        query = " & ".join(f"({' | '.join(map(_lexeme, group))})" for group in groups)
        hit = sa.type_coerce(CallTerms.terms, postgresql.TSVECTOR).op("@@")(
            sa.literal_column(f"'{query}'::tsquery")
        )
        statement = sa.select(number).where(hit)
    if since is not None:
        statement = statement.where(number >= since)
    if before is not None:
        statement = statement.where(number < before)
    return statement


def _fts(term: Term) -> str:
    return f'"{_safe(term.text)}"*' if term.is_prefix else f'"{_safe(term.text)}"'


def _lexeme(term: Term) -> str:
    return f"{_safe(term.text)}:*" if term.is_prefix else _safe(term.text)


def _safe(text: str) -> str:
    """A term has nothing in it that means something to either index."""
    assert _TERM.fullmatch(text), "a term is a run of a-z0-9_"
    return text
