"""INSERT … ON CONFLICT, which both databases have under different names."""

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


async def add_up(work: UnitOfWork, table: type[Row], key: dict[str, Any], column: str, by: int) -> int:
    """Add `by` to a counter, which begins at 0 where there is no row of this primary key; what it came to.

    The row is this transaction's until it ends.
    """
    dialect = work.session.get_bind().dialect.name
    statement = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    counter = sa.inspect(table).columns[column]
    added = statement.values(**key, **{column: by}).on_conflict_do_update(
        index_elements=list(key), set_={column: counter + by}
    )
    done = await work.session.execute(added.returning(counter).execution_options(synchronize_session=False))
    return int(done.scalar_one())


async def changed_rows(work: UnitOfWork, statement: sa.Update | sa.Delete) -> int:
    """Execute an UPDATE or DELETE and count the rows it met: the way to compare and set."""
    done = await work.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(done, sa.CursorResult)
    return int(done.rowcount)
