"""The value types of language understanding: what goes in (`Context`) and what comes out (`Understanding`)."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

from voice_engine.core.dialogue.commands import Command
from voice_engine.ports.call import Category, Language

Expecting = Literal["time", "date", "party_size", "name", "phone", "code", "confirm", "question"]

MentionKind = Literal["time", "date", "party_size", "phone", "code", "name", "nights", "email"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an utterance is understood against.

    Attributes:
        now: The call's local time; fixes "today" and the year of a date without one.
        category: Decides am or pm when nothing was said and no hours are known.
        region: Two-letter region for national phone numbers and the order of numeric dates.
        hours: Opening hours of the business (open, close); close before open crosses midnight.
        expecting: The open question, asked by either side.
        asked: Slot name of the open question, where `expecting` has no word for it.
    """

    language: Language
    now: dt.datetime
    category: Category = Category.GENERAL
    region: str = "US"
    hours: tuple[dt.time, dt.time] | None = None
    expecting: Expecting | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Every value said, in spoken order, corrected ones left out. Phones are E.164 where possible."""

    dates: tuple[dt.date, ...] = ()
    times: tuple[dt.time, ...] = ()
    party_sizes: tuple[int, ...] = ()
    phones: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    nights: tuple[int, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What one utterance means: commands in the order in which they matter, and the values in it."""

    commands: tuple[Command, ...] = ()
    slots: Slots = field(default_factory=Slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When something may take place: bounds are inclusive, `preferred` is the wish inside them.

    `order`: "earliest" or "latest" when they want the first or the last moment, else None.
    """

    earliest: dt.time | None = None
    latest: dt.time | None = None
    preferred: dt.time | None = None
    order: Literal["earliest", "latest"] | None = None


@dataclass(slots=True)
class Mention:
    """A value found in the canonical text, `[start, end)`.

    `until` is set on the first mention of a range. `ambiguous`: am/pm or the day was a guess.
    """

    kind: MentionKind
    value: Any
    start: int
    end: int
    until: Any = None
    approximate: bool = False
    ambiguous: bool = False
