"""Plans as the payment provider sells them."""

from voice_engine.domains.usage.plans import CURRENCY, FEATURES, PAID, PLANS, TRIAL, Plan
from voice_engine.rest.security import PUBLIC
from voice_engine.rest.v1.router import operation, v1_router
from voice_engine.rest.v1.stripe.schemas import StripePlan, StripePlans, TrialOffer

router = v1_router("Stripe")


@router.get("/v1/stripe/plans", openapi_extra=operation(PUBLIC))
async def list_stripe_plans() -> StripePlans:
    """The plans with their price ids, and the trial offer."""
    assert TRIAL.period_days is not None, "a trial ends"
    return StripePlans(
        plans=[_plan(PLANS[plan]) for plan in PAID],
        trial=TrialOffer(
            price=TRIAL.price_cents / 100,
            currency=CURRENCY,
            money_back_guarantee=True,
            credits=int(TRIAL.credits_allocated),
            days=TRIAL.period_days,
        ),
    )


def _plan(plan: Plan) -> StripePlan:
    return StripePlan(
        id=plan.price_id,
        plan_type=plan.type,
        name=plan.name,
        price_monthly=plan.price_cents / 100,
        list_price_monthly=plan.list_price_cents / 100,
        annual_price_monthly=plan.annual_price_cents / 100,
        credits_allocated=int(plan.credits_allocated),
        overage_enabled=plan.overage_enabled,
        overage_rate=str(plan.overage_rate),
        currency=CURRENCY,
        features=list(FEATURES),
    )
