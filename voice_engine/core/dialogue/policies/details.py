"""Answering what they ask: our slots, any number at once, and nothing of the owner that was not allowed."""

import re
from collections.abc import Sequence
from typing import Any

from voice_engine.core.dialogue.brief import Brief
from voice_engine.core.dialogue.commands import AskSlot, AskUnknown, SlotName, Yes
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.core.dialogue.turn import Turn

_PAYMENT = re.compile(r"card|deposit|pay|credit|tarjeta|dep[oó]sito|se[ñn]al|pago|fianza|prepa", re.IGNORECASE)
_DEMAND = re.compile(
    r"\b(?:need|require|ask for|charge|take|want|must|have to)\b"
    r"|\b(?:necesit|requer|pedi(?:mos|r)|exig|cobra|hay que|hace falta)",
    re.IGNORECASE,
)
_INSISTS = re.compile(
    r"\bwithout\b.{0,40}\b(?:can'?t|cannot|not|won'?t|unable)\b|\b(?:can'?t|cannot|won'?t)\b.{0,40}\bwithout\b"
    r"|\b(?:required|mandatory|must have|have to have|no exceptions)\b"
    r"|\bsin\b.{0,40}\bno\b|\bno\b.{0,40}\bsin\b|\bobligatori|\bimprescindible",
    re.IGNORECASE,
)
"""What they say to whom could not give what they need, when there is no way around it."""
_WAIT_LIST = re.compile(r"wait(?:ing)?[ -]?list|lista de espera", re.IGNORECASE)
_FREE_CHOICE = frozenset({"seating", "room", "doctor"})
_TOPICS: dict[str, re.Pattern[str]] = {
    "allergy": re.compile(
        r"allerg|intoleran|vegetarian|vegan|gluten|celiac|halal|kosher|nut\b|nuts\b|dairy|lactose|shellfish|diet"
        r"|al[eé]rg|vegetarian|vegan|cel[ií]a|lactosa|marisco|frutos secos|diet",
        re.IGNORECASE,
    ),
    "insurance": re.compile(r"insur|seguro|aseguradora|mutua|p[oó]liza|coverage", re.IGNORECASE),
    "occasion": re.compile(r"birthday|anniversar|celebrat|occasion|cumplea|aniversario|celebr", re.IGNORECASE),
    "birth": re.compile(r"birth|born|nacimiento|nacid[oa]|dob", re.IGNORECASE),
    "new": re.compile(
        r"\bnew\b|existing|first time|returning|been (?:here|there)|nuev|primera vez|ya es paciente", re.I
    ),
    "child": re.compile(r"high ?chair|child|kids?\b|baby|stroller|trona|ni[ñn]|beb[eé]|carrito", re.IGNORECASE),
    "access": re.compile(r"wheelchair|accessib|silla de ruedas|accesib", re.IGNORECASE),
    "pet": re.compile(r"\bpets?\b|\bdogs?\b|mascota|perro", re.IGNORECASE),
    "breakfast": re.compile(r"breakfast|half board|desayuno|media pensi", re.IGNORECASE),
    "email": re.compile(r"e-?mail|correo", re.IGNORECASE),
    "request": re.compile(
        r"high ?chair|child|kids?\b|baby|stroller|wheelchair|accessib|\bdogs?\b|request|quiet|trona|ni[ñn]"
        r"|beb[eé]|carrito"
        r"|silla de ruedas|perro|tranquil",
        re.IGNORECASE,
    ),
    "extra": re.compile(r"breakfast|half board|parking|\bcar\b|desayuno|media pensi|aparca|coche", re.IGNORECASE),
    "reason": re.compile(r"reason|symptom|pain|problem|motivo|s[ií]ntoma|dolor", re.IGNORECASE),
    "location": re.compile(r"\b(?:location|branch|downtown|sucursal|local|sede)\b", re.IGNORECASE),
    "smoking": re.compile(r"smok|fumad", re.IGNORECASE),
    "car": re.compile(r"\bcar\b|parking|plate|coche|aparca|matr[ií]cula", re.IGNORECASE),
}
_SAME_TOPIC: dict[str, str] = {
    "new_or_existing": "new",
    "special_request": "request",
    "medical": "reason",
    "extras": "extra",
}
_NEEDED = frozenset({"birth", "email", "phone", "insurance", "address", "identity"})
"""What they may insist on: we ask whether it can be done without."""
_SLOT_TOPICS: dict[str, str] = {"birth_date": "birth", "insurance": "insurance", "email": "email"}


