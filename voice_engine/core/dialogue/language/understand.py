"""The pipeline: canonical text → values → act text → commands. Pure, and it never raises on any text."""

from collections.abc import Sequence
from typing import Any

from voice_engine.core.dialogue.language.acts import Scene
from voice_engine.core.dialogue.language.clock import find_times
from voice_engine.core.dialogue.language.days import find_dates
from voice_engine.core.dialogue.language.digits import find_codes, find_phones
from voice_engine.core.dialogue.language.en import ENGLISH
from voice_engine.core.dialogue.language.es import SPANISH
from voice_engine.core.dialogue.language.grammar import Grammar
from voice_engine.core.dialogue.language.menu import find_menu
from voice_engine.core.dialogue.language.model import Context, Mention, Slots, Understanding
from voice_engine.core.dialogue.language.names import find_names
from voice_engine.core.dialogue.language.parties import bare_count, find_counts
from voice_engine.core.dialogue.language.repair import drop_corrected
from voice_engine.core.dialogue.language.respond import commands_of
from voice_engine.core.dialogue.language.text import Canonical, canonical

_LETTER = {
    "date": "D", "time": "T", "party_size": "P", "name": "X", "phone": "F", "code": "K", "nights": "N",
    "email": "E",
}  # fmt: skip
_MAX_CHARS = 2000  # a six-minute monologue is about 6,000; beyond this only the beginning counts


def grammar_of(language: str) -> Grammar:
    """The grammar of a language; Spanish for "es", English otherwise."""
    return SPANISH if language == "es" else ENGLISH


def understand(text: str, context: Context) -> Understanding:
    """What `text`, as a recogniser wrote it, means in `context`. Never raises, whatever the text."""
    grammar = grammar_of(context.language)
    canon = canonical(text[:_MAX_CHARS], grammar.words, context.expecting)
    menu = find_menu(canon.text, grammar.menu)
    if menu is not None:
        return Understanding(commands=(menu,))
    mentions, gone = find_mentions(canon, grammar, context)
    scene = _scene(canon, mentions, gone, context)
    return Understanding(commands=commands_of(scene, grammar.acts), slots=_slots(mentions))


def normalise(text: str, language: str = "en") -> tuple[str, ...]:
    """The canonical tokens of `text`."""
    return tuple(token.text for token in canonical(text, grammar_of(language).words).tokens)


def find_mentions(
    canon: Canonical, grammar: Grammar, context: Context
) -> tuple[list[Mention], list[tuple[int, int]]]:
    """Every value in the canonical text, in spoken order, and the spans that were corrected away."""
    work = canon.text
    emails, work = _emails(canon, work, grammar)
    figures = any(c.isdigit() for c in work)
    codes, work = find_codes(canon, work, grammar.codes, context)
    phones: list[Mention] = []
    parties: list[Mention] = []
    nights: list[Mention] = []
    if figures:
        phones, work = find_phones(work, grammar.codes, context)
        nights, work = find_counts(work, grammar.party.nights, "nights")
    parties, work = find_counts(work, grammar.party.strong, "party_size")
    dates, work = find_dates(work, grammar.dates, context)
    bare, work = bare_count(work, grammar.party, context) if not parties else ([], work)
    times, work = find_times(work, grammar.times, context, said=canon.text)
    weak, work = find_counts(work, grammar.party.weak, "party_size")
    names = find_names(canon, work, grammar.names, grammar.codes, context)
    found: list[Mention] = [*emails, *codes, *names]
    nights += [m for m in bare if m.kind == "nights"]
    parties = sorted([*parties, *weak, *(m for m in bare if m.kind == "party_size")], key=lambda m: m.start)
    gone: list[tuple[int, int]] = []
    for group in (phones, nights, parties, dates, times):
        kept, taken_back = drop_corrected(group, canon.text, grammar.repair)
        found += kept
        gone += taken_back
    found.sort(key=lambda mention: mention.start)
    return found, gone


def _emails(canon: Canonical, work: str, grammar: Grammar) -> tuple[list[Mention], str]:
    found: list[Mention] = []
    for match in grammar.email.finditer(work):
        value = canon.original(*match.span()) if "@" in match.group() else _spoken_email(match.group(), grammar)
        found.append(Mention("email", value.lower(), *match.span()))
        work = work[: match.start()] + "&" * len(match.group()) + work[match.end() :]
    return found, work


def _spoken_email(text: str, grammar: Grammar) -> str:
    words = ["@" if w in grammar.email_at else "." if w in grammar.email_dot else w for w in text.split()]
    return "".join(words)


def _scene(
    canon: Canonical, mentions: Sequence[Mention], gone: Sequence[tuple[int, int]], context: Context
) -> Scene:
    """The act text: each value replaced by its placeholder, corrected values cut out, with the way back."""
    pieces: list[str] = []
    offsets: list[int] = []
    values: dict[str, Mention] = {}
    at = 0
    cuts = [(start, end, None) for start, end in gone]
    for start, end, mention in sorted([*cuts, *((m.start, m.end, m) for m in mentions)], key=lambda cut: cut[:2]):
        if start < at:
            continue
        pieces.append(canon.text[at:start])
        offsets += range(at, start)
        if mention is not None:
            key = f"{_LETTER[mention.kind]}{len(values)}"
            values[key] = mention
            pieces.append(key)
            offsets += [start] * len(key)
        at = end
    pieces.append(canon.text[at:])
    offsets += range(at, len(canon.text) + 1)
    text = "".join(pieces)
    return Scene(source=canon.source, text=text, values=values, context=context, canon=canon, offsets=offsets)


def _slots(mentions: Sequence[Mention]) -> Slots:
    """Values by kind, each once."""

    def of(kind: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(m.value for m in mentions if m.kind == kind))

    return Slots(
        dates=of("date"),
        times=of("time"),
        party_sizes=of("party_size"),
        phones=of("phone"),
        codes=of("code"),
        names=of("name"),
        nights=of("nights"),
        emails=of("email"),
    )
