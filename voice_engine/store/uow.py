"""A unit of work: one transaction of one tenant, committed at the edge.

The tenant's filter is put into every ORM statement here, not by its author: a query that forgot it reads nothing of
another organization. Only the database is awaited while a unit is open; providers are called between two units.
"""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from voice_engine.store.rows import TenantRow

TENANT = "organization_id"
"""The session's note of whose unit it is; absent in a unit of the system."""


class UnitOfWork:
    """One open transaction. `organization_id` None: the system's own work, which says why (`Store.system`)."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        organization_id: str | None,
        announce: Callable[[str], None] | None = None,
    ) -> None:
        self.session = session
        self._organization_id = organization_id
        self._announce = announce
        self._topics: dict[str, None] = {}
        self._after_commit: list[Callable[[], None]] = []
        self._kept: list[object] = []

    @property
    def organization_id(self) -> str:
        """The tenant. A unit of the system has none: asking for it is a bug."""
        assert self._organization_id is not None, "a unit of the system has no tenant"
        return self._organization_id

    @property
    def is_system(self) -> bool:
        """Whether this unit sees every tenant's rows."""
        return self._organization_id is None

    def keep(self, row: object) -> None:
        """Hold a row in memory until the unit ends: the session forgets what nobody holds, and reads it again."""
        self._kept.append(row)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have `call` run once the transaction is durable, and never when it is not (to wake somebody)."""
        self._after_commit.append(call)

    def wake(self, topic: str) -> None:
        """Have whoever waits for this topic look at the rows, once the transaction is durable (`ports.bus`)."""
        self._topics[topic] = None

    def committed(self) -> None:
        """Run what waited for the commit; the store calls this."""
        calls, self._after_commit = self._after_commit, []
        for call in calls:
            call()
        if self._announce is not None:
            for topic in self._topics:
                self._announce(topic)


def guard(sessions: type[Session]) -> None:
    """Hold every session of this class to its tenant."""
    event.listen(sessions, "do_orm_execute", _only_own_rows)
    event.listen(sessions, "before_flush", _stamp_new_rows)


def _only_own_rows(state: ORMExecuteState) -> None:
    organization_id = state.session.info.get(TENANT)
    if organization_id is None or state.is_column_load or state.is_relationship_load:
        return
    state.statement = state.statement.options(
        with_loader_criteria(
            TenantRow,
            lambda row: row.organization_id == organization_id,
            include_aliases=True,
            track_closure_variables=True,
        )
    )


def _stamp_new_rows(session: Session, _context: object, _instances: object) -> None:
    organization_id = session.info.get(TENANT)
    if organization_id is None:
        return
    for row in session.new:
        if isinstance(row, TenantRow):
            named: str | None = row.organization_id
            if named is None:
                row.organization_id = organization_id
            elif named != organization_id:
                raise AssertionError(f"{type(row).__name__} of another organization in this unit of work")
    for row in session.dirty | session.deleted:
        if isinstance(row, TenantRow) and sa.inspect(row).attrs.organization_id.history.has_changes():
            raise AssertionError(f"{type(row).__name__} may not change its organization")
