"""The checkable facts of a text, each with its role: a time, a date, a count, money, a code, a number.

A role matters as much as the number: "four at eight" and "eight at four" hold the same numbers.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """A fact's role."""

    TIME = "time"  # (hour, minute, exact): exact hours are 0..23, others 0..11 without half of day
    WEEKDAY = "weekday"  # (0..6,)
    DAY = "day"  # (month or 0, day or 0)
    RELATIVE = "relative"  # (days from today,)
    COUNT = "count"  # (noun class, value)
    MONEY = "money"  # (amount,)
    DIGITS = "digits"  # ("12345",): a code, a phone number
    NUMBER = "number"  # (value,): its role is not said


DATES = frozenset({Kind.WEEKDAY, Kind.DAY, Kind.RELATIVE})


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; the shape of `value` is that of its kind."""

    kind: Kind
    value: tuple[Any, ...]
