"""The plan table: what each plan gives and costs. Billing, refusals and the lists that clients read share it.

Source: the published API reference (allotments, monthly prices, overage rates) and the assistant reference (annual
prices, the trial offer). Where they differ on Business, 249 a month is charged and 299 is shown as the list price.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

CURRENCY = "usd"

FEATURES = ("phone calls", "email", "calendar")


class PlanType(StrEnum):
    """A plan's key. `trial` is an offer, `personal` a plan of old accounts; neither can be changed to."""

    TRIAL = "trial"
    STARTER = "starter"
    PRO = "pro"
    POWER = "power"
    BUSINESS = "business"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan.

    Attributes:
        credits_allocated: granted at the start of each period.
        price_cents: charged a month, US cents.
        annual_price_cents: a month when billed yearly.
        list_price_cents: shown beside the price.
        overage_rate: US dollars for a credit beyond the allotment.
        overage_enabled: whether calls go on beyond it, up to a spending limit.
        period_days: length of a plan that ends; None: monthly, renewed.
    """

    type: PlanType
    name: str
    credits_allocated: Decimal
    price_cents: int
    annual_price_cents: int
    list_price_cents: int
    overage_rate: Decimal
    overage_enabled: bool
    period_days: int | None = None

    @property
    def price_id(self) -> str:
        """The price's name at the payment provider, billed monthly."""
        return f"price_{self.type}_monthly"

    @property
    def spending_limit_cents(self) -> int:
        """How much overage a period may cost unless the account says otherwise: the plan's price."""
        return self.price_cents if self.overage_enabled else 0


def _plan(
    type_: PlanType, *, credits_allocated: int, dollars: tuple[int, int, int], rate: str, overage: bool
) -> Plan:
    monthly, annual, listed = dollars
    return Plan(
        type=type_,
        name=type_.value.capitalize(),
        credits_allocated=Decimal(credits_allocated),
        price_cents=monthly * 100,
        annual_price_cents=annual * 100,
        list_price_cents=listed * 100,
        overage_rate=Decimal(rate),
        overage_enabled=overage,
        period_days=7 if type_ is PlanType.TRIAL else None,
    )


PLANS: Mapping[PlanType, Plan] = MappingProxyType(
    {
        plan.type: plan
        for plan in (
            _plan(PlanType.TRIAL, credits_allocated=30, dollars=(1, 1, 1), rate="0.15", overage=False),
            _plan(PlanType.STARTER, credits_allocated=200, dollars=(19, 15, 19), rate="0.15", overage=False),
            _plan(PlanType.PRO, credits_allocated=600, dollars=(49, 39, 49), rate="0.10", overage=True),
            _plan(PlanType.POWER, credits_allocated=1500, dollars=(99, 79, 99), rate="0.08", overage=True),
            _plan(PlanType.BUSINESS, credits_allocated=4500, dollars=(249, 239, 299), rate="0.05", overage=True),
            # 35 calls of 1.6 credits, the older reference's 210 minutes.
            _plan(PlanType.PERSONAL, credits_allocated=56, dollars=(19, 19, 19), rate="0.15", overage=False),
        )
    }
)

PAID = (PlanType.STARTER, PlanType.PRO, PlanType.POWER, PlanType.BUSINESS)
"""The plans that can be chosen, the smallest first."""

TRIAL = PLANS[PlanType.TRIAL]
