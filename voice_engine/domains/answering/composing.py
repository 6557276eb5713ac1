"""From a business's settings, as they are now, to what the engine is told of one call. Pure.

A call keeps what it began with: all of it is in its `CallSpec`. What is true of this call alone (its day and hour,
whether the business is open, who calls) is added here and stored nowhere.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.greeting import disclosed
from voice_engine.domains.assistants.models import Assistant as AssistantRow
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.assistants.service import greeting_of
from voice_engine.domains.inbound.composing import Wishes, as_language
from voice_engine.domains.minutes.plans import Feature, Tier, has
from voice_engine.domains.prompts.facts import BusinessFacts
from voice_engine.domains.prompts.templates import spoken_type
from voice_engine.domains.prompts.tools import TRANSFER_CALL, tools_of
from voice_engine.domains.voices.catalogue import engine_voice
from voice_engine.ports.call import (
    Assistant,
    Business,
    CallLimits,
    CallSpec,
    Direction,
    GreetingMode,
    Language,
)

OUTBOUND_GREETINGS: Mapping[Language, str] = {
    "en": "Hello, this is {name}, the AI assistant of {business}. Do you have a moment?",
    "es": "Hola, soy {name}, asistente de inteligencia artificial de {business}. ¿Tiene un momento?",
}
"""What an assistant whose owner wrote no greeting says when it is the one who calls."""

FRONT_DESK: Mapping[Language, str] = {"en": "the front desk", "es": "recepción"}
"""What callers hear the transfer number called."""

_THIS_CALL: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "This call",
        "now": "It is {weekday}, {at:%Y-%m-%d}, {at:%H:%M} ({zone}).",
        "open": "The business is open now.",
        "closed": "The business is closed now.",
        "inbound": "The caller's number is {number}.",
        "hidden": "The caller's number is withheld.",
        "outbound": "You placed this call, to {number}.",
    },
    "es": {
        "title": "Esta llamada",
        "now": "Es {weekday}, {at:%Y-%m-%d}, las {at:%H:%M} ({zone}).",
        "open": "El negocio está abierto ahora.",
        "closed": "El negocio está cerrado ahora.",
        "inbound": "El número de quien llama es {number}.",
        "hidden": "Quien llama oculta su número.",
        "outbound": "Usted ha hecho esta llamada, al {number}.",
    },
}

_WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a call is composed of. `prompt` is the assistant's, `plan` decides which tools it may use."""

    organization: Organization
    assistant: AssistantRow
    prompt: str
    facts: BusinessFacts
    plan: Tier

    @property
    def language(self) -> Language:
        """The assistant's."""
        return as_language(self.assistant.language) or "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One call. `at` is aware; `other` is the other party's number, None when it is withheld."""

    call_id: str
    direction: Direction
    at: dt.datetime
    other: str | None
    max_seconds: int
    record: bool = True


def compose(settings: Settings, occasion: Occasion, wishes: Wishes | None = None) -> CallSpec:
    """What the engine is told. `wishes` are those of the routing rule that took the call."""
    wishes = wishes or Wishes()
    language = wishes.language or settings.language
    limits, zone = CallLimits(), settings.facts.timezone
    return CallSpec(
        call_id=occasion.call_id,
        direction=occasion.direction,
        language=language,
        app_language=as_language(settings.organization.locale) or language,
        answered_at=occasion.at.astimezone(ZoneInfo(zone)),
        assistant=_assistant(settings, occasion, wishes, language),
        caller_phone=occasion.other,
        voice=engine_voice(settings.assistant.voice_id),
        prompt=_prompt(settings, occasion, wishes, language),
        knowledge_scope=settings.assistant.id,
        calendar_scope=settings.organization.id,
        record=occasion.record,
        limits=replace(limits, max_seconds=min(limits.max_seconds, occasion.max_seconds)),
        metadata={
            "timezone": zone,
            "organization_id": settings.organization.id,
            "assistant_id": settings.assistant.id,
        },
    )


def transfer_targets(settings: Settings, language: Language) -> dict[str, str]:
    """Whom callers can be put through to: nobody, while the plan lacks transfers or nobody is named.

    The setting is kept meanwhile, so that a larger plan finds it again.
    """
    offered = any(tool.name == TRANSFER_CALL for tool in tools_of(settings.assistant))
    number = settings.facts.transfer_number
    if number is None or not offered or not has(settings.plan, Feature.TRANSFER):
        return {}
    return {FRONT_DESK[language]: number}


def this_call(facts: BusinessFacts, occasion: Occasion, language: Language) -> str:
    """What the assistant's prompt does not know: when this call is, and with whom."""
    words, here = _THIS_CALL[language], occasion.at.astimezone(ZoneInfo(facts.timezone))
    weekday = _WEEKDAYS[language][here.weekday()]
    lines = [f"## {words['title']}", words["now"].format(weekday=weekday, at=here, zone=facts.timezone)]
    is_open = facts.is_open(occasion.at)
    if is_open is not None:
        lines.append(words["open" if is_open else "closed"])
    kind = occasion.direction if occasion.other is not None else "hidden"
    lines.append(words[kind].format(number=occasion.other))
    return "\n".join(lines)


def _assistant(settings: Settings, occasion: Occasion, wishes: Wishes, language: Language) -> Assistant:
    facts, row = settings.facts, settings.assistant
    return Assistant(
        name=spoken_name(row),
        business=Business(
            name=facts.name,
            type=spoken_type(facts.business_type),
            address=facts.address or "",
            timezone=facts.timezone,
        ),
        greeting=_greeting(settings, occasion, wishes, language),
        greeting_mode=GreetingMode(row.first_message_mode),
        hours=dict(facts.hours),
        transfer_targets=transfer_targets(settings, language),
    )


def _greeting(settings: Settings, occasion: Occasion, wishes: Wishes, language: Language) -> str:
    """What is said first, and that a machine says it."""
    row, own = settings.assistant, wishes.greeting or settings.assistant.first_message
    if own is None and occasion.direction == "outbound":
        return OUTBOUND_GREETINGS[language].format(name=spoken_name(row), business=settings.facts.name)
    return disclosed(own or greeting_of(row, settings.organization), language)


def _prompt(settings: Settings, occasion: Occasion, wishes: Wishes, language: Language) -> str:
    parts = (settings.prompt.strip(), wishes.instructions, this_call(settings.facts, occasion, language))
    return "\n\n".join(part for part in parts if part)