def answer_details(turn: Turn, *, slots: Sequence[SlotName] = (), again: int = 0) -> bool:
    """Answer every detail they asked for; whether there was any.

    Args:
        turn: the step.
        slots: what to state; empty: what this utterance asks for.
        again: how often it was asked before: digits then come slower, and a name is spelled.
    """
    asked = list(slots) or [item.slot for item in turn.all(AskSlot)]
    topics = _topics(turn) if not slots else []
    for slot in dict.fromkeys(asked):
        _state(turn, slot, again=again)
    for topic in dict.fromkeys(topics):
        _tell_topic(turn, topic)
    if (asked or topics) and turn.state.agreed and turn.state.phase is Phase.NEGOTIATE:
        turn.change(phase=Phase.FILL)
    return bool(asked or topics)


def _topics(turn: Turn) -> list[str]:
    """What they ask for beyond our slots; "we need a deposit" asks for one although it is no question."""
    topics = [item.topic for item in turn.all(AskUnknown)]
    if not topics and offers_wait_list(turn):
        return ["wait_list"]
    if not topics and _DEMAND.search(turn.text) and turn.state.asked is not Asked.WITHOUT:
        found = _PAYMENT.search(turn.text)
        return [found.group().lower()] if found else []
    return topics


def offers_wait_list(turn: Turn) -> bool:
    """Whether they offer a place on the waiting list."""
    asked = any(item.topic == "wait_list" for item in turn.all(AskUnknown))
    return asked or _WAIT_LIST.search(turn.text) is not None


def insists(turn: Turn) -> bool:
    """Whether they will not do it without what we could not give."""
    return turn.state.asked is Asked.WITHOUT and not turn.has(Yes) and _INSISTS.search(turn.text) is not None


def _state(turn: Turn, slot: SlotName, *, again: int) -> None:
    brief = brief_of(turn)
    value = _value(turn, brief, slot)
    if value is None:
        _without_value(turn, brief, slot)
    elif slot in {"name", "phone"} and again > 1:
        turn.say(f"spell_{slot}", spelled=str(value), slow=True)
    else:
        turn.say(f"give_{slot}", slow=again > 0, **{slot: value})
        if slot == "name" and again == 1:
            turn.say("spell_name", spelled=value, slow=True)


def _value(turn: Turn, brief: Brief, slot: SlotName) -> Any:
    if slot == "name":
        return brief.slots.get("patient") or turn.state.agreed.get("name") or brief.slots.get("name")
    if slot == "date":
        return turn.state.agreed.get("date") or brief.wanted.date(turn.state.date_index)
    return turn.state.agreed.get(slot, brief.slots.get(slot))


def _without_value(turn: Turn, brief: Brief, slot: SlotName) -> None:
    wanted = brief.wanted
    if slot == "time" and wanted.earliest is not None and wanted.latest is not None:
        turn.say("give_window", window=(wanted.earliest, wanted.latest))
    elif slot in _FREE_CHOICE or slot in {"time", "date"}:
        turn.say("no_preference")
    else:
        _tell_topic(turn, _SLOT_TOPICS.get(slot, slot))


def _tell_topic(turn: Turn, topic: str) -> None:
    if topic == "wait_list":
        turn.change(missing=None, asked=None, wait_listed=True, phase=Phase.CLOSE)
        turn.note("wait-list")
        turn.say("wait_list", name=brief_of(turn).owner)
        return
    note = find_note(brief_of(turn), topic)
    if note is None and topic == "location":
        turn.say("this_location")
        return
    if note is not None:
        turn.say("give_note", note=note)
        return
    turn.change(missing=topic)
    if _PAYMENT.search(topic):
        turn.say("unknown_payment")
        turn.ask(Asked.WITHOUT)
    elif topic in _NEEDED:
        turn.say("unknown_slot")
        turn.ask(Asked.WITHOUT)
    else:
        turn.say("unknown")


def find_note(brief: Brief, topic: str) -> str | None:
    """The owner's sentence about this topic, or None: it is then not known, or not to be told."""
    known = _TOPICS.get(_SAME_TOPIC.get(topic, topic))
    if known is None or _PAYMENT.search(topic):
        return None
    return next((note for note in brief.notes if known.search(note)), None)
