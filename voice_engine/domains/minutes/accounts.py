"""A business's account and its cycles: months from the day it was opened, begun when somebody first writes in one.

Nothing has to run at a cycle's end. Reading computes the cycle of now from the anchor, begun or not; writing begins
it. Whoever writes holds the account's row: FOR UPDATE on PostgreSQL; on SQLite a writing unit of work has the
database to itself.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from voice_engine.domains.minutes import repository
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.terms import CycleState, Terms, terms_at, tier_at
from voice_engine.domains.usage.models import BillingAccount, Product, SubscriptionState, UsageCycle
from voice_engine.domains.usage.periods import Period, period_at
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An account as it stands now. `account` None: it was never opened, and shows as its default plan would."""

    account: BillingAccount | None
    terms: Terms
    cycle: CycleState


class MinuteAccounts:
    """Opens accounts, finds and begins cycles. `now` is the wall clock, aware; `default`: a newcomer's plan."""

    def __init__(self, now: Callable[[], dt.datetime], *, default: Tier = Tier.FREE) -> None:
        self.now = now
        self.default = default

    async def open(self, work: UnitOfWork, organization_id: str, *, plan: Tier | None = None) -> BillingAccount:
        """The organization's account, opened now with its first cycle unless it has one; in whichever unit.

        Cycles are counted from midnight (UTC) of that day: they begin and end with days.
        """
        anchor = self.now().astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        tier, period = plan or self.default, period_at(anchor, anchor)
        values = {
            "id": new_id(),
            "organization_id": organization_id,
            "product": Product.EPOCH,
            "plan": tier,
            "status": status_of(tier),
            "anchor_at": period.starts_at,
            "period_start": period.starts_at,
            "period_end": period.ends_at,
            "overrides": {},
        }
        await repository.add_account(work, values)
        account = await repository.find_account(work, organization_id, lock=True)
        assert account is not None, "the account was written just now"
        await self.cycle_at(work, account, self.now())
        return account

    async def locked(self, work: UnitOfWork) -> BillingAccount:
        """The account of the unit's organization, held until the unit ends; opened if it never was."""
        account = await repository.find_account(work, work.organization_id, lock=True)
        return account or await self.open(work, work.organization_id)

    async def read(self, work: UnitOfWork) -> Reading:
        """How the account of the unit's organization stands now, without a lock or a write."""
        now = self.now()
        account = await repository.find_account(work, work.organization_id)
        terms = self.terms(account)
        cycle = None if account is None else await repository.find_cycle(work, account.id, now)
        if cycle is None:
            return Reading(account=account, terms=terms, cycle=empty_cycle(account, terms, now))
        return Reading(account=account, terms=terms, cycle=await repository.read_cycle(work, cycle))

    def terms(self, account: BillingAccount | None) -> Terms:
        """What the account may do now."""
        return terms_at(account, self.now(), default=self.default)

    async def cycle_at(self, work: UnitOfWork, account: BillingAccount, at: dt.datetime) -> UsageCycle:
        """The locked account's cycle of that instant, begun if nobody has; what falls due with it is done."""
        cycle = await repository.find_cycle(work, account.id, at)
        if cycle is not None:
            return cycle
        period = period_at(account.anchor_at, at)
        found = await repository.find_cycle(work, account.id, period.starts_at)
        if found is not None:  # what began before the first cycle counts in it
            return found
        terms = terms_at(account, max(at, period.starts_at), default=self.default)
        cycle = UsageCycle(
            id=new_id(),
            organization_id=account.organization_id,
            billing_account_id=account.id,
            plan=terms.tier,
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            included=ZERO,
            bonus_in=ZERO,
            included_seconds=terms.limit_seconds,
            waived_seconds=0,
        )
        work.session.add(cycle)
        if period.starts_at > account.period_start:
            await self._advance(work, account, period)
        await work.session.flush()
        return cycle

    async def limit_changed(self, work: UnitOfWork, account: BillingAccount) -> None:
        """Have the running cycle's limit follow the account's terms; by that no talk becomes overage."""
        cycle = await self.cycle_at(work, account, self.now())
        state = await repository.read_cycle(work, cycle)
        terms = self.terms(account)
        cycle.waived_seconds = state.waived_under(terms.limit_seconds)
        cycle.included_seconds, cycle.plan = terms.limit_seconds, terms.tier
        await work.session.flush()

    async def _advance(self, work: UnitOfWork, account: BillingAccount, period: Period) -> None:
        """The account stands in this period now: close what is over, and let what was to happen by then happen."""
        tier = tier_at(account, period.starts_at)
        if tier != account.plan:
            account.plan = tier
            account.status = SubscriptionState.CANCELED if tier is Tier.FREE else account.status
        if account.pending_plan is not None and (account.pending_at or account.period_end) <= period.starts_at:
            account.pending_plan = account.pending_at = None
        account.period_start, account.period_end = period.starts_at, period.ends_at
        await repository.close_cycles(work, account.id, ended_by=period.starts_at, now=self.now())


def status_of(tier: Tier) -> SubscriptionState:
    """The state of a subscription to this plan; FREE is none."""
    return SubscriptionState.NONE if tier is Tier.FREE else SubscriptionState.ACTIVE


def empty_cycle(account: BillingAccount | None, terms: Terms, at: dt.datetime) -> CycleState:
    """The cycle of that instant, in which nobody has written yet."""
    period = period_at(at if account is None else account.anchor_at, at)
    return CycleState(starts_at=period.starts_at, ends_at=period.ends_at, limit=terms.limit_seconds)
