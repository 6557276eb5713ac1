"""Seconds as minutes and as money. Pure, exact, rounded half up once, where they are shown."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
TENTH = Decimal("0.1")


def whole_seconds(seconds: float | Decimal) -> int:
    """A measured length (≥ 0) as the ledger keeps it."""
    return int(Decimal(str(seconds)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def minutes_of(seconds: int) -> Decimal:
    """Minutes with two places."""
    return (Decimal(seconds) / 60).quantize(CENT, rounding=ROUND_HALF_UP)


def seconds_of(minutes: Decimal) -> int:
    """Minutes (≥ 0, of any precision) as whole seconds."""
    return int((minutes * 60).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def cost_cents(seconds: int, rate_cents: int) -> int:
    """What seconds cost at so many cents a minute (12.5 minutes at 30: 375)."""
    return int((Decimal(seconds) * rate_cents / 60).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent_of(seconds: int, limit: int) -> Decimal:
    """How much of the limit that is, with one place; past 100 with overage, 0 when there is no limit to fill."""
    if limit <= 0:
        return Decimal("0.0")
    return (Decimal(seconds) * 100 / limit).quantize(TENTH, rounding=ROUND_HALF_UP)
