"""Credits: what is left, what it went to, what things cost."""

from typing import Annotated

from fastapi import Query, Request

from voice_engine.core.dialogue.credits import BASE, PER_STARTED_MINUTE
from voice_engine.domains.usage.accounts import Running
from voice_engine.domains.usage.plans import PAID, PLANS
from voice_engine.domains.usage.prices import FIXED, Action
from voice_engine.domains.usage.readings import (
    History,
    HistoryLine,
    PeriodReading,
    Spending,
    read_history,
    read_period,
    read_spending,
)
from voice_engine.rest.security import PUBLIC, Caller
from voice_engine.rest.v1.credits.period import in_period
from voice_engine.rest.v1.credits.schemas import (
    ActionSpending,
    CostReference,
    CreditBalance,
    CreditBreakdown,
    CreditEntryItem,
    CreditHistory,
    CreditPlan,
    CreditPlans,
)
from voice_engine.rest.v1.router import operation, v1_router
from voice_engine.store.uow import UnitOfWork

router = v1_router("Credits")

READ = operation("credits:read")

UNITS = {
    Action.SEARCH: "per_query",
    Action.EMAIL_SEND: "per_email",
    Action.BOOKING: "per_booking",
    Action.BILL_ANALYSIS: "per_analysis",
    Action.RIDE: "per_request",
    Action.FOOD: "per_order",
    Action.ERRAND: "per_errand",
}
"""What one charge of each action is called in the price list."""


@router.get("/v1/credits/balance", openapi_extra=READ)
async def read_balance(request: Request, caller: Caller) -> CreditBalance:
    """What the running period was given, spent, holds and has left; a new period begins when its time has come."""

    async def read(_work: UnitOfWork, running: Running) -> PeriodReading:
        return read_period(running)

    return _balance(await in_period(request, caller, read))


@router.get("/v1/credits/history", openapi_extra=READ)
async def list_history(
    request: Request,
    caller: Caller,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> CreditHistory:
    """Charges, refunds and grants, newest first. Holds move no credits and are not listed."""

    async def read(work: UnitOfWork, _running: Running) -> History:
        return await read_history(work, limit=limit, offset=offset)

    page = await in_period(request, caller, read)
    return CreditHistory(
        entries=[_entry(line) for line in page.lines],
        total=page.total,
        limit=limit,
        offset=offset,
        has_more=offset + len(page.lines) < page.total,
    )


@router.get("/v1/credits/breakdown", openapi_extra=READ)
async def read_breakdown(request: Request, caller: Caller) -> CreditBreakdown:
    """The running period's spending by type of action, less what was refunded."""
    return _breakdown(await in_period(request, caller, read_spending))


@router.get("/v1/credits/costs", openapi_extra=operation(PUBLIC))
async def read_costs() -> CostReference:
    """The price list that charging uses."""
    costs = {action.value: {UNITS[action]: float(price)} for action, price in FIXED.items()}
    call = {"base": float(BASE), "per_minute": float(PER_STARTED_MINUTE)}
    return CostReference(costs={Action.CALL.value: call, **costs})


@router.get("/v1/credits/plans", openapi_extra=operation(PUBLIC))
async def list_plans() -> CreditPlans:
    """The plans and their prices."""
    plans = [PLANS[plan] for plan in PAID]
    return CreditPlans(
        plans={
            plan.type.value: CreditPlan(
                name=plan.name,
                credits_allocated=int(plan.credits_allocated),
                price_monthly=plan.price_cents / 100,
                overage_rate=str(plan.overage_rate),
                overage_enabled=plan.overage_enabled,
                annual_price_monthly=plan.annual_price_cents / 100,
            )
            for plan in plans
        }
    )


def _balance(period: PeriodReading) -> CreditBalance:
    balance = period.balance
    return CreditBalance(
        credits_remaining=balance.remaining,
        credits_used=balance.used,
        credits_allocated=balance.allocated,
        plan_type=period.plan,
        period_start=period.starts_at,
        period_end=period.ends_at,
        credits_reserved=balance.held,
        overage_enabled=balance.terms.overage_enabled,
        overage_credits=balance.overage,
        overage_amount=str(balance.overage_dollars),
    )


def _entry(line: HistoryLine) -> CreditEntryItem:
    return CreditEntryItem(
        id=line.id,
        type=line.type,
        description=line.description,
        credits=line.credits,
        timestamp=line.occurred_at,
        goal_id=line.goal_id,
        direction=line.direction.value,
        resource_id=line.resource_id,
        balance_after=line.balance_after,
    )


def _breakdown(spending: Spending) -> CreditBreakdown:
    return CreditBreakdown(
        items=[
            ActionSpending(action_type=row.action, credits_total=row.credits, transaction_count=row.count)
            for row in spending.actions
        ],
        total_spent=spending.total,
        period_start=spending.period.starts_at,
        period_end=spending.period.ends_at,
    )
