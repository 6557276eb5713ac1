"""The end of a decoded text: how sure it is, and what else it may be."""

import numpy as np
import pytest

from voice_engine.providers.stt.doubt import Floats, last_word

VOCABULARY = (" mi", " hija", " y", " o", "ja", " hi", ".", "...", "<end>", "<time>")
END = VOCABULARY.index("<end>")


def spell(ids: list[int]) -> str:
    """As a tokenizer that leaves special tokens out."""
    return "".join(VOCABULARY[token] for token in ids if token < END)


def ids(*pieces: str) -> list[int]:
    return [VOCABULARY.index(piece) for piece in pieces]


def step(**shares: float) -> Floats:
    """One step's logits: the named tokens' probabilities, the rest spread over the others."""
    given = {name.replace("_", " "): share for name, share in shares.items()}
    left = (1.0 - sum(given.values())) / (len(VOCABULARY) - len(given))
    return np.log(np.array([given.get(name, left) for name in VOCABULARY], np.float32))


def of(pieces: list[str], *steps: Floats) -> tuple[float, dict[str, float]]:
    sureness, alternatives = last_word(ids(*pieces), list(steps), spell, end=END)
    return sureness, {text: round(share, 2) for text, share in alternatives}


MI = step(_mi=0.99)


def stopped(*, full_stop: float, end: float = 0.0, _y: float = 0.0) -> Floats:
    shares = {".": full_stop, "<end>": end, " y": _y}
    left = (1.0 - sum(shares.values())) / (len(VOCABULARY) - len(shares))
    return np.log(np.array([max(1e-6, shares.get(name, left)) for name in VOCABULARY], np.float32))


def test_sureness_is_that_of_the_last_word_and_of_the_end_after_it() -> None:
    sureness, _ = of([" mi", " hija", "."], MI, step(_hija=0.8), stopped(full_stop=0.5, end=0.25), MI)

    assert sureness == pytest.approx(0.8 * 0.75, abs=0.01)


def test_a_word_that_nearly_followed_is_an_alternative() -> None:
    """The "y" that was swallowed by the vowel before it."""
    _, alternatives = of([" mi", " hija", "."], MI, step(_hija=0.99), stopped(full_stop=0.8, _y=0.15), MI)

    assert alternatives[" mi hija y"] == 0.15


def test_another_last_word_is_an_alternative_with_what_stands_before_it() -> None:
    _, alternatives = of([" mi", " o"], MI, step(_o=0.6, _y=0.35), stopped(full_stop=0.1, end=0.88))

    assert alternatives[" mi y"] == 0.35


def test_every_piece_of_the_last_word_has_its_alternatives() -> None:
    """The word began to go wrong before its last piece."""
    _, alternatives = of(
        [" mi", " hi", "ja", "."], MI, step(_hi=0.7, _y=0.25), step(ja=0.9), stopped(full_stop=0.97), MI
    )

    assert alternatives[" mi y"] == 0.25


def test_words_before_the_last_have_none() -> None:
    _, alternatives = of(
        [" mi", " hija"], step(_mi=0.5, _y=0.4), step(_hija=0.99), stopped(full_stop=0.1, end=0.89)
    )

    assert " y" not in alternatives


def test_full_stops_and_the_end_are_no_alternatives() -> None:
    _, alternatives = of([" mi", " hija", "."], MI, step(_hija=0.99), stopped(full_stop=0.6, end=0.39), MI)

    assert alternatives == {}


def test_dots_are_no_end() -> None:
    """Who trails off is not sure to have ended."""
    trailing = np.log(np.array([0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.3, 0.69, 0.003, 0.001], np.float32))

    sureness, _ = of([" mi", " hija", "..."], MI, step(_hija=0.99), trailing, MI)

    assert sureness == pytest.approx(0.3, abs=0.02)


def test_nothing_but_punctuation_is_not_sure_at_all() -> None:
    assert of(["..."], step(_mi=0.5)) == (0.0, {})


def test_a_text_whose_last_step_is_missing_is_judged_by_its_last_word() -> None:
    sureness, _ = of([" mi", " hija"], MI, step(_hija=0.8))

    assert sureness == pytest.approx(0.8, abs=0.01)
