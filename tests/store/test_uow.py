"""A unit of work sees and writes its own tenant's rows only, whatever its author forgot."""

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW, Account, add_account
from voice_engine.store.engine import Store
from voice_engine.store.idempotency import IdempotencyRow
from voice_engine.store.rows import new_id
from voice_engine.store.upsert import changed_rows, insert_once


def _row(key: str, **more: str) -> IdempotencyRow:
    return IdempotencyRow(user_id=new_id(), route="POST /x", key=key, body_hash="h", created_at=NOW, **more)


async def _two(store: Store) -> tuple[Account, Account]:
    return await add_account(store, "Ada"), await add_account(store, "Bob")


async def _keys(store: Store, account: Account) -> list[str]:
    async with store.read(account.organization_id) as work:
        return list(await work.session.scalars(sa.select(IdempotencyRow.key).order_by(IdempotencyRow.key)))


async def test_a_select_without_a_filter_reads_the_tenants_rows_only(store: Store) -> None:
    """The classic leak: a list query whose author forgot the WHERE."""
    ada, bob = await _two(store)
    for account, key in ((ada, "a"), (bob, "b")):
        async with store.begin(account.organization_id) as work:
            work.session.add(_row(key))

    assert await _keys(store, ada) == ["a"]
    assert await _keys(store, bob) == ["b"]


async def test_another_tenants_row_cannot_be_fetched_by_its_id(store: Store) -> None:
    """`session.get` is a query as well."""
    ada, bob = await _two(store)
    async with store.begin(ada.organization_id) as work:
        work.session.add(row := _row("a"))

    async with store.read(bob.organization_id) as work:
        assert await work.session.get(IdempotencyRow, row.id) is None


@pytest.mark.parametrize("statement", [sa.update(IdempotencyRow).values(body_hash="x"), sa.delete(IdempotencyRow)])
async def test_a_bulk_change_meets_the_tenants_rows_only(store: Store, statement: sa.Update | sa.Delete) -> None:
    """UPDATE and DELETE without WHERE stay at home."""
    ada, bob = await _two(store)
    for account in (ada, bob):
        async with store.begin(account.organization_id) as work:
            work.session.add(_row("k"))

    async with store.begin(ada.organization_id) as work:
        changed = await changed_rows(work, statement)

    assert changed == 1
    async with store.read(bob.organization_id) as work:
        assert await work.session.scalar(sa.select(IdempotencyRow.body_hash)) == "h"


async def test_a_join_and_a_subquery_are_filtered_too(store: Store) -> None:
    """Aliases of the table are held to the tenant."""
    ada, bob = await _two(store)
    async with store.begin(bob.organization_id) as work:
        work.session.add(_row("b"))
    other = sa.orm.aliased(IdempotencyRow)

    async with store.read(ada.organization_id) as work:
        counted = await work.session.scalar(sa.select(sa.func.count(other.id)))
        nested = await work.session.scalar(
            sa.select(sa.func.count()).select_from(sa.select(IdempotencyRow.id).subquery())
        )

    assert (counted, nested) == (0, 0)


async def test_a_row_of_another_tenant_is_not_written(store: Store) -> None:
    """A service that mixes up two organizations fails loudly and writes nothing."""
    ada, bob = await _two(store)

    with pytest.raises(AssertionError, match="another organization"):
        async with store.begin(ada.organization_id) as work:
            work.session.add(_row("a", organization_id=bob.organization_id))

    assert await _keys(store, bob) == []


async def test_insert_once_writes_the_tenants_row_once(store: Store) -> None:
    """The second insert of the same key says so and changes nothing."""
    ada, _ = await _two(store)
    values = {"user_id": "u", "route": "r", "key": "k", "body_hash": "h", "created_at": NOW}

    async with store.begin(ada.organization_id) as work:
        first = await insert_once(work, IdempotencyRow, {"id": new_id(), **values})
        second = await insert_once(work, IdempotencyRow, {"id": new_id(), **values})

    assert (first, second) == (True, False)
    assert await _keys(store, ada) == ["k"]


async def test_after_commit_runs_only_when_committed(store: Store) -> None:
    """Nobody is woken for work that was rolled back."""
    ada, _ = await _two(store)
    woken: list[str] = []

    async with store.begin(ada.organization_id) as work:
        work.after_commit(lambda: woken.append("kept"))
    with pytest.raises(RuntimeError):
        async with store.begin(ada.organization_id) as work:
            work.after_commit(lambda: woken.append("lost"))
            raise RuntimeError("boom")

    assert woken == ["kept"]


async def test_a_reading_unit_keeps_nothing(store: Store) -> None:
    """What a GET writes by mistake is not there afterwards."""
    ada, _ = await _two(store)

    async with store.read(ada.organization_id) as work:
        work.session.add(_row("a"))
        await work.session.flush()

    assert await _keys(store, ada) == []
