"""The owner's wish about time, in prose ("between 7 and 9", "por la tarde"), as a window."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from voice_engine.core.dialogue.language.clock import find_times
from voice_engine.core.dialogue.language.model import Context, Mention, Window
from voice_engine.core.dialogue.language.text import canonical
from voice_engine.core.dialogue.language.understand import grammar_of

_AROUND = dt.timedelta(minutes=30)  # "around eight" is half an hour either way


@dataclass(frozen=True, slots=True)
class _Words:
    after: re.Pattern[str]
    before: re.Pattern[str]
    earliest: re.Pattern[str]
    latest: re.Pattern[str]
    parts: tuple[tuple[re.Pattern[str], dt.time, dt.time], ...]


def _part(pattern: str, start: int, end: int) -> tuple[re.Pattern[str], dt.time, dt.time]:
    return re.compile(pattern), dt.time(start), dt.time(end % 24, 0) if end < 24 else dt.time(23, 59)


_WORDS = {
    "en": _Words(
        after=re.compile(
            r"\b(?:after|from|since|no earlier than|not before|at the earliest"
            r"|(?<!no )(?<!not )later than|past|starting"
            r"|beginning)(?: at)? $"
        ),
        before=re.compile(
            r"\b(?:before|by|until|till|til|no later than|not after|not later than|earlier than|at the latest"
            r"|up to)(?: at)? $"
        ),
        earliest=re.compile(
            r"\b(?:as early as possible|earliest|as soon as possible|asap|first available"
            r"|the earlier the better|soonest)\b"
        ),
        latest=re.compile(r"\b(?:as late as possible|latest|the later the better|last available)\b"),
        parts=(
            _part(r"\b(?:early|first thing in the) morning\b", 8, 10),
            _part(r"\blate morning\b", 10, 12),
            _part(r"\bmornings?\b", 8, 12),
            _part(r"\bearly afternoon\b", 12, 15),
            _part(r"\blate afternoon\b", 15, 18),
            _part(r"\bafternoons?\b", 12, 18),
            _part(r"\bearly evening\b", 17, 19),
            _part(r"\blate evening\b", 20, 23),
            _part(r"\b(?:evenings?|dinner(?:time)?|supper)\b", 17, 22),
            _part(r"\b(?:nights?|tonight)\b", 18, 23),
            _part(r"\b(?:breakfast)\b", 7, 11),
            _part(r"\b(?:brunch)\b", 10, 14),
            _part(r"\b(?:lunch(?:time)?|midday|noon)\b", 11, 15),
        ),
    ),
    "es": _Words(
        after=re.compile(r"\b(?:despues de|a partir de|desde|no antes de|pasadas?|mas tarde de|de)(?: las?)? $"),
        before=re.compile(
            r"\b(?:antes de|hasta|no mas tarde de|no despues de|como mucho a|como muy tarde a"
            r"|a mas tardar a)(?: las?)? $"
        ),
        earliest=re.compile(
            r"\b(?:lo antes posible|cuanto antes|lo mas (?:temprano|pronto)(?: posible)?"
            r"|primera hora disponible|la primera)\b"
        ),
        latest=re.compile(r"\b(?:lo mas tarde(?: posible)?|la ultima|ultima hora)\b"),
        parts=(
            _part(r"\b(?:a )?primera hora(?: de la manana)?\b", 8, 10),
            _part(r"\b(?:por|en|a|de|durante) la manana\b|\bmananas\b|^manana$|\bmatutino\b", 8, 12),
            _part(r"\b(?:mediodia|almuerzo|almorzar|hora de comer|para comer|la comida)\b", 12, 16),
            _part(r"\btardes?\b(?! posible)|\bvespertino\b", 13, 20),
            _part(r"\b(?:noches?|cena|cenar)\b", 19, 23),
            _part(r"\bdesayuno\b", 7, 11),
        ),
    ),
}


def parse_window(text: str, context: Context) -> Window:
    """When something may take place, from prose; all `None` when the text says nothing about time."""
    grammar = grammar_of(context.language)
    words = _WORDS[context.language]
    canon = canonical(text, grammar.words, None).text
    times, _ = find_times(canon, grammar.times, context)
    order = _order(canon, words)
    if not times:
        part = next((part for part in words.parts if part[0].search(canon)), None)
        return Window(earliest=part[1], latest=part[2], order=order) if part else Window(order=order)
    earliest, latest, wishes = _bounds(times, canon, words)
    preferred = wishes[0].value if wishes else None
    if earliest is None and latest is None:
        if len(wishes) > 1:
            earliest, latest = min(m.value for m in wishes), max(m.value for m in wishes)
        elif wishes[0].approximate:
            earliest, latest = _shift(wishes[0].value, -_AROUND), _shift(wishes[0].value, _AROUND)
    return Window(earliest=earliest, latest=latest, preferred=preferred, order=order)


def _order(canon: str, words: _Words) -> Literal["earliest", "latest"] | None:
    if words.earliest.search(canon):
        return "earliest"
    return "latest" if words.latest.search(canon) else None


def _bounds(
    times: Sequence[Mention], canon: str, words: _Words
) -> tuple[dt.time | None, dt.time | None, list[Mention]]:
    """(earliest, latest, the times that are wishes) by what stands before each time."""
    earliest: dt.time | None = None
    latest: dt.time | None = None
    wishes: list[Mention] = []
    for mention in times:
        lead = canon[: mention.start]
        if mention.until is not None:
            earliest, latest = mention.value, mention.until
        elif mention.value == latest:
            continue
        elif words.after.search(lead):
            earliest = mention.value
        elif words.before.search(lead):
            latest = mention.value
        else:
            wishes.append(mention)
    return earliest, latest, wishes


def _shift(value: dt.time, by: dt.timedelta) -> dt.time:
    """`value` moved within its day."""
    moved = dt.timedelta(hours=value.hour, minutes=value.minute) + by
    minutes = min(max(int(moved.total_seconds()) // 60, 0), 24 * 60 - 1)
    return dt.time(minutes // 60, minutes % 60)
