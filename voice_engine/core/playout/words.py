"""Which words of a clause were heard: played audio mapped to words by estimated spoken length.

A clause's audio is quiet at its ends; between them each word takes a share by its sounds. Numbers written in
digits are spoken as words and weigh accordingly. Good to about one word: measured in tests/core/playout.
"""

import re

_WORD = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
_VOWELS = re.compile(r"[aeiouyáéíóúü]+", re.IGNORECASE)
_DIGRAPHS = re.compile(r"ch|sh|th|ph|gh|ck|qu|ll|rr|ss|tt|ee|oo|ea|ou", re.IGNORECASE)

PER_WORD = 0.6
"""Every word costs a little beyond its sounds (in sounds of about 70 ms)."""
PER_DIGIT = 3.6
""""seven" has five sounds, "two" two, "uno" three; in digit strings each digit is a word."""
PER_LETTER = 3.2
"""A letter spelled out: "S" has two sounds and is drawn out, "W" seven."""
PAUSE_WEIGHT = {",": 2.5, ";": 3.0, ":": 3.0, ".": 4.5, "?": 4.5, "!": 4.5, "—": 3.0}
"""Silence after a mark of punctuation inside a clause, in sounds."""

QUIET = bytes(code for code in range(256) if (~code & 0x7F) < 0x20)
"""μ-law codes of small amplitude (|x| below about 130 of 32,635: the two lowest segments of G.711)."""


def spoken_weight(word: str) -> float:
    """How long a written word takes to say, in sounds of roughly 70 ms."""
    weight = PER_WORD
    for run in _LETTERS.findall(word):
        if run.isupper() and len(run) <= 4:  # spelled letter by letter: "AI", "USB", "PM"
            weight += PER_LETTER * len(run)
            continue
        sounds = len(run) - len(_DIGRAPHS.findall(run))
        if len(run) > 3 and run[-1] in "eE" and len(_VOWELS.findall(run)) > 1:
            sounds -= 1  # a silent e; Spanish loses little by it
        weight += max(1, sounds)
    return weight + PER_DIGIT * sum(character.isdigit() for character in word)


def heard_words(text: str, fraction: float) -> str:
    """Return the prefix of `text` whose words were mostly heard when `fraction` (0…1) of its speech has played.

    A word counts when more than half of it was played.
    """
    words = list(_WORD.finditer(text))
    if fraction >= 1.0 or not words:
        return text if fraction >= 1.0 else ""
    weights = [(spoken_weight(word.group()), PAUSE_WEIGHT.get(word.group()[-1], 0.0)) for word in words]
    total = sum(weight + pause for weight, pause in weights) - weights[-1][1]
    position, end = fraction * total, 0
    for word, (weight, pause) in zip(words, weights, strict=True):
        if position <= weight / 2:
            break
        end = word.end()
        position -= weight + pause
    return text[:end]


def leading_quiet(mulaw: bytes) -> int:
    """Bytes of near silence at the start of `mulaw`."""
    return len(mulaw) - len(mulaw.lstrip(QUIET))


def trailing_quiet(mulaw: bytes) -> int:
    """Bytes of near silence at the end of `mulaw`."""
    return len(mulaw) - len(mulaw.rstrip(QUIET))
