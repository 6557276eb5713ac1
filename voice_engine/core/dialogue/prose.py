"""Slots and questions in the owner's written words, English and Spanish: room, nights, service, doctor, seating …

Written text by the owner, not speech: a handful of patterns, no grammar. What is not found stays unknown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voice_engine.ports.call import Category

_NUMBER_WORDS: Mapping[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "un": 1, "una": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8,
    "nueve": 9, "diez": 10, "a": 1,
}  # fmt: skip
_NUMBER = "|".join((r"\d{1,2}", *_NUMBER_WORDS))
_NIGHTS = re.compile(rf"\b({_NUMBER})[\s-]+(?:nights?|noches?)\b", re.IGNORECASE)
_GUESTS = re.compile(
    rf"\b({_NUMBER})\s+(?:people|persons?|guests?|adults?|personas?|hu[eé]spedes|adultos?|comensales)\b",
    re.IGNORECASE,
)
_ROOM = re.compile(
    r"\b(single|double|twin|triple|family|king|queen|deluxe)\b(?:\s+(?:bed)?room|\s+suite)?"
    r"|\bhabitaci[oó]n\s+(individual|doble|triple|familiar|de lujo|sencilla)\b"
    r"|\b(suite)\b",
    re.IGNORECASE,
)
_DOCTOR = re.compile(
    r"\b((?:dr|dra|doctor"
    r"|doctora)\.?\s+[A-ZÁÉÍÓÚÑ][\w'áéíóúñü-]+(?:\s+[A-ZÁÉÍÓÚÑ][\w'áéíóúñü-]+)?)",
    re.IGNORECASE,
)
_SERVICE_END = r"(?=\s+(?:with|on|at|for|in|next|this|tomorrow|appointment|visit)\b|[.,;]|$)"
_SERVICES = (
    re.compile(
        r"\b(?:appointment|visit|slot)\s+for\s+(?:an?\s+|the\s+)?([a-z][\w -]+?)" + _SERVICE_END, re.IGNORECASE
    ),
    re.compile(
        r"\b(?:book|schedule|get|make|arrange)\s+(?:an?\s+|the\s+|his\s+|her\s+|my\s+)?([a-z][\w -]+?)"
        + _SERVICE_END,
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:cita|hora|visita|turno)\s+(?:para|de)\s+((?:una?\s+|la\s+|el\s+)?[a-záéíóúñ][\wáéíóúñ -]+?)"
        r"(?=\s+(?:con|el|la|a|en|para|ma[ñn]ana)\b|[.,;]|$)",
        re.IGNORECASE,
    ),
)
_SEATING = re.compile(
    r"\b(outside|outdoors?|on the terrace|terrace|patio|inside|indoors?|by the window|window seat"
    r"|window table|booth|at the bar)\b"
    r"|\b(en la terraza|terraza|fuera|al aire libre|dentro|interior|junto a la ventana|en la barra)\b",
    re.IGNORECASE,
)
_PATIENT = re.compile(
    r"\b(?:patient|paciente)(?:'s name)?(?:\s+is|\s+es|:)?\s+((?:[A-ZÁÉÍÓÚÑ][\w'áéíóúñü-]+\s?){1,3})"
)
_FOR_WHOM = re.compile(
    r"\b(?:for|para)(?: (?:my|his|her|our|mi|su) (?:son|daughter|wife|husband|mother|father|child|hij[oa]|mujer"
    r"|marido|madre|padre))? ([A-ZÁÉÍÓÚÑ][a-záéíóúñü]+(?: [A-ZÁÉÍÓÚÑ][a-záéíóúñü]+)?)"
)
_CAPITALS_WITHOUT_A_PERSON = frozenset({
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "March",
    "April", "May", "June", "July", "August", "September", "October", "November", "December", "Dr", "Dra", "Doctor",
    "Doctora", "A", "An", "The",
})  # fmt: skip
_GENERIC_SERVICES = frozenset(
    {"appointment", "visit", "table", "room", "reservation", "cita", "hora", "visita", "turno"}
)
_QUESTION = re.compile(
    r"^(?:and\s+|also\s+|please\s+)*(?:call\s+(?:them\s+)?(?:and|to)\s+)?(?:ask|find out|check|enquire"
    r"|inquire)\s+(?:them\s+)?(?:about\s+)?(?P<en>.+)$"
    r"|^(?:y\s+|tambi[eé]n\s+|por favor[, ]+)*(?:llama(?:r)?\s+(?:y|para|a)\s+)?(?:pregunt\w+|averig\w+"
    r"|consult\w+)\s+(?:por\s+)?(?P<es>.+)$",
    re.IGNORECASE,
)
_QUESTION_SPLIT = re.compile(
    r"(?:,\s*|\s+)(?:and|y|e)\s+(?=(?:whether|if|how|what|when|where|who|which|si|cu[aá]nto|cu[aá]l"
    r"|cu[aá]ndo|qu[eé]|d[oó]nde|a qu[eé])\b)"
    r"|,\s*(?=(?:whether|if|how|what|when|where|who|which|si|cu[aá]nto|cu[aá]l|cu[aá]ndo|qu[eé]|d[oó]nde"
    r"|a qu[eé])\b)",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:under|below|at most|up to|no more than|maximum(?: of)?|max\.?|budget(?: of| is)?|menos de"
    r"|como mucho|hasta"
    r"|m[aá]ximo(?: de)?|presupuesto(?: de| es)?)\s*[$€£]?\s*(\d{2,5})\b(?!\s*(?:people|personas|am|pm|:))",
    re.IGNORECASE,
)
_SECOND_PERSON = (
    (re.compile(r"\bthey are\b|\bthey're\b", re.IGNORECASE), "you are"),
    (re.compile(r"\bthey\b", re.IGNORECASE), "you"),
    (re.compile(r"\btheir\b", re.IGNORECASE), "your"),
    (re.compile(r"\bthem\b", re.IGNORECASE), "you"),
    (re.compile(r"\bmy\b", re.IGNORECASE), "their"),
    (re.compile(r"\bI'm\b|\bI am\b"), "they are"),
    (re.compile(r"\bI'll\b"), "they will"),
    (re.compile(r"\bI\b"), "they"),
    (re.compile(r"\bme\b", re.IGNORECASE), "them"),
)
_SUBJECT = r"(?:you|they|it|he|she|there|(?:the|their|your|a|an)\s+\w+)"
_INDIRECT = (
    (re.compile(rf"^(?:do|does|did)\s+({_SUBJECT})\s+", re.IGNORECASE), r"whether \1 "),
    (
        re.compile(rf"^(is|are|was|were|can|could|will|would|should|has|have)\s+({_SUBJECT})\s+", re.IGNORECASE),
        r"whether \2 \1 ",
    ),
    (
        re.compile(rf"^((?:what|which|when|where|how|who|why)\b[\w\s]*?)\s+(?:do|does)\s+({_SUBJECT})\s+", re.I),
        r"\1 \2 ",
    ),
    (
        re.compile(
            r"^(?=(?:tienen|hay|abren|aceptan|admiten|est[aá]n?|es|son|puedo|puede[ns]?|hacen|sirven)\b)", re.I
        ),
        "si ",
    ),
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """What the prose yields: slot values, the owner's questions, or else an errand to be told as it stands."""

    slots: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    errand: str | None = None
    price_limit: float | None = None


