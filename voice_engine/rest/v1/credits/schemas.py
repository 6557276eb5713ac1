"""Bodies of the Credits operations, as the contract has them. Credits are JSON numbers, money is text."""

from typing import Literal

from voice_engine.rest.wire import Amount, ResponseBody, Timestamp


class CreditBalance(ResponseBody):
    """Ledger sums for the running period. remaining = allocated - used while there is no overage."""

    credits_remaining: Amount
    credits_used: Amount
    credits_allocated: Amount
    plan_type: str
    period_start: Timestamp
    period_end: Timestamp
    credits_reserved: Amount
    overage_enabled: bool
    overage_credits: Amount
    overage_amount: str


class CreditEntryItem(ResponseBody):
    """A ledger line. `credits` is a magnitude; `direction` tells a charge from a grant or refund."""

    id: str
    type: str
    description: str
    credits: Amount
    timestamp: Timestamp
    goal_id: str | None
    direction: Literal["debit", "credit"]
    resource_id: str | None
    balance_after: Amount


class CreditHistory(ResponseBody):
    """Ledger lines, newest first."""

    entries: list[CreditEntryItem]
    total: int
    limit: int
    offset: int
    has_more: bool


class ActionSpending(ResponseBody):
    """What one action type came to."""

    action_type: str
    credits_total: Amount
    transaction_count: int


class CreditBreakdown(ResponseBody):
    """Spending of the period by action type; total_spent is the sum and equals balance.credits_used."""

    items: list[ActionSpending]
    total_spent: Amount
    period_start: Timestamp
    period_end: Timestamp


class CostReference(ResponseBody):
    """The price list that charging really uses: by action, by unit."""

    costs: dict[str, dict[str, float]]


class CreditPlan(ResponseBody):
    """A plan. Prices are US dollars a month, `overage_rate` US dollars a credit beyond the allotment."""

    name: str
    credits_allocated: int
    price_monthly: float
    overage_rate: str
    overage_enabled: bool
    annual_price_monthly: float


class CreditPlans(ResponseBody):
    """Keyed by plan."""

    plans: dict[str, CreditPlan]
