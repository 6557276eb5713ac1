"""Bodies of the Stripe operations, as the contract has them."""

from voice_engine.rest.wire import ResponseBody


class StripePlan(ResponseBody):
    """A plan with its price. `price_monthly` is charged, `list_price_monthly` shown beside it; US dollars."""

    id: str
    plan_type: str
    name: str
    price_monthly: float
    list_price_monthly: float
    annual_price_monthly: float
    credits_allocated: int
    overage_enabled: bool
    overage_rate: str
    currency: str
    features: list[str]


class TrialOffer(ResponseBody):
    """What trying costs and gives."""

    price: float
    currency: str
    money_back_guarantee: bool
    credits: int
    days: int


class StripePlans(ResponseBody):
    """All paid plans and the trial offer."""

    plans: list[StripePlan]
    trial: TrialOffer
