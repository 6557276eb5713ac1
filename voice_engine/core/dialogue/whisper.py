"""What the owner of a live call means by a sentence that only the engine reads.

Written by somebody in a hurry, in either language: instructions are recognised by how they begin, values by the
grammar that understands callers. A sentence that instructs nothing is a note, to be passed on word for word.
What no marker shows to be an order is never taken for one: a time in a note agrees to nothing.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from voice_engine.core.dialogue.commands import Confirm, No, Offer, Provide, Yes
from voice_engine.core.dialogue.language import Context, parse_window, understand
from voice_engine.core.dialogue.prose import indirect, second_person
from voice_engine.core.dialogue.whisper_words import PART_OF_VALUES, WORDS, Words
from voice_engine.ports.call import Language

MAX_CHARS = 500
"""A sentence or two: what is longer is no whisper, and takes half a minute to say."""


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall:
    """Say goodbye and hang up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffer:
    """Take what they offered last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDown:
    """Do not take what they offered, or what was just agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Other values than the call began with. `earliest` and `latest` are a window, inclusive."""

    date: dt.date | None = None
    time: dt.time | None = None
    earliest: dt.time | None = None
    latest: dt.time | None = None
    any_time: bool = False
    party_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Find this out: a clause that can follow "could you tell me"."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Get this: a noun that can follow "could I have"."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Tell them this."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heed:
    """For the engine alone: how to speak, or what not to say. A model is shown it; rules have no use for it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """None of these: the owner's own words, to be passed on as such."""

    text: str


Instruction = EndCall | TakeOffer | TurnDown | Wish | Ask | Request | Tell | Heed | Note


_KINDS: Mapping[type, str] = {
    EndCall: "end", TakeOffer: "accept", TurnDown: "decline", Wish: "change", Ask: "ask", Request: "ask",
    Tell: "tell", Heed: "heed", Note: "note",
}  # fmt: skip
_TO_ONE = (
    (re.compile(r"\b(?:she|he)(?:'s| is)\b", re.I), "you are"),
    (re.compile(r"\b(?:she|he) has\b", re.I), "you have"),
    (re.compile(r"\b(?:she|he)\b", re.I), "you"),
    (re.compile(r"\b(?:her|his)\b(?= \w)", re.I), "your"),
    (re.compile(r"\b(?:her|him)\b", re.I), "you"),
)
"""What is to be told to one person, by the person's own pronouns."""
_ONE = frozenset({"him", "her"})


def kind_of(instruction: Instruction) -> str:
    """The instruction in one word, for the record and for whoever wrote it."""
    return _KINDS[type(instruction)]


def read_whisper(text: str, context: Context) -> Instruction:
    """What the owner wants, read in the call's language and then in the other. Never raises, whatever the text."""
    text = " ".join(text[:MAX_CHARS].split())
    other: Language = "es" if context.language == "en" else "en"
    for language in (context.language, other):
        found = _read(text, replace(context, language=language, expecting=None, asked=None))
        if found is not None:
            return found
    return Note(text=text.rstrip(" ."))


def _read(text: str, context: Context) -> Instruction | None:
    words, bare = WORDS[context.language], text.strip(" .!¡")
    if words.end.match(bare):
        return EndCall()
    if words.heed.match(bare):
        return Heed(text=bare)
    if words.refuse.match(bare):
        return TurnDown()
    if words.take.match(bare):
        return TakeOffer()
    if found := words.ask.match(bare.rstrip("?")):
        return Ask(question=_question(found, words))
    if values := _values(bare, words, context):
        return values
    if found := words.request.match(bare):
        whose = found.groupdict().get("whom") or found.groupdict().get("whose")
        return Request(what=_to_them(found["text"], to_one=(whose or "").lower() in {"him", "her", "his"}))
    if found := words.tell.match(bare):
        return Tell(text=_to_them(found["text"], to_one=_is_one(found)))
    return _direct_question(text, words) or _yes_or_no(bare, context)


def _direct_question(text: str, words: Words) -> Instruction | None:
    bare = text.strip(" ¿?.!")
    if not text.endswith("?") or not words.asks.match(bare):
        return None
    return Ask(question=_to_them(indirect(bare), to_one=False))


def _yes_or_no(bare: str, context: Context) -> Instruction | None:
    """ "Yes", "vale", "no thanks": one word or two, and nothing else in them."""
    commands = understand(bare, context).commands
    if len(bare.split()) > 3 or not commands:
        return None
    if all(isinstance(command, Yes) for command in commands):
        return TakeOffer()
    return TurnDown() if all(isinstance(command, No) for command in commands) else None


def _values(bare: str, words: Words, context: Context) -> Wish | None:
    """Values that are plainly meant as an order: by its verb, by "is fine", or because there is nothing else."""
    slots = understand(bare, context).slots
    window = parse_window(bare, context)
    marked = words.order.match(bare) or words.fine.search(bare)
    if marked and words.any_time.search(bare):
        return Wish(any_time=True, date=_first(slots.dates))
    spans = window.earliest is not None or window.latest is not None
    if not (slots.dates or slots.times or slots.party_sizes):
        return None
    if not marked and not _only_values(bare, words, context):
        return None
    return Wish(
        date=_first(slots.dates),
        time=None if spans else _first(slots.times),
        earliest=(window.earliest or dt.time(0, 0)) if spans and slots.times else None,
        latest=(window.latest or dt.time(23, 59)) if spans and slots.times else None,
        party_size=_first(slots.party_sizes),
    )


def _only_values(bare: str, words: Words, context: Context) -> bool:
    """Whether the sentence is values and what joins them: every other word would make it a statement."""
    left = [word for word in re.findall(r"[^\W\d_']+", bare.lower()) if word not in words.bare]
    commands = understand(bare, context).commands
    said = all(isinstance(command, Provide | Offer | Confirm) for command in commands)
    return said and all(_is_value(word, context) for word in left)


def _is_value(word: str, context: Context) -> bool:
    """Whether the word is part of a time, a day or a count when it is said alone."""
    times = replace(context, expecting="time")
    slots = understand(word, times).slots
    return bool(slots.times or slots.dates or slots.party_sizes) or word in PART_OF_VALUES


def _question(found: "re.Match[str]", words: Words) -> str:
    text = found["text"].strip()
    asked = text if words.question.match(text) else indirect(text)
    return _to_them(asked, to_one=_is_one(found))


def _is_one(found: "re.Match[str]") -> bool:
    named = found.groupdict()
    return any((named.get(name) or "").lower() in _ONE for name in ("whom", "known", "told", "reminded"))


def _to_them(text: str, *, to_one: bool) -> str:
    """The owner's words about the other party, as said to the other party."""
    text = text.strip(" .?!:,")
    if to_one:
        for pattern, replacement in _TO_ONE:
            text = pattern.sub(replacement, text)
    return second_person(text)


def _first(values: tuple[Value, ...]) -> Value | None:
    return values[0] if values else None
