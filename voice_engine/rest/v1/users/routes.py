"""The signed-in user's subscription and usage."""

from fastapi import Request

from voice_engine.domains.usage.accounts import Running
from voice_engine.domains.usage.readings import Statistics, Subscription, read_statistics, read_subscription
from voice_engine.rest.security import Caller
from voice_engine.rest.v1.credits.period import in_period
from voice_engine.rest.v1.router import operation, v1_router
from voice_engine.rest.v1.users.schemas import SubscribedPlan, UserStatistics, UserSubscription
from voice_engine.store.uow import UnitOfWork

router = v1_router("User")

READ = operation("subscription:read")


@router.get("/v1/users/me/subscription", openapi_extra=READ)
async def read_user_subscription(request: Request, caller: Caller) -> UserSubscription:
    """The subscription: plan, state, when the period ends."""

    async def read(_work: UnitOfWork, running: Running) -> Subscription:
        return read_subscription(running)

    return _subscription(await in_period(request, caller, read))


@router.get("/v1/users/me/statistics", openapi_extra=READ)
async def read_user_statistics(request: Request, caller: Caller) -> UserStatistics:
    """The running period's calls and minutes, counted from real calls."""
    return _statistics(await in_period(request, caller, read_statistics))


def _subscription(subscription: Subscription) -> UserSubscription:
    plan = subscription.plan
    return UserSubscription(
        has_active_subscription=subscription.is_live,
        provider=None if plan is None else subscription.provider,
        plan=None
        if plan is None
        else SubscribedPlan(
            type=plan,
            period="annual" if subscription.annual else "monthly",
            minutes_included=subscription.minutes_included,
            credits_included=int(subscription.credits_included),
        ),
        status=subscription.status,
        expires_at=None if plan is None else subscription.expires_at,
        auto_renew=subscription.auto_renew,
        management_url=None,
    )


def _statistics(statistics: Statistics) -> UserStatistics:
    usage, balance = statistics.usage, statistics.period.balance
    return UserStatistics(
        plan_type=statistics.period.plan,
        minutes_allocated=usage.minutes_allocated,
        minutes_used=usage.minutes_used,
        minutes_remaining=usage.minutes_remaining,
        calls_allocated=usage.calls_allocated,
        calls_used=usage.calls_used,
        calls_remaining=usage.calls_remaining,
        period_start=statistics.period.starts_at,
        period_end=statistics.period.ends_at,
        usage_percentage=usage.percentage,
        subscription_status=statistics.status,
        credits_allocated=balance.allocated,
        credits_used=balance.used,
        credits_remaining=balance.remaining,
    )
