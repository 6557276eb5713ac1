"""How many people, and how many nights: patterns of a language, run over canonical text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.language.model import Context, Mention

CountReader = Callable[["re.Match[str]"], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyGrammar:
    """`strong`: with a word for people; `weak`: "for four", read after the times; `bare`: only when asked."""

    strong: Sequence[tuple[re.Pattern[str], CountReader]]
    weak: Sequence[tuple[re.Pattern[str], CountReader]]
    bare: re.Pattern[str]
    nights: Sequence[tuple[re.Pattern[str], CountReader]]


def read_count(match: re.Match[str]) -> int | None:
    """Group `n`: figures, or an article for one."""
    said = match["n"]
    return int(said) if said and said.isdigit() else 1


def find_counts(
    work: str, patterns: Sequence[tuple[re.Pattern[str], CountReader]], kind: str
) -> tuple[list[Mention], str]:
    """Mentions of `kind` ("party_size" or "nights") in `work`, masked by `%`."""
    found: list[Mention] = []
    for pattern, reader in patterns:
        position = 0
        while (match := pattern.search(work, position)) is not None:
            start, end = match.span("v")
            position = max(end, start + 1)
            count = reader(match)
            if count is None or not 0 < count < 500:
                continue
            found.append(Mention("nights" if kind == "nights" else "party_size", count, start, end))
            work = work[:start] + "%" * (end - start) + work[end:]
    found.sort(key=lambda mention: mention.start)
    return found, work


def bare_count(work: str, grammar: PartyGrammar, context: Context) -> tuple[list[Mention], str]:
    """A number alone when the open question is how many."""
    if context.expecting != "party_size" and context.asked not in ("party_size", "nights"):
        return [], work
    kind = "nights" if context.asked == "nights" else "party_size"
    return find_counts(work, ((grammar.bare, read_count),), kind)
