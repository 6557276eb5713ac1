"""Picks from a found passage what is said to a caller: the sentence or two that answer, never the page."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.core.retrieval.ranking import occurrences
from voice_engine.core.retrieval.sentences import is_question, sentences, without_label
from voice_engine.core.retrieval.terms import stems

SPOKEN_CHARS = 240
"""About fifteen seconds of speech: a caller stops listening before that."""
ALONE_CHARS = 140
"""A sentence shorter than this may be followed by one that goes on with it."""

_MARKUP = re.compile(r"[*_`#|]+|^\s*[-•–]\s+", re.MULTILINE)
_GOES_ON = re.compile(
    r"(?:it|they|this|these|that|also|only|except|but|however|then|both|there|"
    r"pero|también|además|solo|sólo|excepto|salvo|esto|estos|estas|ambos)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    spoken: str
    terms: Counter[str]
    starts_line: bool


def answer_in(passage: str, question: str) -> str:
    """The words of `passage` that answer `question`, ready to be spoken; short passages are told whole.

    Nothing is put together that does not stand together: at most two sentences, the second the one after the first.
    """
    whole = " ".join(_MARKUP.sub(" ", passage).split())
    if len(whole) <= SPOKEN_CHARS and "\n" not in passage.strip() and "?" not in whole:
        return whole
    found = _sentences(passage)
    if not found:
        return _shortened(whole)
    best = _best(found, list(dict.fromkeys(stems(question))))
    spoken = [found[best].spoken]
    following = found[best + 1] if best + 1 < len(found) else None
    if following is not None and _belongs(found[best], following):
        spoken.append(following.spoken)
    return _shortened(" ".join(spoken))


def _sentences(passage: str) -> list[_Sentence]:
    """Sentences as they are spoken. A question is not: its words count for the sentences of its answer."""
    found: list[_Sentence] = []
    asked = ""
    for line in passage.splitlines():
        plain = " ".join(_MARKUP.sub(" ", without_label(line)).split())
        if not plain:
            continue
        if is_question(line):
            asked = plain
            continue
        for number, sentence in enumerate(sentences(plain)):
            if sentence.endswith("?"):
                asked = sentence
                continue
            spoken = sentence if sentence[-1] in ".!…" else f"{sentence}."
            terms = Counter(stems(f"{asked} {sentence}"))
            found.append(_Sentence(spoken=spoken, terms=terms, starts_line=number == 0))
        asked = ""
    return found


def _best(found: Sequence[_Sentence], words: Sequence[str]) -> int:
    """The first of the sentences that have most of the question, its rarest words counting most."""
    having = {word: sum(1 for each in found if occurrences(word, each.terms)) for word in words}

    def share(index: int) -> float:
        terms = found[index].terms
        return sum(
            math.log(1 + len(found) / having[word]) for word in words if having[word] and occurrences(word, terms)
        )

    return max(range(len(found)), key=lambda index: (share(index), -index))


def _belongs(first: _Sentence, second: _Sentence) -> bool:
    room = len(first.spoken) <= ALONE_CHARS and len(first.spoken) + len(second.spoken) < SPOKEN_CHARS
    return room and not second.starts_line and _GOES_ON.match(second.spoken) is not None


def _shortened(text: str) -> str:
    if len(text) <= SPOKEN_CHARS:
        return text
    cut = text[:SPOKEN_CHARS]
    end = max(cut.rfind(mark) for mark in (". ", "; ", ", "))
    return f"{cut[: end if end > SPOKEN_CHARS // 3 else cut.rfind(' ')].rstrip(' ,;.')}."
