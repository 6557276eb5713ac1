"""The SQL of purchases under way."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from voice_engine.domains.numbers.models import NumberPurchase, PurchaseState
from voice_engine.domains.numbers.repository.numbers import bought_ids
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

_OPEN = NumberPurchase.state == PurchaseState.OPEN


async def add(work: UnitOfWork, purchase: NumberPurchase) -> None:
    """Write a new purchase."""
    work.session.add(purchase)
    await work.session.flush()


async def find(work: UnitOfWork, purchase_id: str, *, lock: bool = False) -> NumberPurchase | None:
    """The purchase as it stands now; with `lock`, nobody else ends it until this unit does."""
    statement = sa.select(NumberPurchase).where(NumberPurchase.id == purchase_id)
    statement = statement.with_for_update() if lock else statement
    found: NumberPurchase | None = await work.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def count_taken(work: UnitOfWork) -> int:
    """How many numbers the organization has or is buying.

    One statement: between two, a purchase under way may become a number and be in neither count (READ COMMITTED).
    """
    mine = work.organization_id
    open_ids = sa.select(NumberPurchase.id).where(_OPEN, NumberPurchase.organization_id == mine)
    taken = sa.union_all(bought_ids(mine), open_ids).subquery()
    return int(await work.session.scalar(sa.select(sa.func.count()).select_from(taken)) or 0)


async def take(work: UnitOfWork, purchase_id: str, e164: str, found: dict[str, Any]) -> bool:
    """Pick a number for an open purchase; False when another open purchase has picked it, or this one has ended.

    A second transaction that picks the same number waits here until the first one ends.
    """
    which = (NumberPurchase.id == purchase_id, _OPEN)
    try:
        async with work.session.begin_nested():
            statement = sa.update(NumberPurchase).where(*which).values(e164=e164, found=found)
            return await changed_rows(work, statement) > 0
    except IntegrityError:  # the unique index over open purchases
        return False


async def end(work: UnitOfWork, purchase_id: str, state: PurchaseState, **values: Any) -> bool:  # columns
    """Close an open purchase; whether this did it. The row is unlocked for others' picks when the unit ends."""
    statement = sa.update(NumberPurchase).where(NumberPurchase.id == purchase_id, _OPEN)
    return await changed_rows(work, statement.values(state=state, **values)) > 0
