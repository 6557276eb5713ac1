"""Seconds as minutes and money."""

from decimal import Decimal

import pytest

from voice_engine.domains.minutes.figures import cost_cents, minutes_of, percent_of, seconds_of, whole_seconds


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(0, "0.00"), (330, "5.50"), (20, "0.33"), (40, "0.67"), (3, "0.05"), (4, "0.07"), (8_550, "142.50")],
)
def test_minutes_have_two_places_rounded_half_up(seconds: int, minutes: str) -> None:
    assert str(minutes_of(seconds)) == minutes


@pytest.mark.parametrize(
    ("measured", "seconds"), [(0.0, 0), (0.49, 0), (0.5, 1), (95.2, 95), (2.5, 3), (3.5, 4), (329.999, 330)]
)
def test_a_measured_length_is_rounded_half_up(measured: float, seconds: int) -> None:
    """Not to the even one, as the built-in rounding would."""
    assert whole_seconds(measured) == seconds


@pytest.mark.parametrize(
    ("seconds", "rate", "cents"), [(750, 30, 375), (312, 30, 156), (1, 30, 1), (0, 30, 0), (90, 1, 2), (600, 0, 0)]
)
def test_the_price_is_rounded_once(seconds: int, rate: int, cents: int) -> None:
    assert cost_cents(seconds, rate) == cents


@pytest.mark.parametrize(
    ("used", "limit", "percent"),
    [(8_550, 30_000, "28.5"), (0, 600, "0.0"), (900, 600, "150.0"), (1, 3, "33.3"), (600, 0, "0.0")],
)
def test_a_share_has_one_place_and_passes_a_hundred(used: int, limit: int, percent: str) -> None:
    assert str(percent_of(used, limit)) == percent


def test_a_limit_in_parts_of_minutes_is_whole_seconds() -> None:
    assert [seconds_of(Decimal(text)) for text in ("3000", "0.05", "0.008", "0")] == [180_000, 3, 0, 0]
