"""The SQL of a business's account, its cycles and its ledger. What decides is in `terms` and `service`.

Every statement names its organization: registration and administrators work in units of the system.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.minutes.models import (
    MinuteHold,
    OverageLine,
    OverageRecord,
    UsageEvent,
    UsageKind,
)
from voice_engine.domains.minutes.terms import CycleState
from voice_engine.domains.usage.models import BillingAccount, HoldState, Product, UsageCycle
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import insert_once

MOST_RECORDS = 52
"""A year of weeks (contract: "up to 52 records")."""


async def find_account(work: UnitOfWork, organization_id: str, *, lock: bool = False) -> BillingAccount | None:
    """The organization's account; with `lock`, nobody else writes its ledger until this unit ends."""
    statement = sa.select(BillingAccount).where(
        BillingAccount.organization_id == organization_id, BillingAccount.product == Product.EPOCH
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: BillingAccount | None = await work.session.scalar(statement)
    return found


async def add_account(work: UnitOfWork, values: dict[str, Any]) -> bool:
    """Write the account unless the organization has one."""
    return await insert_once(work, BillingAccount, values)


async def find_cycle(work: UnitOfWork, account_id: str, at: dt.datetime) -> UsageCycle | None:
    """The account's cycle that this instant falls in, if it was begun."""
    statement = (
        sa.select(UsageCycle)
        .where(UsageCycle.billing_account_id == account_id, UsageCycle.starts_at <= at, UsageCycle.ends_at > at)
        .order_by(UsageCycle.starts_at.desc())
        .limit(1)
    )
    found: UsageCycle | None = await work.session.scalar(statement)
    return found


async def close_cycles(work: UnitOfWork, account_id: str, *, ended_by: dt.datetime, now: dt.datetime) -> None:
    """Note that the cycles that have ended are over."""
    over = (
        UsageCycle.billing_account_id == account_id,
        UsageCycle.closed_at.is_(None),
        UsageCycle.ends_at <= ended_by,
    )
    await work.session.execute(sa.update(UsageCycle).where(*over).values(closed_at=now))


async def read_cycle(work: UnitOfWork, cycle: UsageCycle) -> CycleState:
    """The cycle with its sums, read from its lines and open holds."""
    used = sa.select(sa.func.sum(UsageEvent.billable_seconds)).where(UsageEvent.cycle_id == cycle.id)
    held = sa.select(sa.func.sum(MinuteHold.seconds)).where(
        MinuteHold.cycle_id == cycle.id, MinuteHold.state == HoldState.HELD
    )
    return CycleState(
        starts_at=cycle.starts_at,
        ends_at=cycle.ends_at,
        limit=cycle.included_seconds,
        used=int(await work.session.scalar(used) or 0),
        reserved=int(await work.session.scalar(held) or 0),
        waived=cycle.waived_seconds,
    )


async def find_hold(work: UnitOfWork, source_id: str) -> MinuteHold | None:
    """The hold of this call, as it stands now."""
    statement = sa.select(MinuteHold).where(MinuteHold.source_id == source_id)
    found: MinuteHold | None = await work.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def find_event(work: UnitOfWork, source_id: str) -> UsageEvent | None:
    """The ledger's line of this call."""
    statement = sa.select(UsageEvent).where(UsageEvent.kind == UsageKind.CALL, UsageEvent.source_id == source_id)
    found: UsageEvent | None = await work.session.scalar(statement)
    return found


async def list_events_since(work: UnitOfWork, since: dt.datetime) -> Sequence[tuple[dt.datetime, int]]:
    """When the organization's calls of since then began, and their billable seconds."""
    statement = sa.select(UsageEvent.occurred_at, UsageEvent.billable_seconds).where(
        UsageEvent.occurred_at >= since
    )
    return [(at, seconds) for at, seconds in await work.session.execute(statement)]


async def sum_cycles(work: UnitOfWork, account_id: str) -> Sequence[CycleState]:
    """Every cycle of the account with what was used in it, the oldest first; holds are left out."""
    used = sa.func.coalesce(sa.func.sum(UsageEvent.billable_seconds), 0)
    statement = (
        sa.select(UsageCycle, used)
        .outerjoin(UsageEvent, UsageEvent.cycle_id == UsageCycle.id)
        .where(UsageCycle.billing_account_id == account_id)
        .group_by(UsageCycle.id)
        .order_by(UsageCycle.starts_at)
    )
    return [
        CycleState(
            starts_at=cycle.starts_at,
            ends_at=cycle.ends_at,
            limit=cycle.included_seconds,
            used=int(seconds),
            waived=cycle.waived_seconds,
        )
        for cycle, seconds in await work.session.execute(statement)
    ]


async def sum_billed(work: UnitOfWork, account_id: str) -> int:
    """Seconds of overage that stand on a bill."""
    statement = (
        sa.select(sa.func.sum(OverageLine.seconds))
        .join(OverageRecord, OverageRecord.id == OverageLine.record_id)
        .where(OverageRecord.billing_account_id == account_id)
    )
    return int(await work.session.scalar(statement) or 0)


async def list_records(work: UnitOfWork, account_id: str) -> Sequence[OverageRecord]:
    """The account's newest bills, newest first."""
    statement = (
        sa.select(OverageRecord)
        .where(OverageRecord.billing_account_id == account_id)
        .order_by(OverageRecord.week_start.desc())
        .limit(MOST_RECORDS)
    )
    return (await work.session.scalars(statement)).all()
