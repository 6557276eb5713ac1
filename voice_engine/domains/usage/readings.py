"""What clients read of the ledger: history, spending by action, the older mirror, the subscription."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from voice_engine.store.uow import UnitOfWork

from . import repository
from .accounts import Running, allotment
from .balance import ZERO, Balance
from .legacy import LegacyUsage, legacy_minutes, legacy_usage
from .models import Direction, EntryKind, SubscriptionState
from .plans import PlanType
from .prices import Action
from .repository import ActionSum

LIVE = frozenset({SubscriptionState.ACTIVE, SubscriptionState.TRIALING, SubscriptionState.PAST_DUE})
"""States of a subscription that has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReading:
    """The running period: its plan, its bounds and its balance."""

    plan: PlanType
    starts_at: dt.datetime
    ends_at: dt.datetime
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One line as a history shows it. `type` is the action of a charge, else the line's kind."""

    id: str
    type: str
    description: str
    credits: Decimal
    direction: Direction
    occurred_at: dt.datetime
    goal_id: str | None
    resource_id: str | None
    balance_after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A page of lines, newest first, out of `total`."""

    lines: tuple[HistoryLine, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """The running period's charges by action; `total` is their sum and what the balance calls used."""

    period: PeriodReading
    actions: tuple[ActionSum, ...]
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """An account's subscription. `plan` None: there is none."""

    plan: PlanType | None
    status: SubscriptionState
    provider: str
    annual: bool
    credits_included: Decimal
    minutes_included: int
    expires_at: dt.datetime
    auto_renew: bool

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.status in LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The running period in the older reference's words."""

    period: PeriodReading
    status: SubscriptionState
    usage: LegacyUsage


def read_period(running: Running) -> PeriodReading:
    """The running period."""
    return PeriodReading(
        plan=running.plan.type,
        starts_at=running.cycle.starts_at,
        ends_at=running.cycle.ends_at,
        balance=running.balance,
    )


async def read_history(work: UnitOfWork, *, limit: int, offset: int) -> History:
    """A page of the organization's lines. Holds move no credits and are left out."""
    entries, total = await repository.list_entries(work, limit=limit, offset=offset)
    lines = tuple(
        HistoryLine(
            id=entry.id,
            type=entry.action if entry.kind == EntryKind.CAPTURE and entry.action else entry.kind,
            description=entry.description,
            credits=entry.credits,
            direction=Direction(entry.direction),
            occurred_at=entry.occurred_at,
            goal_id=entry.goal_id,
            resource_id=entry.resource_id,
            balance_after=entry.balance_after,
        )
        for entry in entries
    )
    return History(lines=lines, total=total)


async def read_spending(work: UnitOfWork, running: Running) -> Spending:
    """The period's charges by action."""
    actions = await repository.sum_actions(work, running.cycle.id)
    total = sum((row.credits for row in actions), ZERO)
    return Spending(period=read_period(running), actions=tuple(actions), total=total)


async def read_statistics(work: UnitOfWork, running: Running) -> Statistics:
    """The period's real calls beside what its credits would buy."""
    actions = await repository.sum_actions(work, running.cycle.id)
    calls = next((row for row in actions if row.action == Action.CALL), None)
    usage = legacy_usage(
        running.balance.allocated,
        calls_used=0 if calls is None else calls.count,
        seconds_used=ZERO if calls is None else calls.seconds,
    )
    return Statistics(period=read_period(running), status=SubscriptionState(running.account.status), usage=usage)


def read_subscription(running: Running) -> Subscription:
    """The account's subscription."""
    account, status = running.account, SubscriptionState(running.account.status)
    included = allotment(account)
    return Subscription(
        plan=None if status is SubscriptionState.NONE else running.plan.type,
        status=status,
        provider=account.provider,
        annual=account.annual,
        credits_included=included,
        minutes_included=legacy_minutes(included),
        expires_at=account.period_end,
        auto_renew=status in LIVE and account.cancelled_at is None and running.plan.period_days is None,
    )
