"""What the tests of the receptionist share: a calendar's answers and the way to a booking."""

import datetime as dt

from tests.core.dialogue.talk import TUESDAY, Talk
from voice_engine.core.dialogue.commands import (
    Provide,
    WantBooking,
)

TWO = dt.time(14, 0)
FREE = [f"2026-02-17T{hour:02d}:{minute:02d}:00-05:00" for hour in range(9, 17) for minute in (0, 30)]
OTHERS = [slot for slot in FREE if "T14:00" not in slot]
PHONE = Provide(slot="phone", value="+15551234567")
NAME = Provide(slot="name", value="Susan Miller")
OLD = {"reference": "4711", "start": "2026-02-16T10:00:00-05:00"}


def wish(talk: Talk) -> None:
    talk.hear(WantBooking(service="haircut"), Provide(slot="date", value=TUESDAY), Provide(slot="time", value=TWO))


def book(talk: Talk) -> None:
    """Up to the read-back of a haircut on Tuesday at two."""
    wish(talk)
    talk.result(FREE)
    talk.hear(NAME)
    talk.hear(PHONE)
