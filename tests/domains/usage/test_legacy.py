"""Minutes and calls, derived."""

from decimal import Decimal

import pytest

from voice_engine.domains.usage.legacy import legacy_calls, legacy_minutes, legacy_usage

D = Decimal


@pytest.mark.parametrize(("credits", "calls"), [("56", 35), ("600", 375), ("1.59", 0), ("1.6", 1), ("30", 18)])
def test_a_reference_call_is_six_minutes_for_1_6_credits(credits: str, calls: int) -> None:
    assert legacy_calls(D(credits)) == calls
    assert legacy_minutes(D(credits)) == 6 * calls


def test_the_older_sample_reads_the_same() -> None:
    """210 minutes, 45 used, 8 of 35 calls: 21.4 %."""
    usage = legacy_usage(D(56), calls_used=8, seconds_used=D(2700))

    assert (usage.minutes_remaining, usage.calls_remaining, usage.percentage) == (D(165), 27, D("21.4"))


def test_nothing_remaining_is_never_negative() -> None:
    usage = legacy_usage(D("1.6"), calls_used=3, seconds_used=D(900))

    assert (usage.minutes_remaining, usage.calls_remaining, usage.percentage) == (D(0), 0, D("250.0"))


def test_an_empty_allotment_has_no_percentage() -> None:
    assert legacy_usage(D(0), calls_used=1, seconds_used=D(60)).percentage == 0
