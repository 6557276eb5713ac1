"""Bodies of the Credits operations, as the contract has them. Credits are JSON numbers, money is text."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel


class CreditBalance(BaseModel):
    """Ledger sums for the running period. remaining = allocated - used while there is no overage."""

    credits_remaining: float
    credits_used: float
    credits_allocated: float
    plan_type: str
    period_start: dt.datetime
    period_end: dt.datetime
    credits_reserved: float
    overage_enabled: bool
    overage_credits: float
    overage_amount: str


class CreditEntryItem(BaseModel):
    """A ledger line. `credits` is a magnitude; `direction` tells a charge from a grant or refund."""

    id: str
    type: str
    description: str
    credits: float
    timestamp: dt.datetime
    goal_id: str | None
    direction: Literal["debit", "credit"]
    resource_id: str | None
    balance_after: float


class CreditHistory(BaseModel):
    """Ledger lines, newest first."""

    entries: list[CreditEntryItem]
    total: int
    limit: int
    offset: int
    has_more: bool


class ActionSpending(BaseModel):
    """What one action type came to."""

    action_type: str
    credits_total: float
    transaction_count: int


class CreditBreakdown(BaseModel):
    """Spending of the period by action type; total_spent is the sum and equals balance.credits_used."""

    items: list[ActionSpending]
    total_spent: float
    period_start: dt.datetime
    period_end: dt.datetime


class CostReference(BaseModel):
    """The price list that charging really uses: by action, by unit."""

    costs: dict[str, dict[str, float]]


class CreditPlan(BaseModel):
    """A plan. Prices are US dollars a month, `overage_rate` US dollars a credit beyond the allotment."""

    name: str
    credits_allocated: int
    price_monthly: float
    overage_rate: str
    overage_enabled: bool
    annual_price_monthly: float


class CreditPlans(BaseModel):
    """Keyed by plan."""

    plans: dict[str, CreditPlan]
