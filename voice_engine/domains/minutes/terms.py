"""What an account may do at an instant, and what its cycle comes to. Pure: rows in, values out.

```
remaining = limit - used - reserved by live calls        none left and overage off: no call begins
billable  = all of a call with overage, else what of it fits under the limit
overage   = used - limit - waived                        what bills are made of
```
"""

import datetime as dt
from dataclasses import dataclass

from voice_engine.domains.minutes.figures import cost_cents
from voice_engine.domains.minutes.plans import TIERS, Tier
from voice_engine.domains.usage.models import BillingAccount, SubscriptionState

LIMIT = "limit_seconds"
"""The key of `BillingAccount.overrides` under which an administrator's own limit of a cycle stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """An account's plan and what was agreed beside it.

    Attributes:
        limit_seconds: of one cycle.
        rate_cents: for a minute beyond; None: there is no overage at any price.
        wants_overage: whether the business, or an administrator, switched it on.
    """

    tier: Tier
    limit_seconds: int
    rate_cents: int | None
    wants_overage: bool

    @property
    def overage_on(self) -> bool:
        """Whether calls may go on past the limit."""
        return self.wants_overage and self.rate_cents is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleState:
    """A cycle in whole seconds. `used` are billable ones, `reserved` those that live calls hold."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    limit: int
    used: int = 0
    reserved: int = 0
    waived: int = 0

    @property
    def remaining(self) -> int:
        """What a new call may hold without overage."""
        return max(0, self.limit - self.used - self.reserved)

    @property
    def overage(self) -> int:
        """Used beyond the limit."""
        return max(0, self.used - self.limit - self.waived)

    def billable(self, seconds: int, *, with_overage: bool) -> int:
        """How much of a call that ends now counts."""
        return seconds if with_overage else min(seconds, max(0, self.limit - self.used))

    def waived_under(self, limit: int) -> int:
        """What must be waived once the limit is this one, so that no talk within the old one becomes overage."""
        beyond = max(0, self.used - limit)
        return beyond - min(beyond, self.overage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overage:
    """What is owed beyond the limits, in whole seconds. `unbilled`: of all cycles, on no bill yet."""

    this_cycle: int
    unbilled: int
    terms: Terms

    @property
    def estimate_cents(self) -> int:
        """What the unbilled part will cost."""
        return cost_cents(self.unbilled, self.terms.rate_cents or 0)


def terms_at(account: BillingAccount | None, at: dt.datetime, *, default: Tier = Tier.FREE) -> Terms:
    """The account's terms at the aware instant `at`, whether or not anybody has written a change down since.

    Args:
        default: the plan of a business whose account was never opened.
    """
    tier = default if account is None else tier_at(account, at)
    plan = TIERS[tier]
    if account is None:
        return Terms(tier=tier, limit_seconds=plan.minutes * 60, rate_cents=plan.overage_cents, wants_overage=False)
    own = account.overrides.get(LIMIT)
    rate = account.rate_cents_per_min
    return Terms(
        tier=tier,
        limit_seconds=plan.minutes * 60 if own is None else int(own),
        rate_cents=plan.overage_cents if rate is None else rate,
        wants_overage=bool(account.overage_enabled),
    )


def tier_at(account: BillingAccount, at: dt.datetime) -> Tier:
    """The plan in force: a cancelled one ends at its `effective_at`, a smaller one begins at its `pending_at`."""
    if account.status in {SubscriptionState.CANCELED, SubscriptionState.EXPIRED}:
        return Tier.FREE
    if account.effective_at is not None and account.effective_at <= at:
        return Tier.FREE
    if account.pending_plan is not None and (account.pending_at or account.period_end) <= at:
        return Tier(account.pending_plan)
    return Tier(account.plan)