def read_prose(text: str, *, category: Category) -> Prose:
    """Read slots and questions out of the owner's words."""
    slots: dict[str, Any] = {}
    match category:
        case Category.HOTEL:
            _put(slots, "nights", _number(_NIGHTS.search(text)))
            _put(slots, "room", _first(_ROOM.search(text)))
            _put(slots, "party_size", _number(_GUESTS.search(text)))
        case Category.CLINIC:
            _put(slots, "service", _service(text))
            _put(slots, "doctor", _first(_DOCTOR.search(text), lower=False))
            _put(slots, "patient", _patient(text))
        case Category.RESTAURANT:
            _put(slots, "seating", _first(_SEATING.search(text)))
            _put(slots, "party_size", _number(_GUESTS.search(text)))
        case _:
            pass
    questions = _questions(text)
    limit = _LIMIT.search(text)
    return Prose(
        slots=slots,
        questions=tuple(second_person(question) for question in questions),
        errand=None if questions else _errand(text),
        price_limit=float(limit.group(1)) if limit else None,
    )


def second_person(question: str) -> str:
    """The owner's words as said to the other party: "they" becomes "you", the owner's "my" becomes "their"."""
    for pattern, replacement in _SECOND_PERSON:
        question = pattern.sub(replacement, question)
    return question


def _errand(text: str) -> str | None:
    bare = text.strip().rstrip(".!")
    if not bare:
        return None
    told = second_person(bare)
    return told[:1].lower() + told[1:]


def _put(slots: dict[str, Any], key: str, value: Any) -> None:
    if value is not None:
        slots[key] = value


def _first(match: re.Match[str] | None, *, lower: bool = True) -> str | None:
    if match is None:
        return None
    found = next(group for group in match.groups() if group)
    return found.strip().lower() if lower else found.strip()


def _number(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    word = match.group(1).lower()
    return int(word) if word.isdigit() else _NUMBER_WORDS[word]


def _patient(text: str) -> str | None:
    """Whom it is for, when that is a name: "the patient is Emma Smith", "a check-up for my son Tom"."""
    stated = _PATIENT.search(text)
    if stated is not None:
        return stated.group(1).strip()
    for match in _FOR_WHOM.finditer(text):
        if match.group(1).split()[0] not in _CAPITALS_WITHOUT_A_PERSON:
            return match.group(1)
    return None


def _service(text: str) -> str | None:
    for pattern in _SERVICES:
        for match in pattern.finditer(text):
            found = match.group(1).strip().lower()
            if found not in _GENERIC_SERVICES:
                return found
    return None


def _questions(text: str) -> tuple[str, ...]:
    """The indirect questions of the prose: "ask whether they open on Sunday and how much parking is" → two."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        bare = sentence.strip().rstrip(".!?")
        match = _QUESTION.match(bare)
        if match:
            asked = next(group for group in match.groups() if group)
            found.extend(part.strip() for part in _QUESTION_SPLIT.split(asked) if part.strip())
        elif sentence.strip().endswith("?"):
            found.append(indirect(bare.lstrip("¿ ")))
    return tuple(found)


def indirect(question: str) -> str:
    """A direct question as one that can follow "to ask": "Do they deliver" becomes "whether they deliver"."""
    question = question[:1].lower() + question[1:]
    for pattern, replacement in _INDIRECT:
        changed, count = pattern.subn(replacement, question, count=1)
        if count:
            return changed
    return question
