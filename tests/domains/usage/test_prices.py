"""What actions cost, and how long a hold lasts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.usage.prices import CHEAPEST_CALL, FIXED, Action, call_hold, call_price, paid_seconds


@pytest.mark.parametrize(
    ("seconds", "price"),
    [(None, "0"), (0, "1.1"), (0.4, "1.1"), (60, "1.1"), (60.01, "1.2"), (95.2, "1.2"), (900, "2.5")],
)
def test_a_call_costs_its_base_and_each_started_minute(seconds: float | None, price: str) -> None:
    assert call_price(seconds) == Decimal(price)


def test_everything_else_has_one_price() -> None:
    assert {action.value: str(price) for action, price in FIXED.items()} == {
        "search": "0.5",
        "email_send": "0.3",
        "booking": "0.5",
        "bill_analysis": "1.0",
        "ride": "0.5",
        "food": "0.5",
        "errand": "1.0",
    }
    assert set(Action) - set(FIXED) == {Action.CALL, Action.ADJUSTMENT}


@given(st.decimals(min_value=CHEAPEST_CALL, max_value=100, places=2))
def test_a_hold_pays_exactly_for_the_time_it_allows(free: Decimal) -> None:
    """A call cut at its limit costs what was held, and that was free."""
    held = call_hold(free)
    seconds = paid_seconds(held)

    assert held <= free
    assert call_price(seconds) == held
    assert 60 <= seconds <= 900
    assert seconds == 900 or call_price(seconds + 1) > free


def test_too_little_held_allows_no_time() -> None:
    assert paid_seconds(Decimal("1.0")) == 0
    assert paid_seconds(Decimal("0.5")) == 0
