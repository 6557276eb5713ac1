"""What each action costs: the list that charging uses and that clients read."""

import math
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from voice_engine.core.dialogue.credits import BASE, PER_STARTED_MINUTE, call_credits

LONGEST_CALL_MINUTES = 15
"""A call's hold pays for at most this long, and the call is cut there (docs/ARCHITECTURE.md, limits of a call)."""

CHEAPEST_CALL = BASE + PER_STARTED_MINUTE
"""What must be free for a call to start: its base and one minute."""


class Action(StrEnum):
    """What is charged for. The values are the wire's."""

    CALL = "call"
    SEARCH = "search"
    EMAIL_SEND = "email_send"
    BOOKING = "booking"
    BILL_ANALYSIS = "bill_analysis"
    RIDE = "ride"
    FOOD = "food"
    ERRAND = "errand"
    ADJUSTMENT = "adjustment"


FIXED = {
    Action.SEARCH: Decimal("0.5"),
    Action.EMAIL_SEND: Decimal("0.3"),
    Action.BOOKING: Decimal("0.5"),
    Action.BILL_ANALYSIS: Decimal("1.0"),
    Action.RIDE: Decimal("0.5"),
    Action.FOOD: Decimal("0.5"),
    Action.ERRAND: Decimal("1.0"),
}
"""Actions with one price. Calls are priced by the minute: `call_price`."""


def call_price(connected_seconds: Decimal | float | None) -> Decimal:
    """Credits of a call: 1.0 and 0.1 for each started minute; None: it never connected, and is free."""
    if connected_seconds is None:
        return Decimal("0.00")
    return call_credits(float(connected_seconds), connected=True)


def call_hold(free: Decimal) -> Decimal:
    """What to hold for a call out of `free` credits (≥ `CHEAPEST_CALL`): whole minutes, at most the longest."""
    minutes = math.floor((free - BASE) / PER_STARTED_MINUTE)
    return BASE + PER_STARTED_MINUTE * min(minutes, LONGEST_CALL_MINUTES)


def paid_seconds(held: Decimal) -> int:
    """How long a call may last that holds this much."""
    minutes = ((held - BASE) / PER_STARTED_MINUTE).to_integral_value(rounding=ROUND_DOWN)
    return max(0, int(minutes)) * 60
