"""How sure a token decoder is of the end of its text, and what else the text may end with.

Turn-taking hangs on the last word: "y", "o" and "con" are short and unstressed, and a decoder that hears one wrong
still had it among its other choices.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LEAST = 0.01
"""Alternatives less probable than this are left out; some three of a text remain, 27 at most in 300 texts."""


def last_word(
    ids: Sequence[int], logits: Sequence[Floats], spell: Callable[[list[int]], str], *, end: int
) -> tuple[float, tuple[tuple[str, float], ...]]:
    """(sureness, alternatives) of a decoded text, as in `Hypothesis`.

    `logits`: of each decoding step, shape (vocabulary,), the step that ended the text included; `end` is the token
    that ends it. `spell` leaves out what is no text. Sureness is the probability of its last word times
    that of a full stop or the end after it. Alternatives are cut after the token in which they differ; they have
    letters there, because a comma, or a digit cut off from the others, says nothing about the last word.
    """
    stop = len(ids)
    while stop and not any(map(str.isalnum, spell([ids[stop - 1]]))):
        stop -= 1
    if not stop:
        return 0.0, ()
    start = stop - 1
    while start and not spell([ids[start]]).startswith(" "):
        start -= 1
    steps = [_probabilities(logits[at]) for at in range(start, min(stop + 1, len(logits)))]
    alternatives: list[tuple[str, float]] = []
    ended = 0.0
    for at, shares in enumerate(steps, start):
        for token in map(int, np.flatnonzero(shares >= LEAST)):
            piece = spell([token])
            ends = token == end or piece.strip() in {".", "?", "!"}
            if at == stop and ends:
                ended += float(shares[token])
            elif _has_letters(piece) and (at == len(ids) or token != ids[at]):
                alternatives.append((spell([*ids[:at], token]), float(shares[token])))
    ended = ended if len(steps) > stop - start else 1.0
    return float(steps[stop - 1 - start][ids[stop - 1]]) * ended, tuple(alternatives)


def _has_letters(piece: str) -> bool:
    return any(map(str.isalpha, piece))


def _probabilities(logits: Floats) -> Floats:
    shares: Floats = np.exp(logits - logits.max())
    shares /= shares.sum()
    return shares
