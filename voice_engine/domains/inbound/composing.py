"""From an organization's reception settings to what the engine is told when a call comes in.

Without settings it is a personal receptionist: it answers for the account's owner, takes messages, says what it
knows, and books nothing.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from zoneinfo import ZoneInfo

from voice_engine.domains.assistants.greeting import disclosed
from voice_engine.domains.inbound.models import ReceptionSettings
from voice_engine.ports.call import (
    Assistant,
    Business,
    CallLimits,
    CallSpec,
    KnowledgeEntry,
    Language,
    OpeningHours,
)

LANGUAGES = ("en", "es")

GREETINGS: Mapping[Language, str] = {
    "en": "Hello, you've reached {name}'s AI assistant. How can I help you?",
    "es": "Hola, soy el asistente de inteligencia artificial de {name}. ¿En qué puedo ayudarle?",
}
VOICEMAIL_GREETINGS: Mapping[Language, str] = {
    "en": "You've reached {name}. Nobody can take your call right now. Please leave a message after the tone.",
    "es": "Ha llamado a {name}. Ahora no podemos atenderle. Deje su mensaje después de la señal.",
}
NAMELESS: Mapping[Language, str] = {"en": "this number", "es": "este número"}
"""Whom one reached when the account has no name: an address is never read to a caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Who is answered for. `name` is the owner's, None when the account has none. `timezone` is IANA."""

    name: str | None
    timezone: str
    locale: str
    settings: ReceptionSettings | None

    @property
    def language(self) -> Language:
        """The language of the house."""
        wished = self.settings.language if self.settings else None
        return as_language(wished) or as_language(self.locale) or "en"

    def called(self, language: Language) -> str:
        """What callers know the house as."""
        business = self.settings.business_name if self.settings else None
        return business or self.name or NAMELESS[language]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a rule says about the answer: its own greeting, instructions and language."""

    greeting: str | None = None
    instructions: str | None = None
    language: Language | None = None


def as_language(word: object) -> Language | None:
    """A language that we speak, out of a locale such as `es-MX`; None: another."""
    short = str(word or "")[:2].lower()
    return cast(Language, short) if short in LANGUAGES else None


def read_wishes(config: Mapping[str, Any]) -> Wishes:
    """A rule's `action_config` as wishes."""
    return Wishes(
        greeting=config.get("greeting") or None,
        instructions=config.get("instructions") or None,
        language=as_language(config.get("language")),
    )


def receptionist(
    house: House, wishes: Wishes, *, call_id: str, caller: str | None, at: dt.datetime, max_seconds: int
) -> CallSpec:
    """What the engine is told. `max_seconds` is what the call's credits pay; `at` (aware) fixes "today"."""
    settings, language = house.settings, wishes.language or house.language
    limits = CallLimits()
    return CallSpec(
        call_id=call_id,
        direction="inbound",
        language=language,
        app_language=as_language(house.locale) or language,
        answered_at=at.astimezone(ZoneInfo(house.timezone)),
        assistant=_assistant(house, wishes, language),
        caller_phone=caller,
        voice=settings.voice if settings else None,
        prompt=_prompt(settings, wishes),
        record=settings.record if settings else True,
        limits=replace(limits, max_seconds=min(limits.max_seconds, max_seconds)),
        metadata={"timezone": house.timezone},
    )


def voicemail_greeting(house: House, wishes: Wishes) -> tuple[str, Language]:
    """What is said before the tone, and in which language."""
    language = wishes.language or house.language
    own = wishes.greeting or (house.settings.voicemail_greeting if house.settings else None)
    return own or VOICEMAIL_GREETINGS[language].format(name=house.called(language)), language


def _assistant(house: House, wishes: Wishes, language: Language) -> Assistant:
    settings, name = house.settings, house.called(language)
    own = wishes.greeting or (settings.greeting if settings else None)
    greeting = disclosed(own, language) if own else GREETINGS[language].format(name=name) if house.name else None
    if settings is None:
        business = Business(name=name, timezone=house.timezone)
        return Assistant(name=name, business=business, greeting=greeting)
    business = Business(
        name=name,
        type=settings.business_type,
        address=settings.address,
        timezone=house.timezone,
        services=tuple(str(service) for service in settings.services),
    )
    return Assistant(
        name=settings.assistant_name or name,
        business=business,
        greeting=greeting,
        hours=_hours(settings),
        knowledge=tuple(KnowledgeEntry(key=fact["key"], text=fact["text"]) for fact in settings.knowledge),
        transfer_targets={str(key): str(number) for key, number in settings.transfer_targets.items()},
        slot_minutes=settings.slot_minutes,
    )


def _hours(settings: ReceptionSettings) -> dict[str, OpeningHours]:
    return {
        day: OpeningHours(open=dt.time.fromisoformat(span["open"]), close=dt.time.fromisoformat(span["close"]))
        for day, span in settings.hours.items()
        if span
    }


def _prompt(settings: ReceptionSettings | None, wishes: Wishes) -> str | None:
    parts = [settings.prompt if settings else None, wishes.instructions]
    return "\n\n".join(part for part in parts if part) or None
