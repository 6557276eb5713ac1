"""What happens at the other end when the carrier rings a number, or a line calls in."""

from dataclasses import dataclass
from typing import Protocol

from voice_engine.carrier.leg import Line
from voice_engine.carrier.record import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A number's line, freshly made for one call. `line` None with an answer of "answer" cannot be."""

    answer: Answer
    line: Line | None = None
    sip_code: int | None = None
    """Why it failed, where the usual code does not say it."""


class Reach(Protocol):
    """The world outside the exchange."""

    async def reach(self, number: str) -> Reached:
        """Who is at a number."""
        ...

    async def caller(self, number: str | None) -> Reached:
        """Who calls from a number (None: withheld); `line` None: nobody can."""
        ...


class Voice(Protocol):
    """The carrier's own voice, for <Say>."""

    async def speak(self, text: str, language: str) -> bytes:
        """The text as μ-law; `language` is a BCP 47 tag. Raises UpstreamFailed, InvalidInput."""
        ...
