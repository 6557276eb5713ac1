"""What an account may do at an instant, and what its cycle comes to."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.minutes.plans import TIERS, Tier
from voice_engine.domains.minutes.terms import LIMIT, CycleState, terms_at, tier_at
from voice_engine.domains.usage.models import BillingAccount, SubscriptionState

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
END = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)


def account(plan: Tier = Tier.PRO, **columns: object) -> BillingAccount:
    values = {"status": SubscriptionState.ACTIVE, "overrides": {}, **columns}
    return BillingAccount(plan=plan, anchor_at=START, period_start=START, period_end=END, **values)


def state(limit: int, *, used: int = 0, reserved: int = 0, waived: int = 0) -> CycleState:
    return CycleState(starts_at=START, ends_at=END, limit=limit, used=used, reserved=reserved, waived=waived)


@pytest.mark.parametrize("tier", Tier)
def test_a_plans_own_terms(tier: Tier) -> None:
    terms = terms_at(account(tier), LATER)

    assert (terms.limit_seconds, terms.rate_cents) == (TIERS[tier].minutes * 60, TIERS[tier].overage_cents)
    assert not terms.overage_on


def test_an_account_that_was_never_opened_is_on_the_default_plan() -> None:
    assert terms_at(None, LATER).tier is Tier.FREE
    assert terms_at(None, LATER, default=Tier.PRO).limit_seconds == 30_000


def test_what_was_agreed_beside_the_plan_counts() -> None:
    terms = terms_at(account(overrides={LIMIT: 90}, rate_cents_per_min=7, overage_enabled=True), LATER)

    assert (terms.limit_seconds, terms.rate_cents, terms.overage_on) == (90, 7, True)


def test_overage_without_a_rate_is_off() -> None:
    """A plan without overage leaves the switch as it was, and without effect."""
    assert not terms_at(account(Tier.FREE, overage_enabled=True), LATER).overage_on
    assert terms_at(account(Tier.FREE, overage_enabled=True, rate_cents_per_min=0), LATER).overage_on


@pytest.mark.parametrize(
    ("columns", "tier"),
    [
        ({}, Tier.PRO),
        ({"effective_at": LATER}, Tier.FREE),
        ({"effective_at": LATER + dt.timedelta(seconds=1)}, Tier.PRO),
        ({"pending_plan": Tier.STARTER}, Tier.PRO),
        ({"pending_plan": Tier.STARTER, "pending_at": LATER}, Tier.STARTER),
        ({"pending_plan": Tier.STARTER, "period_end": LATER}, Tier.STARTER),
        ({"status": SubscriptionState.CANCELED}, Tier.FREE),
        ({"status": SubscriptionState.PAST_DUE}, Tier.PRO),
    ],
)
def test_what_was_to_happen_by_now_has_happened(columns: dict[str, object], tier: Tier) -> None:
    """Without a job that writes it down."""
    made = account()
    for name, value in columns.items():
        setattr(made, name, value)

    assert tier_at(made, LATER) is tier


def test_live_calls_take_of_what_remains() -> None:
    assert state(600, used=100, reserved=300).remaining == 200
    assert state(600, used=500, reserved=300).remaining == 0


@pytest.mark.parametrize(
    ("used", "seconds", "with_overage", "billable"),
    [(0, 60, False, 60), (580, 60, False, 20), (600, 60, False, 0), (700, 60, False, 0), (600, 60, True, 60)],
)
def test_a_call_counts_up_to_the_limit_or_whole(used: int, seconds: int, with_overage: bool, billable: int) -> None:
    assert state(600, used=used).billable(seconds, with_overage=with_overage) == billable


seconds = st.integers(min_value=0, max_value=10_000)


@given(used=seconds, limits=st.lists(seconds, min_size=1, max_size=8))
def test_changing_the_limit_never_makes_overage(used: int, limits: list[int]) -> None:
    """However often it goes up and down: what stands above the limit is owed as before, or waived."""
    now = state(limits[0], used=used)
    for limit in limits[1:]:
        then = state(limit, used=used, waived=now.waived_under(limit))
        assert then.overage <= now.overage
        assert then.overage + then.waived == max(0, used - limit)
        now = then


@given(limit=seconds, used=seconds, waived=seconds)
def test_talk_after_a_change_is_overage_by_the_second(limit: int, used: int, waived: int) -> None:
    waived = min(waived, max(0, used - limit))
    before, after = (state(limit, used=used + more, waived=waived) for more in (0, 10))

    assert after.overage - before.overage == min(10, max(0, used + 10 - limit))
