"""What a model may state in one turn: the act's own facts first, then what is known of the call.

Facts of a role that the act itself states are closed: when it accepts half past eight, nine may not be
mentioned, although the human offered it. Only roles that the act leaves open may be filled from elsewhere.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.llm.facts import DATES, Fact, Kind
from voice_engine.core.dialogue.llm.scan import find_facts
from voice_engine.ports.call import Language

_NOUN_OF_SLOT = {"party_size": "people", "party": "people", "guests": "people", "nights": "night"}
_NAMED_DIGITS = frozenset({"phone", "code", "confirmation", "reference", "digits"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """The facts that may be stated. `own` are the act's; `known` the call's and the human's last words'."""

    own: frozenset[Fact]
    known: frozenset[Fact]
    today: dt.date

    @classmethod
    def of(cls, own: Iterable[Fact], known: Iterable[Fact], today: dt.date) -> "Licence":
        """Facts with what follows from them: a date has its weekday, "tomorrow" its date."""
        return cls(own=frozenset(implied(own, today)), known=frozenset(implied(known, today)), today=today)

    def permits(self, fact: Fact) -> bool:
        """Whether `fact` may be stated."""
        role = DATES if fact.kind in DATES else frozenset({fact.kind})
        if fact.kind is Kind.NUMBER:
            # "Nine works": with a time of its own in the act, a bare number is most likely another time.
            numeric = {allowed for allowed in self.own if allowed.kind not in DATES}
            return any(counts(fact, allowed) for allowed in numeric or self.own | self.known)
        own = [allowed for allowed in self.own if allowed.kind in role]
        if fact.kind is Kind.COUNT:
            own = [allowed for allowed in own if allowed.value[0] == fact.value[0]]
        return any(same(stated, allowed) for stated in _forms(fact, self.today) for allowed in own or self.known)


def implied(facts: Iterable[Fact], today: dt.date) -> set[Fact]:
    """`facts` and what follows from them on that day.

    A weekday alone means the next one from today; beside a date it means that date's and implies nothing.
    """
    found = set(facts)
    dated = any(fact.kind in (Kind.DAY, Kind.RELATIVE) for fact in found)
    for fact in tuple(found):
        date = None if dated and fact.kind is Kind.WEEKDAY else _date_of(fact, today)
        if date is not None:
            found |= {Fact(Kind.DAY, (date.month, date.day)), Fact(Kind.WEEKDAY, (date.weekday(),))}
            if 0 <= (date - today).days <= 2:
                found.add(_relative((date - today).days))
    return found


def same(stated: Fact, allowed: Fact) -> bool:
    """Whether both say the same, as far as each says it: "at eight" agrees with 20:00."""
    if stated.kind is not allowed.kind:
        return False
    match stated.kind:
        case Kind.TIME:
            hour, minute, exact = stated.value
            allowed_hour, allowed_minute, allowed_exact = allowed.value
            half_known = exact and allowed_exact
            return bool(
                minute == allowed_minute
                and (hour == allowed_hour if half_known else hour % 12 == allowed_hour % 12)
            )
        case Kind.DAY:
            return all(0 in (a, b) or a == b for a, b in zip(stated.value, allowed.value, strict=True))
        case Kind.DIGITS:
            return stated.value[0] in allowed.value[0]
    return stated.value == allowed.value


def counts(fact: Fact, allowed: Fact) -> bool:
    """Whether `fact` is a number of unsaid role that `allowed` states with its role."""
    if fact.kind is not Kind.NUMBER:
        return False
    value = fact.value[0]
    match allowed.kind:
        case Kind.TIME:
            hour, minute, _ = allowed.value
            return minute == 0 and value in (hour, hour % 12 or 12)
        case Kind.DIGITS:
            return str(int(value)) == str(allowed.value[0])
        case Kind.COUNT:
            return bool(value == allowed.value[1])
        case Kind.RELATIVE | Kind.WEEKDAY:
            return False
    return any(value == part for part in allowed.value)


def slot_facts(slots: Mapping[str, Any], language: Language) -> list[Fact]:
    """The facts in an act's slot values, by their type and name."""
    return [fact for name, value in slots.items() for fact in _value_facts(name, value, language)]


def slot_texts(slots: Mapping[str, Any], names: frozenset[str] | None = None) -> list[str]:
    """The strings among slot values, nested ones too; `names` None: of every slot."""
    texts: list[str] = []
    for name, value in slots.items():
        if isinstance(value, Mapping):
            texts += slot_texts(value, names)
        elif isinstance(value, str) and (names is None or name in names):
            texts.append(value)
    return texts


def _value_facts(name: str, value: Any, language: Language) -> list[Fact]:
    match value:
        case dt.datetime():
            return [*_value_facts(name, value.date(), language), *_value_facts(name, value.time(), language)]
        case dt.date():
            return [Fact(Kind.DAY, (value.month, value.day)), Fact(Kind.WEEKDAY, (value.weekday(),))]
        case dt.time():
            return [Fact(Kind.TIME, (value.hour, value.minute, True))]
        case bool() | None:
            return []
        case int() | float():
            noun = _NOUN_OF_SLOT.get(name)
            return [Fact(Kind.COUNT, (noun, int(value))) if noun else Fact(Kind.NUMBER, (float(value),))]
        case str():
            return _digits_of(value) if name in _NAMED_DIGITS else find_facts(value, language)
        case When(date=date, time=time, until=until):
            return slot_facts({"date": date, "time": time, "until": until}, language)
        case Mapping():
            return slot_facts(value, language)
        case list() | tuple():
            return [fact for item in value for fact in _value_facts(name, item, language)]
    return []


def _digits_of(code: str) -> list[Fact]:
    digits = "".join(char for char in code if char.isdigit())
    return [Fact(Kind.DIGITS, (digits,))] if digits else []


def _forms(fact: Fact, today: dt.date) -> list[Fact]:
    """A relative day is also the date that it means."""
    if fact.kind is not Kind.RELATIVE:
        return [fact]
    date = today + dt.timedelta(days=fact.value[0])
    return [fact, Fact(Kind.DAY, (date.month, date.day))]


def _relative(days: int) -> Fact:
    return Fact(Kind.RELATIVE, (days,))


def _date_of(fact: Fact, today: dt.date) -> dt.date | None:
    """The date that a fact means, seen from today."""
    match fact.kind:
        case Kind.RELATIVE:
            return today + dt.timedelta(days=fact.value[0])
        case Kind.WEEKDAY:
            return today + dt.timedelta(days=(fact.value[0] - today.weekday()) % 7)
        case Kind.DAY:
            return _next_day(fact.value[0], fact.value[1], today)
    return None


def _next_day(month: int, day: int, today: dt.date) -> dt.date | None:
    """The next date from today with that month (0: any) and day; None when it is not one day."""
    if day == 0:
        return None
    for offset in range(13):
        year, month_index = divmod(today.month - 1 + offset, 12)
        if month in (0, month_index + 1):
            try:
                date = dt.date(today.year + year, month_index + 1, day)
            except ValueError:
                continue
            if date >= today:
                return date
    return None
