"""What a call costs: 1.0 credit and 0.1 for each started minute of connected time, in exact decimals."""

import math
from decimal import Decimal

BASE = Decimal("1.0")
PER_STARTED_MINUTE = Decimal("0.1")


def call_credits(duration_seconds: float, *, connected: bool) -> Decimal:
    """The price of one call.

    Args:
        duration_seconds: connected time, ≥ 0; a started minute counts whole.
        connected: False when nobody and nothing answered (busy, no answer, failed): such a call is free. A
            voicemail answered.
    """
    if not connected:
        return Decimal("0.0")
    minutes = max(1, math.ceil(round(duration_seconds, 3) / 60))
    return BASE + PER_STARTED_MINUTE * minutes
