"""INSERT … ON CONFLICT DO NOTHING, which both databases have under different names."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from voice_engine.store.rows import Row, TenantRow
from voice_engine.store.uow import UnitOfWork


async def insert_once(work: UnitOfWork, table: type[Row], values: dict[str, Any]) -> bool:
    """Insert the row unless a unique constraint says that it is there; whether it was inserted.

    A second transaction that inserts the same waits here until the first one ends. In a tenant's unit the row is
    that tenant's, named or not.
    """
    if issubclass(table, TenantRow) and not work.is_system:
        assert values.get("organization_id", work.organization_id) == work.organization_id
        values = {"organization_id": work.organization_id, **values}
    dialect = work.session.get_bind().dialect.name
    statement = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    key = sa.inspect(table).primary_key[0]
    done = await work.session.execute(statement.values(**values).on_conflict_do_nothing().returning(key))
    return done.first() is not None


async def changed_rows(work: UnitOfWork, statement: sa.Update | sa.Delete) -> int:
    """Execute an UPDATE or DELETE and count the rows it met: the way to compare and set."""
    done = await work.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(done, sa.CursorResult)
    return int(done.rowcount)
