"""Sentences of written text. Abbreviations, initials, times and decimals end none."""

import re
from collections.abc import Iterator

from voice_engine.core.dialogue.clauses import ABBREVIATIONS

_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)»\]]*+(?=\s|$)|\n++")
_LAST_WORD = re.compile(r"([\w'’.]+)\.[\"'”’)»\]]*$")
_ASKED = re.compile(r"(?:q|p|question|pregunta)\s*[.:)]\s*", re.IGNORECASE)
_ANSWERED = re.compile(r"(?:a|r|answer|respuesta)\s*[.:)]\s*", re.IGNORECASE)
_LONGEST_WORD = 24
_NUMBERED = frozenset({"no", "nr", "núm", "num", "p", "pág", "art"})


def sentences(text: str) -> Iterator[str]:
    """The text's sentences, trimmed; an end of line ends one, too."""
    start = 0
    for match in _END.finditer(text):
        sentence = text[start : match.end()].strip()
        if not match[0].startswith("\n") and _goes_on(sentence, text[match.end() :].lstrip()[:1]):
            continue
        start = match.end()
        if sentence:
            yield sentence
    if rest := text[start:].strip():
        yield rest


def is_question(line: str) -> bool:
    """Whether this line asks, as lists of questions and answers have it."""
    return line.rstrip(" *_").endswith("?") or _ASKED.match(line.lstrip("*_ ")) is not None


def without_label(line: str) -> str:
    """A line of such a list without its `Q:` or `A:`."""
    bare = line.lstrip("*_ ")
    label = _ASKED.match(bare) or _ANSWERED.match(bare)
    return bare[label.end() :] if label else line


def _goes_on(sentence: str, following: str) -> bool:
    last = _LAST_WORD.search(sentence[-_LONGEST_WORD:])
    if last is None:
        return False
    word = last[1].lower()
    if word in ABBREVIATIONS or (word in _NUMBERED and following.isdigit()):
        return True
    initials = re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", word) is not None
    return initials and (following.islower() or (len(word) == 1 and word not in {"i", "a", "y", "o"}))
