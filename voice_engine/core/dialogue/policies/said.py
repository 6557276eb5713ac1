"""What a respondent said about a booking, as policies weigh it: moments, a confirmation, sameness in speech."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from voice_engine.core.dialogue.commands import (
    AskSlot,
    AskUnknown,
    Booked,
    Confirm,
    Offer,
    Provide,
    Unavailable,
    When,
)
from voice_engine.core.dialogue.negotiation import minutes_of
from voice_engine.core.dialogue.state import Asked, DialogueState
from voice_engine.core.dialogue.turn import Turn

_HALF_DAY_MINUTES = 12 * 60
_SEE_YOU = re.compile(
    r"\bsee (?:you|them|him|her)\b|\blooking forward\b|\bhasta (?:el|la|entonces|ma[ñn]ana)\b"
    r"|\bnos vemos\b|\besperamos\b",
    re.IGNORECASE,
)
"""What is said to somebody who has a booking."""


_DONE = re.compile(
    r"\b(?:all )?done\b|\bgot (?:it|you)\b|\bnoted\b|\bw?rote (?:it|that|you) down\b|\bin the book\b|\ball set\b"
    r"|\bput (?:it|that|you) (?:down|in)\b|\b(?:hech[oa]|apuntad[oa]|anotad[oa]|listo)\b",
    re.IGNORECASE,
)
"""What is said when it has been written down, in answer to a request that named everything."""
_CORRECT = re.compile(r"\b(?:correct|correct[oa]|exacto|así es|eso es)\b|\bthat(?:'s| is) right\b", re.IGNORECASE)
"""What is said to one who named everything. A mere yes may only have answered that we asked."""
_NOT_DONE = re.compile(
    r"\?|\b(?:not|n't|cannot|have to|need|almost|before|when|once|no|aún|todavía|falta|cuando|antes)\b|n't", re.I
)


def settled(state: DialogueState) -> bool:
    """Whether a day is agreed (and with it the time, where there is one)."""
    return "date" in state.agreed


def time_is_open(state: DialogueState) -> bool:
    """Whether the time we asked for first no longer stands: it was refused, superseded or asked about.

    A booking that they report then is one at a time of theirs, which only they can name.
    """
    return state.rounds > 0 or bool(state.candidates) or state.asked in {Asked.TIME, Asked.CLARIFY, Asked.WINDOW}


def open_day(state: DialogueState) -> dt.date | None:
    """The day of theirs whose time is still open, or None."""
    days = {candidate.date for candidate in state.candidates}
    return next(iter(days)) if len(days) == 1 else None


def wants_details(turn: Turn) -> bool:
    """Whether they ask for something in the same breath."""
    return turn.has(AskSlot, AskUnknown)


def said_booked(turn: Turn) -> Booked | None:
    """That it is booked, with its code if they gave one; a code alone says so too."""
    booked = turn.find(Booked)
    codes = [str(item.value) for item in turn.all(Provide) if item.slot == "code"]
    if booked is not None:
        return booked if booked.code or not codes else Booked(code=codes[0])
    if codes:
        return Booked(code=codes[0])
    if not settled(turn.state):
        return None
    return Booked() if _SEE_YOU.search(turn.text) or _says_done(turn) else None


def _says_done(turn: Turn) -> bool:
    """Whether they say that what was asked of them, or read to them, is written down, or that it is all right."""
    state = turn.state
    answering = state.asked in {Asked.BOOKED, Asked.READ_BACK} and not state.unheard
    if not answering or turn.has(Unavailable, AskSlot, AskUnknown, Offer) or _NOT_DONE.search(turn.text):
        return False
    is_right = state.asked is Asked.BOOKED and not turn.has(Confirm, Provide)
    return _DONE.search(turn.text) is not None or (is_right and _CORRECT.search(turn.text) is not None)


def states_a_condition(turn: Turn, confirm: Confirm) -> bool:
    """Whether the party is named only to say what it takes: "for ten we need a deposit"."""
    return set(confirm.slots) == {"party_size"} and turn.has(AskUnknown) and not turn.has(AskSlot)


def said_moments(turn: Turn) -> list[When]:
    """Every moment they named: offers as they are, a date and a time said apart as one.

    In answer to a read-back "no nine o'clock" says nine, although it sounds like a refusal of nine.
    """
    if turn.state.asked in {Asked.READ_BACK, Asked.CORRECTION} and not turn.has(Offer, Provide):
        stands = turn.state.agreed.get("time")
        times = [moment for item in turn.all(Unavailable) for moment in item.times]
        return [moment for moment in times if moment.time not in {None, stands}]
    options = [option for offer in turn.all(Offer) for option in offer.options]
    day = next((item.value for item in turn.all(Provide) if item.slot == "date"), None)
    moments = [item.value for item in turn.all(Provide) if item.slot == "time"]
    if moments:
        options.extend(When(date=day, time=moment) for moment in moments)
    elif day is not None and not options:
        options.append(When(date=day))
    return options


def still_offered(turn: Turn, options: Sequence[When]) -> list[When]:
    """The options without those that the same utterance refused: "full at eight, I can do eight …"."""
    if turn.before.asked in {Asked.READ_BACK, Asked.CORRECTION} and not turn.has(Offer):
        return list(options)
    refused = [(moment.date, moment.time) for item in turn.all(Unavailable) for moment in item.times]
    return [option for option in options if (option.date, option.time) not in refused or option.time is None]


def on_day(option: When, day: dt.date) -> When:
    """The moment on `day`, unless it names its own."""
    if option.date is not None:
        return option
    return When(
        date=day,
        time=option.time,
        until=option.until,
        approximate=option.approximate,
        ambiguous=option.ambiguous,
    )


def agrees(option: When, expected: Mapping[str, object]) -> bool:
    """Whether the moment is the one that stands, as far as it says."""
    day_fits = option.date is None or same(expected.get("date"), option.date)
    return day_fits and (option.time is None or same(expected.get("time"), option.time))


def same(mine: object, theirs: object) -> bool:
    """Equal as speech is: times to the half day, words without case."""
    if isinstance(mine, dt.time) and isinstance(theirs, dt.time):
        return (minutes_of(mine) - minutes_of(theirs)) % _HALF_DAY_MINUTES == 0
    if isinstance(mine, str) and isinstance(theirs, str):
        ours, said = mine.casefold().split(), theirs.casefold().split()
        return bool(set(ours) & set(said))
    return mine == theirs
