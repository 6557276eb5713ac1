"""A section in a language model's words: kept with the facts that it was written from.

It holds as long as those facts do. A fact that stands in it word for word (a name, a site) may change: it is put in
place of the old one. When another one changes, the words are no longer true, and the templates speak again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from voice_engine.domains.prompts.sections import TITLES, Line, Rendering, SectionKey, Subject
from voice_engine.domains.prompts.templates import one_line, render, spoken_type


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The lines, and the facts by name."""

    lines: tuple[str, ...]
    facts: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {"lines": list(self.lines), "facts": dict(self.facts)}


def read_wording(kept: Mapping[str, Any] | None) -> Wording | None:
    """A kept wording; None: there is none."""
    if kept is None:
        return None
    return Wording(lines=tuple(map(str, kept["lines"])), facts={**kept["facts"]})


def facts_of(key: SectionKey, subject: Subject) -> Mapping[str, str]:
    """What the words of a section depend on. A fact that is not set is ""."""
    facts = {"language": subject.language, "business": one_line(subject.business)}
    if key is SectionKey.PERSONA:
        facts["assistant"] = one_line(subject.assistant)
    else:
        facts["type"] = spoken_type(subject.business_type)
        facts["description"] = one_line(subject.description)
        facts["site"] = one_line(subject.site)
    return MappingProxyType(facts)


def write(key: SectionKey, subject: Subject, wording: Wording | None) -> Rendering | None:
    """The section: in the wording's words while they are true, else in the templates'."""
    lines = None if wording is None else _told(wording, facts_of(key, subject))
    if lines is None:
        return render(key, subject)
    told = tuple(Line(key=f"w{index}", text=line) for index, line in enumerate(lines))
    return Rendering(title=TITLES[subject.language][key], lines=told)


def _told(wording: Wording, facts: Mapping[str, str]) -> tuple[str, ...] | None:
    changed = {name: fact for name, fact in wording.facts.items() if facts.get(name) != fact}
    if not changed:
        return wording.lines
    text = "\n".join(wording.lines)
    new_by_old = {old: facts.get(name, "") for name, old in changed.items()}
    if "language" in changed or not all(new and _stands_in(old, text) for old, new in new_by_old.items()):
        return None
    pattern = "|".join(_whole(old) for old in sorted(new_by_old, key=len, reverse=True))
    return tuple(re.sub(pattern, lambda match: new_by_old[match[0]], line) for line in wording.lines)


def _stands_in(fact: str, text: str) -> bool:
    return bool(fact) and re.search(_whole(fact), text) is not None


def _whole(fact: str) -> str:
    """A pattern of the fact as words of their own."""
    return rf"(?<!\w){re.escape(fact)}(?!\w)"
