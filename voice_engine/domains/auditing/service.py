"""Pages of an organization's audit, and all of it as a table."""

import csv
import datetime as dt
import io
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voice_engine.domains.auditing import repository
from voice_engine.errors import InvalidInput
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

PAGE = 50
EXPORT_BATCH = 500
MOST_EXPORTED = 50_000
"""Rows of one table: some five megabytes; what is older is got by the next filter."""
COLUMNS = ("at", "action", "actor", "actor_name", "subject", "facts")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One deed. `actor` is a user's, a client's or a job's id; `actor_name` None: nobody of this organization."""

    id: str
    at: dt.datetime
    action: str
    actor: str
    actor_name: str | None
    subject: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some deeds, the newest first. `older` is where the next page begins; None: there is none."""

    deeds: Sequence[Deed]
    older: str | None


class AuditLog:
    """Reads inside the organization's unit of work."""

    async def page(
        self, work: UnitOfWork, *, action: str | None = None, cursor: str | None = None, limit: int = PAGE
    ) -> AuditPage:
        """A page beyond the cursor. Raises InvalidInput `cursor_invalid`."""
        before = None if cursor is None else parse_cursor(cursor)
        rows = await repository.list_rows(work, action=action, before=before, limit=limit + 1)
        told = rows[:limit]
        names = await repository.names_of(work, {row.actor for row in told})
        older = cursor_of(told[-1]) if len(rows) > limit else None
        return AuditPage(deeds=[_deed(row, names) for row in told], older=older)

    async def actions(self, work: UnitOfWork) -> list[str]:
        """Every kind of deed there was."""
        return await repository.list_actions(work)


async def export_csv(store: Store, organization_id: str, *, action: str | None = None) -> AsyncIterator[str]:
    """The audit as CSV (RFC 4180), the newest first, a batch at a time; each batch is read in a unit of its own."""
    log, cursor, left = AuditLog(), None, MOST_EXPORTED
    yield _lines([COLUMNS])
    while left > 0:
        async with store.read(organization_id) as work:
            page = await log.page(work, action=action, cursor=cursor, limit=min(EXPORT_BATCH, left))
        yield _lines(_cells(deed) for deed in page.deeds)
        left, cursor = left - len(page.deeds), page.older
        if cursor is None:
            return


def cursor_of(row: AuditRow) -> str:
    """Where a page that ends with this row goes on."""
    return f"{row.at.isoformat()}~{row.id}"


def parse_cursor(text: str) -> tuple[dt.datetime, str]:
    """The time and id in a cursor. Raises InvalidInput `cursor_invalid`."""
    at, _, row_id = text.partition("~")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not is_id(row_id):
        raise InvalidInput("cursor_invalid", "the address of this page is mistyped; begin with the first one")
    return moment, row_id


def _deed(row: AuditRow, names: Mapping[str, str]) -> Deed:
    return Deed(
        id=row.id,
        at=row.at,
        action=row.action,
        actor=row.actor,
        actor_name=names.get(row.actor),
        subject=row.subject,
        facts=row.facts,
    )


def _cells(deed: Deed) -> list[str]:
    facts = json.dumps(deed.facts, ensure_ascii=False, sort_keys=True) if deed.facts else ""
    return [
        _plain(text)
        for text in (
            deed.at.isoformat(),
            deed.action,
            deed.actor,
            deed.actor_name or "",
            deed.subject or "",
            facts,
        )
    ]


def _plain(text: str) -> str:
    """The same, never a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
