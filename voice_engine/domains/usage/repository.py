"""The SQL of accounts, periods, ledger and holds. Everything that decides is in `service` and `balance`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import insert_once

from .balance import ZERO, Totals
from .models import (
    BillingAccount,
    CreditEntry,
    Direction,
    EntryKind,
    HoldRow,
    HoldState,
    Product,
    UsageCycle,
)

SHOWN = tuple(kind for kind in EntryKind if kind not in {EntryKind.HOLD, EntryKind.RELEASE})
"""The kinds that a history lists: a hold moves no credits."""

FARTHEST = 2**63 - 1
"""The largest offset that a database takes; nobody has that many lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSum:
    """What one action came to in a period. `seconds`: connected time of its calls."""

    action: str
    credits: Decimal
    count: int
    seconds: Decimal


async def find_account(work: UnitOfWork, *, lock: bool = False) -> BillingAccount | None:
    """The organization's account; with `lock`, nobody else writes its ledger until this unit ends."""
    statement = sa.select(BillingAccount).where(BillingAccount.product == Product.KALLY)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.scalars(statement)).one_or_none()


async def add_account(work: UnitOfWork, values: dict[str, Any]) -> bool:
    """Write the account unless the organization has one."""
    return await insert_once(work, BillingAccount, values)


async def find_cycle(work: UnitOfWork, account_id: str, starts_at: dt.datetime) -> UsageCycle | None:
    """The account's period that begins then."""
    statement = sa.select(UsageCycle).where(
        UsageCycle.billing_account_id == account_id, UsageCycle.starts_at == starts_at
    )
    return (await work.session.scalars(statement)).one_or_none()


async def get_cycle(work: UnitOfWork, cycle_id: str) -> UsageCycle:
    """The period with this id."""
    return (await work.session.scalars(sa.select(UsageCycle).where(UsageCycle.id == cycle_id))).one()


async def list_cycles_from(work: UnitOfWork, account_id: str, starts_at: dt.datetime) -> Sequence[UsageCycle]:
    """The account's periods that begin then or later, in order."""
    statement = (
        sa.select(UsageCycle)
        .where(UsageCycle.billing_account_id == account_id, UsageCycle.starts_at >= starts_at)
        .order_by(UsageCycle.starts_at)
    )
    return (await work.session.scalars(statement)).all()


async def sum_cycle(work: UnitOfWork, cycle_id: str) -> Totals:
    """The period's sums, read from its lines."""
    statement = (
        sa.select(CreditEntry.kind, CreditEntry.direction, sa.func.sum(CreditEntry.credits))
        .where(CreditEntry.cycle_id == cycle_id)
        .group_by(CreditEntry.kind, CreditEntry.direction)
    )
    sums = {(kind, direction): amount for kind, direction, amount in await work.session.execute(statement)}

    def total(kind: EntryKind, direction: Direction) -> Decimal:
        return sums.get((kind, direction), ZERO)

    captured = total(EntryKind.CAPTURE, Direction.DEBIT)
    return Totals(
        plan=total(EntryKind.PLAN_GRANT, Direction.CREDIT),
        bonus=total(EntryKind.REFERRAL_BONUS, Direction.CREDIT) + total(EntryKind.ADJUSTMENT, Direction.CREDIT),
        used=captured + total(EntryKind.ADJUSTMENT, Direction.DEBIT) - total(EntryKind.REFUND, Direction.CREDIT),
        held=total(EntryKind.HOLD, Direction.DEBIT) - total(EntryKind.RELEASE, Direction.CREDIT) - captured,
    )


async def sum_actions(work: UnitOfWork, cycle_id: str) -> list[ActionSum]:
    """The period's charges by action, less what was refunded; the largest first."""
    is_charge = CreditEntry.direction == Direction.DEBIT
    spent = sa.func.sum(sa.case((is_charge, CreditEntry.credits), else_=-CreditEntry.credits))
    statement = (
        sa.select(
            CreditEntry.action,
            sa.type_coerce(spent, CreditEntry.credits.type),
            sa.func.sum(sa.case((is_charge, 1), else_=0)),
            sa.type_coerce(sa.func.coalesce(sa.func.sum(CreditEntry.seconds), 0), CreditEntry.seconds.type),
        )
        .where(
            CreditEntry.cycle_id == cycle_id,
            sa.or_(
                CreditEntry.kind.in_((EntryKind.CAPTURE, EntryKind.REFUND)),
                sa.and_(CreditEntry.kind == EntryKind.ADJUSTMENT, is_charge),
            ),
        )
        .group_by(CreditEntry.action)
    )
    rows = [
        ActionSum(action=action, credits=amount, count=int(count), seconds=seconds)
        for action, amount, count, seconds in await work.session.execute(statement)
    ]
    return sorted(rows, key=lambda row: (-row.credits, row.action))


async def last_sequence(work: UnitOfWork, account_id: str) -> int:
    """The number of the account's newest line; 0: it has none."""
    last = sa.select(sa.func.max(CreditEntry.sequence)).where(CreditEntry.billing_account_id == account_id)
    return int(await work.session.scalar(last) or 0)


async def find_entry(work: UnitOfWork, kind: EntryKind, source_id: str) -> CreditEntry | None:
    """The line of this kind and source."""
    statement = sa.select(CreditEntry).where(CreditEntry.kind == kind, CreditEntry.source_id == source_id)
    return (await work.session.scalars(statement)).one_or_none()


async def list_entries(work: UnitOfWork, *, limit: int, offset: int) -> tuple[Sequence[CreditEntry], int]:
    """A page of the organization's lines, newest first, and how many there are; holds are left out."""
    shown = CreditEntry.kind.in_(SHOWN)
    page = (
        sa.select(CreditEntry)
        .where(shown)
        .order_by(CreditEntry.occurred_at.desc(), CreditEntry.sequence.desc())
        .limit(limit)
        .offset(min(offset, FARTHEST))
    )
    total = await work.session.scalar(sa.select(sa.func.count(CreditEntry.id)).where(shown))
    return (await work.session.scalars(page)).all(), int(total or 0)


async def find_hold(work: UnitOfWork, source_id: str) -> HoldRow | None:
    """The hold of this source, as it stands now."""
    statement = sa.select(HoldRow).where(HoldRow.source_id == source_id)
    return (await work.session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def list_open_holds(work: UnitOfWork, *, before: dt.datetime, limit: int) -> Sequence[HoldRow]:
    """Holds made before then that nothing has ended; of every organization in a unit of the system."""
    statement = (
        sa.select(HoldRow)
        .where(HoldRow.state == HoldState.HELD, HoldRow.held_at < before)
        .order_by(HoldRow.held_at)
        .limit(limit)
    )
    return (await work.session.scalars(statement)).all()


async def list_charges(work: UnitOfWork, *, since: dt.datetime) -> Sequence[tuple[str, Decimal]]:
    """What was charged since then, by ledger line: id and credits; of all organizations in a unit of the system."""
    charges = (CreditEntry.kind == EntryKind.CAPTURE, CreditEntry.direction == Direction.DEBIT)
    statement = sa.select(CreditEntry.id, CreditEntry.credits).where(CreditEntry.occurred_at >= since, *charges)
    return [(row.id, row.credits) for row in await work.session.execute(statement)]
