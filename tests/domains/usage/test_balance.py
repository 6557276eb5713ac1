"""A period's arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.usage.balance import Balance, Terms, Totals

D = Decimal
STRICT = Terms(overage_enabled=False, overage_rate=D("0.15"), spending_limit_cents=0)
PRO = Terms(overage_enabled=True, overage_rate=D("0.10"), spending_limit_cents=4900)
AMOUNTS = st.decimals(min_value=0, max_value=1000, places=2)


def balance(terms: Terms = STRICT, *, bonus_in: str = "0", **totals: str) -> Balance:
    sums = Totals(**{name: D(value) for name, value in totals.items()})
    return Balance(bonus_in=D(bonus_in), totals=sums, terms=terms)


def test_holds_are_shown_apart_and_are_not_free() -> None:
    state = balance(plan="10", used="3", held="2.5")

    assert (state.remaining, state.held, state.free) == (D(7), D("2.5"), D("4.5"))


def test_overage_counts_beyond_plan_and_bonus() -> None:
    state = balance(PRO, plan="600", bonus="10", used="612.34")

    assert (state.remaining, state.overage, state.overage_dollars) == (D(0), D("2.34"), D("0.23"))
    assert state.free == D("487.66")


@pytest.mark.parametrize(
    ("used", "held", "carried"), [("0", "0", "15"), ("600", "0", "15"), ("604", "0", "11"), ("604", "20", "0")]
)
def test_bonus_credits_are_used_after_the_plans(used: str, held: str, carried: str) -> None:
    assert balance(plan="600", bonus="10", bonus_in="5", used=used, held=held).carried_out == D(carried)


def test_a_limit_that_buys_no_whole_hundredth_is_rounded_down() -> None:
    terms = Terms(overage_enabled=True, overage_rate=D("0.15"), spending_limit_cents=100)

    assert terms.overage_allowed == D("6.66")


@given(
    plan=AMOUNTS, bonus=AMOUNTS, bonus_in=AMOUNTS, used=AMOUNTS, held=AMOUNTS, terms=st.sampled_from([STRICT, PRO])
)
def test_amounts_hang_together(
    plan: Decimal, bonus: Decimal, bonus_in: Decimal, used: Decimal, held: Decimal, terms: Terms
) -> None:
    state = Balance(bonus_in=bonus_in, totals=Totals(plan=plan, bonus=bonus, used=used, held=held), terms=terms)

    assert state.remaining - state.overage == state.allocated - state.used
    assert min(state.remaining, state.overage) == 0
    assert 0 <= state.carried_out <= bonus_in + bonus
    assert state.free >= 0
