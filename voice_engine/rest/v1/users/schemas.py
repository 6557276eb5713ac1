"""Bodies of the User operations, as the contract has them: the older reference's minutes beside credits."""

import datetime as dt

from pydantic import BaseModel


class SubscribedPlan(BaseModel):
    """The plan of a subscription. `minutes_included` is the legacy equivalent of its credits."""

    type: str
    period: str
    minutes_included: int
    credits_included: int


class UserSubscription(BaseModel):
    """Older view of the subscription record. `management_url` None: nothing to manage, as on one's own server."""

    has_active_subscription: bool
    provider: str | None
    plan: SubscribedPlan | None
    status: str
    expires_at: dt.datetime | None
    auto_renew: bool
    management_url: str | None


class UserStatistics(BaseModel):
    """Older view of usage: real calls and minutes, allowances derived from credits, remaining never negative."""

    plan_type: str
    minutes_allocated: float
    minutes_used: float
    minutes_remaining: float
    calls_allocated: int
    calls_used: int
    calls_remaining: int
    period_start: dt.datetime
    period_end: dt.datetime
    usage_percentage: float
    subscription_status: str
    credits_allocated: float
    credits_used: float
    credits_remaining: float
