"""The receptionist's facts: hours, address and services from the assistant, everything else from its knowledge."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from voice_engine.core.dialogue.commands import (
    Answer,
    AreYouRobot,
    AskFact,
    AskTransfer,
    AskUnknown,
    Greeting,
    LeaveMessage,
    Offer,
    Provide,
    Thanks,
    ToolResult,
    Unclear,
    WantBooking,
    WantCancel,
    WantReschedule,
    WhoIsCalling,
)
from voice_engine.core.dialogue.policies.desk import assistant_of, offer_message, reprompt, use_tool
from voice_engine.core.dialogue.state import Asked
from voice_engine.core.dialogue.turn import Turn
from voice_engine.core.retrieval.answering import answer_in
from voice_engine.core.retrieval.terms import stems
from voice_engine.ports.call import Assistant, OpeningHours

_LISTING = re.compile(
    r"\b(?:what|which|list|services|treatments|qu[eé]|cu[aá]l|servicios|tratamientos)\b", re.IGNORECASE
)
"""A question for the services as such; one for a certain service is looked up."""
_ASKS = re.compile(
    r"\b(?:what|which|who|whose|where|when|why|how|tell me|know|qu[eé]|cu[aá]l(?:es)?|qui[eé]n(?:es)?|d[oó]nde|"
    r"cu[aá]ndo|c[oó]mo|cu[aá]nt[oa]s?|d[ií]game|decirme|saber)\b|\?",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
"""Words of fewer letters name no topic: they are too easily misheard."""
GUESS = "guess"
"""The purpose of a look-up of words that were not understood as a question."""
LEAST_WORDS = 2
"""Content words that a guess needs: one alone is more likely misheard."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_EXPLAINS_A_QUESTION = (
    AreYouRobot, WhoIsCalling, AskTransfer, LeaveMessage, WantBooking, WantReschedule, WantCancel,
)  # fmt: skip


def answer(turn: Turn) -> bool:
    """Answer every fact that was asked for; whether there was any."""
    assistant = assistant_of(turn)
    asked = _asked_facts(turn) or _named_topic(turn)
    asked.sort(key=lambda fact: fact.fact not in {"hours", "location"})  # What is looked up comes last.
    for fact in asked:
        if fact.fact == "hours" and assistant.hours:
            _say_hours(turn, assistant)
        elif fact.fact == "location" and assistant.business.address:
            turn.say("location", address=assistant.business.address)
        elif fact.fact == "services" and assistant.business.services and _LISTING.search(fact.query):
            turn.say("services", services=assistant.business.services)
        else:
            turn.change_desk(query=fact.query)
            use_tool(turn, "knowledge", "knowledge.search", query=fact.query)
            return True
    if asked:
        _go_on(turn)
    return bool(asked)


def _asked_facts(turn: Turn) -> list[AskFact]:
    """The facts asked for; "other" only where nothing else explains the question."""
    facts = turn.all(AskFact)
    facts += [
        AskFact(fact="location" if item.topic == "address" else "other", query=turn.text)
        for item in turn.all(AskUnknown)
        if not facts
    ]
    if turn.has(*_EXPLAINS_A_QUESTION):
        return [fact for fact in facts if fact.fact != "other"]
    return facts


def _named_topic(turn: Turn) -> list[AskFact]:
    """A question of which only the topic came through: one whose entry in the knowledge base bears that name."""
    if turn.state.asked not in {Asked.INTENT, Asked.ELSE} or not turn.only(Unclear, Answer, Greeting, Thanks):
        return []
    said = {_stem(word) for word in _LONG_WORD.findall(turn.text.casefold())}
    keys = [entry.key for entry in assistant_of(turn).knowledge]
    named = [key for key in keys if said & {_stem(word) for word in _LONG_WORD.findall(key.casefold())}]
    return [AskFact(fact="other", query=named[0].replace("_", " "))] if len(named) == 1 else []


def _stem(word: str) -> str:
    """The word without its plural ending."""
    return word.removesuffix("s").removesuffix("e")


def on_result(turn: Turn, result: ToolResult) -> None:
    """Tell what the knowledge base has, citing its entry; nothing fitting: offer to take a message."""
    passages = _passages(result)
    if passages:
        _tell(turn, passages[0])
        return
    turn.change_desk(unserved="question")
    offer_message(turn, "unknown_fact")


def look_anyway(turn: Turn) -> bool:
    """Look up what nothing else explains, where there is written knowledge: "and the parking" asks, too."""
    wondering = turn.state.asked in {Asked.INTENT, Asked.ELSE} and turn.has(Unclear, Answer)
    if turn.spec.knowledge_scope is None or not wondering or len(stems(turn.text)) < LEAST_WORDS:
        return False
    turn.change_desk(query=turn.text)
    use_tool(turn, GUESS, "knowledge.search", query=turn.text)
    return True


def on_guess(turn: Turn, result: ToolResult) -> bool:
    """Tell what was found; False: nothing was, and it did not sound like a question either."""
    if not _passages(result) and _ASKS.search(turn.state.desk.query or "") is None:
        return False
    turn.change(misunderstood=0, silences=0, repeats=0)
    on_result(turn, result)
    return True


def _passages(result: ToolResult) -> Sequence[Mapping[str, Any]]:
    return result.value if result.error is None and isinstance(result.value, list | tuple) else ()


def _tell(turn: Turn, passage: Mapping[str, Any]) -> None:
    """Say the sentence or two that answer, citing the section."""
    turn.change(citations=(*turn.state.citations, str(passage["key"])))
    turn.say("passage", passage=answer_in(str(passage["text"]), turn.state.desk.query or ""))
    _go_on(turn)


def _go_on(turn: Turn) -> None:
    """Back to what was open, or ask what else there is."""
    turn.change_desk(served=True)
    if turn.state.desk.task is not None:
        if turn.state.asked is not None and not turn.has(Provide, Offer):
            reprompt(turn)
        return
    turn.say("anything_else")
    turn.ask(Asked.ELSE)


def _say_hours(turn: Turn, assistant: Assistant) -> None:
    day = _asked_day(turn)
    if day is None:
        turn.say("hours", hours=grouped_hours(assistant))
        return
    hours = assistant.hours.get(WEEKDAYS[day.weekday()])
    if hours is None:
        turn.say("closed_on", date=day)
    else:
        turn.say("hours_on", date=day, opens=hours.open, closes=hours.close)


def _asked_day(turn: Turn) -> dt.date | None:
    dates = [item.value for item in turn.all(Provide) if item.slot == "date"]
    dates += [option.date for offer in turn.all(Offer) for option in offer.options if option.date is not None]
    return dates[0] if dates and isinstance(dates[0], dt.date) else None


def grouped_hours(assistant: Assistant) -> tuple[tuple[int, int, OpeningHours], ...]:
    """Runs of weekdays with the same hours: (first, last, hours), Monday is 0."""
    runs: list[tuple[int, int, OpeningHours]] = []
    for index, name in enumerate(WEEKDAYS):
        hours = assistant.hours.get(name)
        if hours is None:
            continue
        if runs and runs[-1][1] == index - 1 and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], index, hours)
        else:
            runs.append((index, index, hours))
    return tuple(runs)
