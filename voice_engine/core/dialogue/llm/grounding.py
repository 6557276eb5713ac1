"""Holds a model's understanding against the words that were said: no value may come from the model alone.

A model may see that "half eight is fine, not on the terrace" is an offer. It may not bring a time, a code or
a booking that nobody spoke: what a call achieved must rest on the human's words, whatever they told the model.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from voice_engine.core.dialogue import commands as c
from voice_engine.core.dialogue.llm.facts import Fact, Kind
from voice_engine.core.dialogue.llm.lexicon import LEXICONS
from voice_engine.core.dialogue.llm.licence import Licence, slot_facts
from voice_engine.core.dialogue.llm.scan import find_facts
from voice_engine.ports.call import Language

_BOOKED_WORDS = re.compile(
    r"\b(?:book|reserv|confirm|all set|you're set|got you|have you|see you|put you|down for|in the system|done"
    r"|scheduled|list[oa]|apunt|anot|hech[oa]|agend|qued|esperamos|nos vemos)",
    re.IGNORECASE,
)
_YES_WORDS = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|ok|okay|right|correct|exactly|fine|good|great|perfect|works|absolutely|of course"
    r"|please|uh[- ]?huh|mm[- ]?hm|sí|si|claro|vale|bueno|correcto|exacto|perfecto|eso es|de acuerdo|así es)\b",
    re.IGNORECASE,
)
_OPT_OUT_WORDS = re.compile(
    r"\b(?:call|calling|list|number|contact|llam|lista|número|numero|contact)", re.IGNORECASE
)
_EVIDENCE: dict[type[Any], re.Pattern[str]] = {
    c.Booked: _BOOKED_WORDS,
    c.Yes: _YES_WORDS,
    c.OptOut: _OPT_OUT_WORDS,
}
"""Commands that end or bind something, and the words of which at least one must have been said."""

_MINUTE_WORDS = {
    30: re.compile(r"\b(?:half|media)\b", re.IGNORECASE),
    15: re.compile(r"\b(?:quarter|cuarto)\b", re.IGNORECASE),
    45: re.compile(r"\b(?:quarter|cuarto)\b", re.IGNORECASE),
}
_COUPLE = re.compile(r"\b(?:couple|both|pareja|par)\b", re.IGNORECASE)
_NAME_SLOTS = frozenset({"name", "doctor"})


def grounded(
    commands: Sequence[c.Command], text: str, language: Language, *, now: dt.datetime, known: Iterable[str] = ()
) -> tuple[c.Command, ...] | None:
    """`commands` with their quotes made literal, or None when one of them is not borne out by `text`.

    `known` are texts of the call itself, whose values a read-back may confirm. `now` is local and aware.
    """
    heard = find_facts(text, language)
    said = Licence.of(heard, (), now.date())
    context = Licence.of((), [*heard, *(fact for item in known for fact in find_facts(item, language))], now.date())
    kept: list[c.Command] = []
    for command in commands:
        evidence = _EVIDENCE.get(type(command))
        if evidence is not None and not evidence.search(text):
            return None
        licence = context if isinstance(command, c.Confirm) else said
        if not all(
            licence.permits(fact) or _as_number(fact, text, language) for fact in _facts_of(command, language)
        ):
            return None
        if not _words_said(command, text):
            return None
        kept.append(_literal(command, text))
    return tuple(kept)


def _as_number(fact: Fact, text: str, language: Language) -> bool:
    """Whether a value was said as bare numbers, whose role only the question before it tells ("eight")."""
    said = _numbers_said(text, language)
    match fact.kind:
        case Kind.TIME:
            hour, minute, _ = fact.value
            spoken = _MINUTE_WORDS.get(minute)
            exact = minute == 0 or minute in said or (spoken is not None and spoken.search(text) is not None)
            return exact and not {hour, hour % 12 or 12}.isdisjoint(said)
        case Kind.DAY:
            return fact.value[1] in said
        case Kind.COUNT:
            return fact.value[1] in said or (fact.value[1] == 2 and _COUPLE.search(text) is not None)
        case Kind.DIGITS:
            return fact.value[0] in "".join(str(number) for number in said)
    return False


def _numbers_said(text: str, language: Language) -> list[int]:
    """Every number word and figure, in order, without any reading of what it counts."""
    words = LEXICONS[language].numbers
    tokens = re.findall(r"\d+|[^\W\d_]+", text.lower())
    return [
        int(token) if token.isdecimal() else words[token] for token in tokens if token.isdecimal() or token in words
    ]


def _facts_of(command: c.Command, language: Language) -> list[Fact]:
    """Every dated, timed, counted or coded value in a command."""
    match command:
        case c.Provide(slot=slot, value=value):
            return [f for f in slot_facts({slot: value}, language) if f.kind is not Kind.WEEKDAY]
        case c.Confirm(slots=slots):
            return [f for f in slot_facts(slots, language) if f.kind is not Kind.WEEKDAY]
        case c.Booked(code=str() as code):
            return slot_facts({"code": code}, language)
    return [fact for moment in _moments(command) for fact in _moment_facts(moment, language)]


def _moments(value: Any) -> list[c.When]:
    if isinstance(value, c.When):
        return [value]
    if isinstance(value, tuple):
        return [moment for item in value for moment in _moments(item)]
    if is_dataclass(value) and not isinstance(value, type):
        return [moment for item in fields(value) for moment in _moments(getattr(value, item.name))]
    return []


def _moment_facts(moment: c.When, language: Language) -> list[Fact]:
    values = {"date": moment.date, "time": moment.time, "until": moment.until}
    return [fact for fact in slot_facts(values, language) if fact.kind is not Kind.WEEKDAY]


def _words_said(command: c.Command, text: str) -> bool:
    """Names that are provided, and letters of a code, must be among the words that were said."""
    heard = re.sub(r"[\W_]+", "", text.lower())
    match command:
        case c.Provide(slot=slot, value=str() as value) if slot in _NAME_SLOTS:
            return all(re.sub(r"[\W_]+", "", word.lower()) in heard for word in value.split())
        case c.Booked(code=str() as code):
            letters = [char for char in code.lower() if char.isalpha()]
            return all(char in heard for char in letters)
        case c.Menu(options=options):
            return all(str(label).lower() in text.lower() for label in options.values())
    return True


def _literal(command: c.Command, text: str) -> c.Command:
    """Free text in a command is what was said, not what a model made of it."""
    match command:
        case c.OptOut():
            return replace(command, quote=text)
        case c.Answer() | c.Unclear():
            return replace(command, text=text)
        case c.AskFact():
            return replace(command, query=text) if not command.query.strip() else command
        case c.LeaveMessage(text=str()):
            return replace(command, text=text)
    return command
