"""Bodies of the User operations, as the contract has them: the older reference's minutes beside credits."""

from voice_engine.rest.wire import Amount, ResponseBody, Timestamp


class SubscribedPlan(ResponseBody):
    """The plan of a subscription. `minutes_included` is the legacy equivalent of its credits."""

    type: str
    period: str
    minutes_included: int
    credits_included: int


class UserSubscription(ResponseBody):
    """Older view of the subscription record. `management_url` None: nothing to manage, as on one's own server."""

    has_active_subscription: bool
    provider: str | None
    plan: SubscribedPlan | None
    status: str
    expires_at: Timestamp | None
    auto_renew: bool
    management_url: str | None


class UserStatistics(ResponseBody):
    """Older view of usage: real calls and minutes, allowances derived from credits, remaining never negative."""

    plan_type: str
    minutes_allocated: float
    minutes_used: Amount
    minutes_remaining: Amount
    calls_allocated: int
    calls_used: int
    calls_remaining: int
    period_start: Timestamp
    period_end: Timestamp
    usage_percentage: Amount
    subscription_status: str
    credits_allocated: Amount
    credits_used: Amount
    credits_remaining: Amount
