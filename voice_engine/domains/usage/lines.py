"""Lines of the ledger: what each kind does to a period's sums, and how one is written."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from voice_engine.store.uow import UnitOfWork

from .balance import Totals
from .models import CreditEntry, Direction, EntryKind, UsageCycle
from .prices import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line to be written. `credits` is a magnitude; (kind, source_id) is written once at most."""

    kind: EntryKind
    direction: Direction
    credits: Decimal
    source_id: str
    description: str
    action: Action | None = None
    seconds: Decimal | None = None
    goal_id: str | None = None
    resource_id: str | None = None


def after(totals: Totals, line: Line) -> Totals:
    """The period's sums once `line` stands in it."""
    amount = line.credits
    match line.kind:
        case EntryKind.HOLD:
            return totals.plus(held=amount)
        case EntryKind.CAPTURE:
            return totals.plus(used=amount, held=-amount)
        case EntryKind.RELEASE:
            return totals.plus(held=-amount)
        case EntryKind.REFUND:
            return totals.plus(used=-amount)
        case EntryKind.PLAN_GRANT:
            return totals.plus(plan=amount)
        case EntryKind.REFERRAL_BONUS | EntryKind.ADJUSTMENT:
            return totals.plus(used=amount) if line.direction is Direction.DEBIT else totals.plus(bonus=amount)
        case _:
            assert_never(line.kind)


async def write_line(
    work: UnitOfWork, line: Line, *, cycle: UsageCycle, sequence: int, at: dt.datetime, balance_after: Decimal
) -> None:
    """Append `line` to `cycle` as the account's line number `sequence`; the account is locked."""
    work.session.add(
        CreditEntry(
            billing_account_id=cycle.billing_account_id,
            cycle_id=cycle.id,
            sequence=sequence,
            kind=line.kind,
            source_id=line.source_id,
            action=line.action,
            direction=line.direction,
            credits=line.credits,
            seconds=line.seconds,
            description=line.description,
            goal_id=line.goal_id,
            resource_id=line.resource_id,
            occurred_at=at,
            balance_after=balance_after,
        )
    )
    await work.session.flush()
