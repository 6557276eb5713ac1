"""Minutes and calls for clients of the older reference, derived from credits.

A reference call is 6 minutes and costs 1.6 credits: the older plan of 210 minutes counted as 35 calls.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CALL_CREDITS = Decimal("1.6")
CALL_MINUTES = 6
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyUsage:
    """Allowances derived from credits; used figures count real calls of the period."""

    calls_allocated: int
    calls_used: int
    minutes_allocated: int
    minutes_used: Decimal

    @property
    def calls_remaining(self) -> int:
        """Never negative."""
        return max(0, self.calls_allocated - self.calls_used)

    @property
    def minutes_remaining(self) -> Decimal:
        """Never negative."""
        return max(Decimal(0), self.minutes_allocated - self.minutes_used)

    @property
    def percentage(self) -> Decimal:
        """Minutes used of those allocated, one decimal; 0 where nothing is allocated."""
        if self.minutes_allocated == 0:
            return Decimal("0.0")
        return (100 * self.minutes_used / self.minutes_allocated).quantize(TENTH, rounding=ROUND_HALF_UP)


def legacy_calls(credits_allocated: Decimal) -> int:
    """How many reference calls these credits pay."""
    return int(credits_allocated // CALL_CREDITS)


def legacy_minutes(credits_allocated: Decimal) -> int:
    """The minutes of those calls."""
    return legacy_calls(credits_allocated) * CALL_MINUTES


def legacy_usage(credits_allocated: Decimal, *, calls_used: int, seconds_used: Decimal) -> LegacyUsage:
    """The mirror of a period: `seconds_used` is connected time."""
    return LegacyUsage(
        calls_allocated=legacy_calls(credits_allocated),
        calls_used=calls_used,
        minutes_allocated=legacy_minutes(credits_allocated),
        minutes_used=(seconds_used / 60).quantize(TENTH, rounding=ROUND_HALF_UP),
    )
