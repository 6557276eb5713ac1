"""The sections of a prompt that settings write: which there are, in which order, under which titles.

What stands in them follows from a `Subject` (`templates.py`); a `Rendering` is a section's text, line by line, each
line under a key that stays the same when its text changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from voice_engine.ports.call import Language


class SectionKey(StrEnum):
    """A managed section, in the order in which they stand in a prompt; the values are the wire's."""

    PERSONA = "persona"
    CONTEXT = "context"
    HOURS = "hours"
    ADDRESS = "address"
    HANDLING = "handling"
    TOOLS = "tools"


ORDER: tuple[SectionKey, ...] = tuple(SectionKey)

TITLES: Mapping[Language, Mapping[SectionKey, str]] = MappingProxyType(
    {
        "en": {
            SectionKey.PERSONA: "Persona",
            SectionKey.CONTEXT: "About the business",
            SectionKey.HOURS: "Business hours",
            SectionKey.ADDRESS: "Address",
            SectionKey.HANDLING: "Call handling",
            SectionKey.TOOLS: "Tools",
        },
        "es": {
            SectionKey.PERSONA: "Personalidad",
            SectionKey.CONTEXT: "Sobre el negocio",
            SectionKey.HOURS: "Horario",
            SectionKey.ADDRESS: "Dirección",
            SectionKey.HANDLING: "Gestión de llamadas",
            SectionKey.TOOLS: "Herramientas",
        },
    }
)

KEY_BY_TITLE: Mapping[str, SectionKey] = MappingProxyType(
    {title.casefold(): key for titles in TITLES.values() for key, title in titles.items()}
)
"""A section is known by its title in either language: a prompt may be older than its assistant's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a section. `key` says what it is about, whatever it says."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A section as its settings would have it. No line is blank, a heading or broken."""

    title: str
    lines: tuple[Line, ...]

    @property
    def body(self) -> str:
        """Its text without the heading."""
        return "\n".join(line.text for line in self.lines)

    @property
    def text(self) -> str:
        """Its text with the heading."""
        return f"{heading(self.title)}\n{self.body}"

    def as_json(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {"title": self.title, "lines": [[line.key, line.text] for line in self.lines]}


def read_rendering(kept: Mapping[str, Any] | None) -> Rendering | None:
    """A kept rendering; None: its settings had nothing to say."""
    if kept is None:
        return None
    lines = tuple(Line(key=str(key), text=str(text)) for key, text in kept["lines"])
    return Rendering(title=str(kept["title"]), lines=lines)


def heading(title: str) -> str:
    """The line that a section begins with."""
    return f"## {title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything that sections are written from. Texts are as their owner gave them; "" or None: not set.

    Attributes:
        assistant: what the receptionist calls itself.
        hours: English weekday names in lower case to `{"open", "close"}` or `{"closed": true}`; a day that is left
            out is closed; None: nothing was said about hours.
        timezone: IANA name.
        transfer_number: E.164.
        tools: names of what the receptionist may do beside talking.
    """

    assistant: str
    business: str
    language: Language = "en"
    business_type: str | None = None
    description: str | None = None
    site: str | None = None
    address: str | None = None
    hours: Mapping[str, Any] | None = None
    timezone: str = "UTC"
    transfer_number: str | None = None
    tools: frozenset[str] = field(default=frozenset())


def as_language(word: str) -> Language:
    """One of the languages that prompts are written in; English unless it is Spanish."""
    return "es" if word[:2].lower() == "es" else "en"
