"""Values put into words, one vocabulary a language: what may stand in a template's slot."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from voice_engine.core.dialogue.commands import When
from voice_engine.ports.call import OpeningHours

_OPTIONAL = frozenset({"recorded", "confirmation", "call_back", "phone_or_none"})
_COUNTED = frozenset({"phone", "code", "spelled", "party_size", "guests", "nights"})


class Phrases(Protocol):
    """One language's words for slot values."""

    def words(self, name: str, value: Any) -> str:
        """Put the value of the slot `name` into words."""
        ...


class BasePhrases(ABC):
    """What both languages share: which slot is put into words in which way.

    Slots: `what` a booking (mapping of its values and `category`), `moment` a date and time, `window` a pair of
    times, `options` several moments, `code` and `phone` digit by digit, `spelled` letter by letter.
    """

    unnamed = ""
    """Who somebody is who gave no name."""

    def words(self, name: str, value: Any) -> str:
        """Put the value of the slot `name` into words."""
        if name in _OPTIONAL:
            return self.optional(name, value) if value else ""
        if name in _COUNTED:
            return self.special(name, value)
        if name == "name_or_unknown":
            return str(value) if value else self.unnamed
        return self._composite(name, value) or self._plain(value)

    def _composite(self, name: str, value: Any) -> str | None:
        match name, value:
            case "what", Mapping():
                return self.booking(value)
            case "asked", Mapping():
                return self.wish(value)
            case "window", (dt.time() as first, dt.time() as last):
                return self.window(first, last)
            case "hours", _:
                return self.series([self.hours(first, last, hours) for first, last, hours in value])
            case "options", _:
                return self.alternatives([self.moment(option) for option in value])
        return None

    def _plain(self, value: Any) -> str:
        match value:
            case When():
                return self.moment(value)
            case dt.date():
                return self.date(value)
            case dt.time():
                return self.time(value)
            case tuple() | list():
                return self.series([str(item) for item in value])
        return str(value)

    @abstractmethod
    def special(self, name: str, value: Any) -> str:
        """Numbers whose wording depends on what they count."""

    @abstractmethod
    def optional(self, name: str, value: Any) -> str:
        """A whole sentence that is said only when there is something to say, with a leading space."""

    @abstractmethod
    def hours(self, first: int, last: int, hours: OpeningHours) -> str:
        """A run of weekdays (Monday is 0) and their hours."""

    @abstractmethod
    def booking(self, values: Mapping[str, Any]) -> str:
        """A booking as a noun: "a table for four on Saturday at eight"."""

    @abstractmethod
    def wish(self, values: Mapping[str, Any]) -> str:
        """A booking as an infinitive: "book a table for four …"."""

    @abstractmethod
    def window(self, first: dt.time, last: dt.time) -> str:
        """A span of times: "between seven and nine"."""

    @abstractmethod
    def moment(self, when: When) -> str:
        """A date, a time or both."""

    @abstractmethod
    def date(self, day: dt.date) -> str:
        """A date with its weekday, so that a slip is heard."""

    @abstractmethod
    def time(self, moment: dt.time) -> str:
        """A time of day."""

    @abstractmethod
    def alternatives(self, items: Sequence[str]) -> str:
        """Joined by "or"."""

    @abstractmethod
    def series(self, items: Sequence[str]) -> str:
        """Joined by "and"."""


def joined(items: Sequence[str], word: str) -> str:
    """`a, b word c`; empty for nothing."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"
