"""The plan table is the published one."""

from decimal import Decimal

from voice_engine.domains.usage.plans import PAID, PLANS, TRIAL, PlanType


def test_prices_and_allotments_are_the_published_ones() -> None:
    table = [
        (plan.value, int(PLANS[plan].credits_allocated), PLANS[plan].price_cents, str(PLANS[plan].overage_rate))
        for plan in PAID
    ]

    assert table == [
        ("starter", 200, 19_00, "0.15"),
        ("pro", 600, 49_00, "0.10"),
        ("power", 1500, 99_00, "0.08"),
        ("business", 4500, 249_00, "0.05"),
    ]


def test_annual_and_list_prices_stand_beside() -> None:
    assert [PLANS[plan].annual_price_cents for plan in PAID] == [15_00, 39_00, 79_00, 239_00]
    assert PLANS[PlanType.BUSINESS].list_price_cents == 299_00


def test_starter_and_trial_have_no_overage() -> None:
    without = {plan.type for plan in PLANS.values() if not plan.overage_enabled}

    assert without == {PlanType.STARTER, PlanType.TRIAL, PlanType.PERSONAL}
    assert PLANS[PlanType.STARTER].spending_limit_cents == 0


def test_the_spending_limit_is_the_price() -> None:
    assert PLANS[PlanType.POWER].spending_limit_cents == 99_00


def test_the_trial_is_a_week_of_thirty_credits() -> None:
    assert (TRIAL.credits_allocated, TRIAL.period_days, TRIAL.price_cents) == (Decimal(30), 7, 100)
