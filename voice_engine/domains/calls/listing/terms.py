"""What of a call can be searched for, as terms: runs of `a-z0-9_` that both databases' indexes keep as they are.

| term | stands for |
| --- | --- |
| `o_<id>` | the organization: every search asks for it, so that nobody else's calls are even looked at |
| `f_<word>` | a fact that lists are filtered by: direction, channel, state, category, outcome, `f_recorded` |
| `n_<word>` | a word of a name, or the last digits of a number: found by its beginning |
| `s_<root>` | a word of the summary, of highlights or of what the call was for |
| `<root>` | a word that was said: any form of a word finds any other, in both languages |

Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from voice_engine.core.retrieval.terms import LONGEST_TERM, stems

NAME, SUMMARY, FACT, OWNER = "n_", "s_", "f_", "o_"

FEWEST_DIGITS = 3
"""As many digits of a number find it; fewer are told by too many."""
FEWEST_LETTERS = 2
MOST_WORDS = 8
"""Words of a search that are looked at."""
MOST_SAID = 4_000
"""Different words that are kept of one call: an hour of talk has about 2,000."""
SNIPPET_CHARS = 180

_WORD = re.compile(r"[a-z0-9]+")
_RUN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\+?\d[\d\s().\-/]{4,}\d", re.ASCII)
_DIALLED = re.compile(r"\+?\d{3,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One entry of the index to look for; with `is_prefix` whatever begins with it."""

    text: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a search: folded as it was typed. `root` None: it says nothing by itself ("the")."""

    text: str
    root: str | None

    @property
    def is_number(self) -> bool:
        """Whether it is part of a number."""
        return self.text.isdigit()

    def names(self) -> list[Term]:
        """Where it stands in a name or a number."""
        fewest = FEWEST_DIGITS if self.is_number else FEWEST_LETTERS
        terms = [Term(text=NAME + self.text, is_prefix=len(self.text) >= fewest)]
        if self.is_number and self.text.startswith("0") and len(self.text) > FEWEST_DIGITS:
            terms.append(Term(text=NAME + self.text.lstrip("0"), is_prefix=True))  # a trunk zero: 020 7946 0958
        return terms

    def said(self, *, transcripts: bool) -> list[Term]:
        """Where it stands in a summary, and in `transcripts` too."""
        if self.root is None:
            return []
        return [Term(text=SUMMARY + self.root), *([Term(text=self.root)] if transcripts else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a text; `marked`: it is what was searched for."""

    text: str
    marked: bool = False


def parse_words(text: str) -> tuple[Word, ...]:
    """The words of a search, each once; a phone number in any notation is one of them."""
    numbers = ["".join(filter(str.isdigit, found)) for found in _NUMBER.findall(text)]
    rest = _NUMBER.sub(" ", text)
    found = [
        Word(text=word, root=next(iter(roots(word)), None))
        for word in (*numbers, *_folded(rest))
        if len(word) <= LONGEST_TERM
    ]
    telling = [word for word in found if word.root is not None] or found
    return tuple(dict.fromkeys(telling))[:MOST_WORDS]


def owner_term(organization_id: str) -> str:
    """The organization's own term."""
    return OWNER + organization_id.replace("-", "").lower()


def fact_term(word: str) -> str:
    """The term of a fact."""
    return FACT + word.lower()


def name_terms(*texts: str | None) -> set[str]:
    """The words of names."""
    return {NAME + word for text in texts if text for word in _folded(text) if len(word) <= LONGEST_TERM}


def number_terms(number: str | None) -> set[str]:
    """The ends of a number, so that any run of its digits is the beginning of one; of anything else its words."""
    if number is None or not _DIALLED.fullmatch(number):
        return name_terms(number)
    digits = number.lstrip("+")
    return {NAME + digits[start:] for start in range(len(digits) - FEWEST_DIGITS + 1)}


def summary_terms(texts: Iterable[str | None]) -> set[str]:
    """The words of what a call was for and what it came to."""
    return {SUMMARY + root for text in texts if text for root in roots(text)}


def said_terms(texts: Iterable[str | None]) -> set[str]:
    """The words that were said, `MOST_SAID` of them."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(roots(text or "")))
        if len(found) >= MOST_SAID:
            break
    return set(list(found)[:MOST_SAID])


def roots(text: str) -> list[str]:
    """The content words of a text in their order, each as its root."""
    return [_root(stem) for stem in stems(text)]


def mark(text: str, words: Sequence[Word]) -> tuple[Piece, ...]:
    """The text in pieces, the words of a search marked in it."""
    if any(word.is_number and len(word.text) >= FEWEST_DIGITS and word.text in _digits(text) for word in words):
        return (Piece(text=text, marked=True),)
    pieces: list[Piece] = []
    end = 0
    for run in _RUN.finditer(text):
        if not hits(run.group(), words):
            continue
        if run.start() > end:
            pieces.append(Piece(text=text[end : run.start()]))
        pieces.append(Piece(text=run.group(), marked=True))
        end = run.end()
    if end < len(text):
        pieces.append(Piece(text=text[end:]))
    return tuple(pieces)


def hits(text: str, words: Sequence[Word]) -> frozenset[Word]:
    """The words of a search that stand in a text."""
    folded, found = _folded(text), set(roots(text))
    return frozenset(
        word
        for word in words
        if (word.root is not None and word.root in found)
        or (len(word.text) >= FEWEST_DIGITS and any(one.startswith(word.text) for one in folded))
    )


def cut(text: str, words: Sequence[Word]) -> str:
    """About `SNIPPET_CHARS` of a text around the first word that was searched for."""
    if len(text) <= SNIPPET_CHARS:
        return text
    first = next((run.start() for run in _RUN.finditer(text) if hits(run.group(), words)), 0)
    start = max(0, min(first - SNIPPET_CHARS // 3, len(text) - SNIPPET_CHARS))
    start = 0 if start == 0 else text.find(" ", start) + 1
    end = start + SNIPPET_CHARS
    if end >= len(text):
        return f"…{text[start:]}"
    end = max(text.rfind(" ", start, end), start + SNIPPET_CHARS // 2)
    return f"{'…' if start else ''}{text[start:end]}…"


@lru_cache(maxsize=16_384)
def _root(stem: str) -> str:
    """A stem without further endings: "reservations" and "reservar" meet at "reserv"."""
    shorter = next(iter(stems(stem)), stem)
    return stem if shorter == stem else _root(shorter)


def _folded(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return _WORD.findall("".join(char for char in decomposed if not unicodedata.combining(char)))


def _digits(text: str) -> str:
    """The digits of a text that is a number and nothing else."""
    return "" if re.search(r"[^\d\s()+.\-]", text) else "".join(filter(str.isdigit, text))
