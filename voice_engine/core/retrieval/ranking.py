"""How well pieces of text answer a question: BM25 for their order, the covered share of the question for whether.

A question's words weigh by how few pieces have them; a word that none has weighs as one that a single piece has, so
that a question about something else is not answered by whatever shares its commonest word.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

K1, B = 1.2, 0.75
"""Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), usual values."""
MIN_SCORE = 0.34
"""A piece must cover about a third of the question's weight (tests/domains/knowledge)."""
SHORTEST_PREFIX = 4
"""From so many letters on, a question's stem also meets longer ones: endings are cut by rule, not by grammar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What is searched, as counts. `having`: how many pieces have a word of the question; absent: none."""

    pieces: int
    mean_length: float
    having: Mapping[str, int]

    def weight(self, word: str) -> float:
        """Inverse document frequency, above 0."""
        having = max(1, self.having.get(word, 0))
        return math.log(1 + (max(self.pieces, having) - having + 0.5) / (having + 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A piece that fits. `index` is its place in what was ranked, `score` the covered share (0..1)."""

    index: int
    bm25: float
    score: float


def occurrences(word: str, counts: Mapping[str, int]) -> int:
    """How often a question's word stands in a piece."""
    exact = counts.get(word, 0)
    if exact or len(word) < SHORTEST_PREFIX or word.isdigit():
        return exact
    return sum(count for term, count in counts.items() if term.startswith(word))


def rank(words: Sequence[str], pieces: Sequence[Mapping[str, int]], corpus: Corpus) -> list[Ranked]:
    """The pieces that fit, best first. `words` are a question's stems, each piece the counts of its own."""
    weights = {word: corpus.weight(word) for word in dict.fromkeys(words)}
    total = sum(weights.values())
    if total == 0:
        return []
    ranked = (_measure(index, weights, counts, corpus, total) for index, counts in enumerate(pieces))
    fitting = [each for each in ranked if each.score >= MIN_SCORE]
    return sorted(fitting, key=lambda each: (-each.bm25, each.index))


def corpus_of(words: Sequence[str], pieces: Sequence[Counter[str]]) -> Corpus:
    """The counts of pieces that are all at hand."""
    lengths = [piece.total() for piece in pieces]
    return Corpus(
        pieces=len(pieces),
        mean_length=sum(lengths) / len(lengths) if lengths else 0.0,
        having={word: sum(1 for piece in pieces if occurrences(word, piece)) for word in words},
    )


def _measure(
    index: int, weights: Mapping[str, float], counts: Mapping[str, int], corpus: Corpus, total: float
) -> Ranked:
    length = sum(counts.values())
    norm = K1 * (1 - B + B * length / corpus.mean_length) if corpus.mean_length else K1
    bm25 = cover = 0.0
    for word, weight in weights.items():
        if found := occurrences(word, counts):
            bm25 += weight * found * (K1 + 1) / (found + norm)
            cover += weight
    return Ranked(index=index, bm25=bm25, score=round(cover / total, 4))
