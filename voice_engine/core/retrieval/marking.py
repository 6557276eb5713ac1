"""Which words of a passage a question meets: what a person looks for first in it. Pure."""

import re
from collections import Counter
from dataclasses import dataclass

from voice_engine.core.retrieval.ranking import occurrences
from voice_engine.core.retrieval.terms import stems

_PIECES = re.compile(r"\w+|\W+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Some text, and whether it is a word of the question."""

    text: str
    is_hit: bool


def mark(text: str, question: str) -> tuple[Marked, ...]:
    """The text in pieces that join to it; words meet as they do in the ranking."""
    words = frozenset(stems(question))
    parts: list[Marked] = []
    for piece in _PIECES.findall(text):
        terms = Counter(stems(piece))
        is_hit = any(occurrences(word, terms) for word in words)
        if parts and not is_hit and not parts[-1].is_hit:
            parts[-1] = Marked(text=parts[-1].text + piece, is_hit=False)
        else:
            parts.append(Marked(text=piece, is_hit=is_hit))
    return tuple(parts)
