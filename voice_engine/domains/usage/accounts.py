"""Accounts and their periods: made on first use, rolled lazily, granted once.

Whoever writes to an account's ledger holds its row (`running`): FOR UPDATE on PostgreSQL; on SQLite a writing unit
of work has the database to itself.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

from . import repository
from .balance import ZERO, Balance, Terms, Totals
from .lines import Line, write_line
from .models import BillingAccount, Direction, EntryKind, Product, SubscriptionState, UsageCycle
from .periods import Period, period_at, period_of_days
from .plans import PLANS, Plan, PlanType
from .settings import UsageSettings

GRANTING = frozenset({SubscriptionState.ACTIVE, SubscriptionState.TRIALING})
"""States in which a new period brings the plan's credits."""

INSTANT = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An account in its running period. `last_sequence` is the number of its ledger's newest line."""

    account: BillingAccount
    cycle: UsageCycle
    plan: Plan
    balance: Balance
    last_sequence: int


class Accounts:
    """Opens accounts, finds the running period, begins the next one. `now` is the wall clock, aware."""

    def __init__(self, settings: UsageSettings, now: Callable[[], dt.datetime]) -> None:
        self.settings = settings
        self.now = now

    async def find_running(self, work: UnitOfWork) -> Running | None:
        """The running period without writing or locking; None when `running` has something to write first."""
        account = await repository.find_account(work)
        if account is None or self.now() >= account.period_end:
            return None
        cycle = await repository.find_cycle(work, account.id, account.period_start)
        return None if cycle is None else await _read(work, account, cycle)

    async def running(self, work: UnitOfWork) -> Running:
        """The running period, locked; opens the account and rolls the period where that is due."""
        account = await self._locked(work)
        cycle = await repository.find_cycle(work, account.id, account.period_start)
        if cycle is None:
            cycle = await _begin(work, account, bonus_in=ZERO)
        elif self.now() >= account.period_end:
            cycle = await self._roll(work, account, cycle)
        return await _read(work, account, cycle)

    async def plan(self, work: UnitOfWork) -> Plan:
        """The running period's plan, its account locked as by `running`, and nothing summed up."""
        account = await self._locked(work)
        if self.now() >= account.period_end:
            return (await self.running(work)).plan
        return PLANS[PlanType(account.plan)]

    async def start_plan(
        self,
        work: UnitOfWork,
        plan: PlanType,
        *,
        status: SubscriptionState = SubscriptionState.ACTIVE,
        annual: bool = False,
    ) -> Running:
        """Change to `plan` now: a new period begins with its full allotment; unused plan credits lapse."""
        left = await self.running(work)
        account = left.account
        starts_at = max(self.now(), left.cycle.starts_at + INSTANT)
        left.cycle.ends_at = left.cycle.closed_at = starts_at
        account.plan, account.status, account.annual = plan, status, annual
        account.credits_allocated = None
        account.pending_plan = account.pending_at = None
        account.anchor_at = starts_at
        _set_period(account, _first_period(PLANS[plan], starts_at))
        cycle = await _begin(work, account, bonus_in=left.balance.carried_out)
        return await _read(work, account, cycle)

    async def _locked(self, work: UnitOfWork) -> BillingAccount:
        account = await repository.find_account(work, lock=True)
        if account is None:
            await repository.add_account(work, self._first_values(self.now()))
            account = await repository.find_account(work, lock=True)
        assert account is not None, "the account was written just now"
        return account

    def _first_values(self, at: dt.datetime) -> dict[str, object]:
        plan = PLANS[self.settings.default_plan]
        period = _first_period(plan, at)
        trial = plan.period_days is not None
        return {
            "id": new_id(),
            "product": Product.KALLY,
            "plan": plan.type,
            "status": SubscriptionState.TRIALING if trial else SubscriptionState.ACTIVE,
            "anchor_at": period.starts_at,
            "period_start": period.starts_at,
            "period_end": period.ends_at,
            "credits_allocated": self.settings.default_credits,
        }

    async def _roll(self, work: UnitOfWork, account: BillingAccount, ended: UsageCycle) -> UsageCycle:
        """Begin the period of now. Months in which nobody looked have no period of their own."""
        left = await _read(work, account, ended)
        ended.closed_at = self.now()
        if account.effective_at is not None and account.effective_at <= account.period_end:
            account.status = SubscriptionState.CANCELED
        elif left.plan.period_days is not None:
            account.status = SubscriptionState.EXPIRED
        if account.pending_plan is not None and (account.pending_at or account.period_end) <= account.period_end:
            account.plan, account.annual = account.pending_plan, account.pending_annual
            account.pending_plan = account.pending_at = account.credits_allocated = None
        if left.plan.period_days is not None:
            account.anchor_at = account.period_end
        _set_period(account, period_at(account.anchor_at, self.now()))
        return await _begin(work, account, bonus_in=left.balance.carried_out)


