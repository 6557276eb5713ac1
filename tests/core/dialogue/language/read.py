"""What the tests of this package share: a context at a fixed moment, and slots as short strings."""

import datetime as dt
from typing import Any

from voice_engine.core.dialogue.commands import Command
from voice_engine.core.dialogue.language import Context, Expecting, Slots, understand
from voice_engine.ports.call import Category, Language

FRIDAY = dt.datetime(2026, 2, 13, 10)


def context(
    language: Language = "en", category: str = "restaurant", expecting: Expecting | None = None, **more: Any
) -> Context:
    """A context on Friday 2026-02-13, 10:00, in the language's usual region."""
    region = "US" if language == "en" else "ES"
    return Context(
        language=language, now=FRIDAY, category=Category(category), region=region, expecting=expecting, **more
    )


def slots(text: str, **more: Any) -> Slots:
    return understand(text, context(**more)).slots


def commands(text: str, **more: Any) -> tuple[Command, ...]:
    return understand(text, context(**more)).commands


def times(text: str, **more: Any) -> str:
    return " ".join(time.strftime("%H:%M") for time in slots(text, **more).times)


def dates(text: str, **more: Any) -> str:
    return " ".join(date.isoformat() for date in slots(text, **more).dates)
