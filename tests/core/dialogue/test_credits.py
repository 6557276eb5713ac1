"""What a call costs."""

from decimal import Decimal

import pytest

from voice_engine.core.dialogue.credits import call_credits


@pytest.mark.parametrize(
    ("seconds", "price"),
    [(0.4, "1.1"), (60.0, "1.1"), (60.1, "1.2"), (95.2, "1.2"), (360.0, "1.6"), (900.0, "2.5")],
)
def test_each_started_minute_costs_a_tenth(seconds: float, price: str) -> None:
    assert str(call_credits(seconds, connected=True)) == price


def test_a_call_that_did_not_connect_is_free() -> None:
    assert call_credits(40.0, connected=False) == Decimal(0)


def test_the_price_is_an_exact_decimal() -> None:
    total = sum((call_credits(61.0, connected=True) for _ in range(10)), Decimal(0))

    assert total == Decimal(12)
