"""What sections say, in English and in Spanish: a `Subject` in, a `Rendering` out. Pure.

Every fact stands on a line of its own, so that a change of one moves no other. A setting that is not set has no
line; a section without lines does not exist.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from voice_engine.domains.prompts.sections import TITLES, Line, Rendering, SectionKey, Subject
from voice_engine.ports.call import Language

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

DAY_NAMES: Mapping[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado", "Domingo"),
}

_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "identity": "You are {assistant}, the friendly receptionist of {business}.",
            "role": "You answer the telephone: you greet callers, answer their questions and note what they need.",
            "manner": "Be warm, calm and brief: one or two short sentences at a time, in plain spoken words.",
            "honesty": "You are an AI assistant and never deny it. Say what you know; never guess.",
            "name": "- Name: {business}",
            "type": "- Kind of business: {type}",
            "description": "- Description: {description}",
            "site": "- Website: {site}",
            "closed": "- {day}: closed",
            "open": "- {day}: {open}-{close}",
            "overnight": "- {day}: {open}-{close} (until the next day)",
            "all_day": "- {day}: open around the clock",
            "zone": "These times are in the time zone {zone}.",
            "address": "The address is {address}.",
            "message": "When you cannot help, take a message: the caller's name, number and what it is about.",
            "transfer": "When somebody asks for a person or it is urgent, call transferCall: it reaches {number}.",
            "secret": "Do not read that number out. If nobody answers there, say so and take a message.",
            "search": "Call search_knowledge before you answer about the business; say only what it returns.",
            "calendar": "Call check_availability before you offer a time, book_appointment once the caller agrees.",
        },
        "es": {
            "identity": "Usted es {assistant}, recepcionista de {business}.",
            "role": "Atiende el teléfono: saluda a quien llama, responde a sus preguntas y anota lo que necesita.",
            "manner": "Hable con calma y cordialidad: una o dos frases cortas cada vez, con palabras sencillas.",
            "honesty": "Es un asistente de inteligencia artificial y nunca lo niega. Diga lo que sabe; no adivine.",
            "name": "- Nombre: {business}",
            "type": "- Tipo de negocio: {type}",
            "description": "- Descripción: {description}",
            "site": "- Sitio web: {site}",
            "closed": "- {day}: cerrado",
            "open": "- {day}: {open}-{close}",
            "overnight": "- {day}: {open}-{close} (hasta el día siguiente)",
            "all_day": "- {day}: abierto las 24 horas",
            "zone": "Estas horas son de la zona horaria {zone}.",
            "address": "La dirección es {address}.",
            "message": "Cuando no pueda ayudar, tome un recado: nombre, número y motivo de la llamada.",
            "transfer": "Si piden hablar con una persona o es urgente, use transferCall: comunica con {number}.",
            "secret": "No diga ese número en voz alta. Si allí nadie contesta, dígalo y tome un recado.",
            "search": "Use search_knowledge antes de responder sobre el negocio; diga solo lo que devuelve.",
            "calendar": "Use check_availability antes de ofrecer una hora, book_appointment cuando la acepten.",
        },
    }
)  # fmt: skip

CALENDAR_TOOL = "check_availability"
SEARCH_TOOL = "search_knowledge"


def render(key: SectionKey, subject: Subject) -> Rendering | None:
    """The section's text by the templates; None: its settings have nothing to say."""
    lines = tuple(_WRITERS[key](subject))
    return Rendering(title=TITLES[subject.language][key], lines=lines) if lines else None


def one_line(text: str | None) -> str:
    """A text of its owner's as part of one line: breaks and runs of spaces become one space."""
    return " ".join((text or "").split())


def spoken_type(business_type: str | None) -> str:
    """A kind of business in words; clients send slugs such as `dental_office`."""
    return one_line((business_type or "").replace("_", " "))


def _say(subject: Subject, key: str, **facts: str) -> Line:
    return Line(key=key, text=_WORDS[subject.language][key].format(**facts))


def _persona(subject: Subject) -> list[Line]:
    names = {"assistant": one_line(subject.assistant), "business": one_line(subject.business)}
    return [_say(subject, "identity", **names), *(_say(subject, key) for key in ("role", "manner", "honesty"))]


def _context(subject: Subject) -> list[Line]:
    facts = {
        "name": {"business": one_line(subject.business)},
        "type": {"type": spoken_type(subject.business_type)},
        "description": {"description": one_line(subject.description)},
        "site": {"site": one_line(subject.site)},
    }
    return [_say(subject, key, **fact) for key, fact in facts.items() if all(fact.values())]


def _hours(subject: Subject) -> list[Line]:
    if subject.hours is None:
        return []
    days = [_day(subject, index) for index in range(len(WEEKDAYS))]
    return [*days, _say(subject, "zone", zone=subject.timezone)]


def _day(subject: Subject, index: int) -> Line:
    weekday, name = WEEKDAYS[index], DAY_NAMES[subject.language][index]
    span = (subject.hours or {}).get(weekday)
    if not span or span.get("closed"):
        kind, opens, closes = "closed", "", ""
    else:
        opens, closes = str(span["open"]), str(span["close"])
        kind = "open" if closes > opens else "overnight"
        if opens == closes or (opens, closes) == ("00:00", "24:00"):
            kind = "all_day"
    return Line(key=weekday, text=_say(subject, kind, day=name, open=opens, close=closes).text)


def _address(subject: Subject) -> list[Line]:
    address = one_line(subject.address).rstrip(".")
    return [_say(subject, "address", address=address)] if address else []


def _handling(subject: Subject) -> list[Line]:
    lines = [_say(subject, "message")]
    if subject.transfer_number:
        lines += [_say(subject, "transfer", number=subject.transfer_number), _say(subject, "secret")]
    return lines


def _tools(subject: Subject) -> list[Line]:
    known = {SEARCH_TOOL: "search", CALENDAR_TOOL: "calendar"}
    return [_say(subject, key) for name, key in known.items() if name in subject.tools]


_WRITERS: Mapping[SectionKey, Callable[[Subject], list[Line]]] = {
    SectionKey.PERSONA: _persona,
    SectionKey.CONTEXT: _context,
    SectionKey.HOURS: _hours,
    SectionKey.ADDRESS: _address,
    SectionKey.HANDLING: _handling,
    SectionKey.TOOLS: _tools,
}