def allotment(account: BillingAccount) -> Decimal:
    """Credits that a period of this account begins with, bonuses aside."""
    if account.status not in GRANTING:
        return ZERO
    own = account.credits_allocated
    return PLANS[PlanType(account.plan)].credits_allocated if own is None else own


def terms_of(account: BillingAccount) -> Terms:
    """How far the account may go beyond its allotment: the plan's rules unless it has its own."""
    plan = PLANS[PlanType(account.plan)]
    enabled = plan.overage_enabled if account.overage_enabled is None else account.overage_enabled
    limit = account.spending_limit_cents
    return Terms(
        overage_enabled=enabled and account.status == SubscriptionState.ACTIVE,
        overage_rate=plan.overage_rate,
        spending_limit_cents=plan.price_cents if limit is None else limit,
    )


async def carry_forward(work: UnitOfWork, running: Running, cycle: UsageCycle, totals: Totals) -> Running:
    """Have a line that lands in a closed `cycle`, whose sums it makes `totals`, reach the periods after it."""
    terms = running.balance.terms
    carried = Balance(bonus_in=cycle.bonus_in, totals=totals, terms=terms).carried_out
    for later in await repository.list_cycles_from(work, running.account.id, cycle.starts_at + INSTANT):
        later.bonus_in = carried
        sums = await repository.sum_cycle(work, later.id)
        carried = Balance(bonus_in=carried, totals=sums, terms=terms).carried_out
    return replace(running, balance=replace(running.balance, bonus_in=running.cycle.bonus_in))


async def _read(work: UnitOfWork, account: BillingAccount, cycle: UsageCycle) -> Running:
    totals = await repository.sum_cycle(work, cycle.id)
    balance = Balance(bonus_in=cycle.bonus_in, totals=totals, terms=terms_of(account))
    return Running(
        account=account,
        cycle=cycle,
        plan=PLANS[PlanType(account.plan)],
        balance=balance,
        last_sequence=await repository.last_sequence(work, account.id),
    )


async def _begin(work: UnitOfWork, account: BillingAccount, *, bonus_in: Decimal) -> UsageCycle:
    cycle = UsageCycle(
        id=new_id(),
        billing_account_id=account.id,
        plan=account.plan,
        starts_at=account.period_start,
        ends_at=account.period_end,
        included=allotment(account),
        bonus_in=bonus_in,
    )
    work.session.add(cycle)
    await work.session.flush()
    if cycle.included > 0:
        await write_line(
            work,
            _grant(cycle),
            cycle=cycle,
            sequence=await repository.last_sequence(work, account.id) + 1,
            at=cycle.starts_at,
            balance_after=bonus_in + cycle.included,
        )
    return cycle


def _grant(cycle: UsageCycle) -> Line:
    return Line(
        kind=EntryKind.PLAN_GRANT,
        direction=Direction.CREDIT,
        credits=cycle.included,
        source_id=cycle.id,
        description=f"{PLANS[PlanType(cycle.plan)].name} plan credits",
    )


def _first_period(plan: Plan, at: dt.datetime) -> Period:
    return period_at(at, at) if plan.period_days is None else period_of_days(at, plan.period_days)


def _set_period(account: BillingAccount, period: Period) -> None:
    account.period_start, account.period_end = period.starts_at, period.ends_at
