"""Canonical text: what a recogniser wrote, made uniform so that grammars can be regular expressions.

Lower case, no accents, no apostrophes, number words as digits ("twenty first" → `21th`), "p.m." → `pm`, fillers
and stutters dropped, punctuation as separate tokens. Every canonical token knows the source span it came from.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from voice_engine.core.dialogue.language.numbers import NumberWords, Token

_FOLD = str.maketrans(
    "áàâäãéèêëíìîïóòôöõúùûüñç’‘`´“”«»–—‑−…¿¡\u00a0\u202f",
    "aaaaaeeeeiiiiooooouuuunc''''\"\"\"\"----.  \u0020\u0020",
)
_TOKEN = re.compile(
    r"""
      (?P<email>[a-z0-9][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+)
    | (?P<iso>\b\d{4}-\d{2}-\d{2}\b)
    | (?P<fulldate>\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b)
    | (?P<daymonth>\b\d{1,2}/\d{1,2}\b)
    | (?P<clock>(?<![\d$€.,])(?:[01]?\d|2[0-4])\s?[:.h]\s?[0-5]\d(?![\d%]|[.,:]\d))
    | (?P<ordinal>\b\d{1,2}(?:st|nd|rd|th)\b)
    | (?P<masculine>\b\d{1,2}\s?[ºª°])
    | (?P<digits>\d+)
    | (?P<meridiem>(?<![a-z'])[ap]\s?\.\s?m\b\.?)
    | (?P<is>(?<=\d)'s\b)
    | (?P<word>[a-z]+(?:'[a-z]+)*)
    | (?P<sign>[.,;:?!$€%+#*/-])
    """,
    re.VERBOSE,
)
_EXPAND = {"we'd": "we would", "i'd": "i would", "you'd": "you would", "they'd": "they would", "he's": "he is"}
# A day's own: "saturday's eight pm show", "today's special".
_POSSESSIVE_DAY = re.compile(r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight)'s")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "st", "dra", "sr", "sra", "srta", "ud", "uds"})
_REPEATABLE = frozenset({"double", "triple", "doble", "bye", "very", "muy", "for", "to"})


@dataclass(frozen=True, slots=True)
class Canonical:
    """The canonical form of one utterance. `text` is its tokens joined by single spaces."""

    source: str
    text: str
    tokens: tuple[Token, ...]
    starts: tuple[int, ...]

    def original(self, start: int, end: int) -> str:
        """The source text that the canonical span `[start, end)` stands for."""
        if not self.tokens or end <= start:
            return ""
        first = self.tokens[max(0, bisect_right(self.starts, start) - 1)]
        last = self.tokens[max(0, bisect_right(self.starts, end - 1) - 1)]
        return self.source[first.start : last.end]


def fold(text: str) -> str:
    """Lower case without accents, of the same length as `text`."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.translate(_FOLD)


def canonical(text: str, words: NumberWords, expecting: str | None = None) -> Canonical:
    """Make the canonical form of `text` with the number words, fillers and spellings of one language.

    `expecting` helps to read words that sound like numbers ("for" for "four").
    """
    source = text if text.isascii() else unicodedata.normalize("NFC", text)
    merged = _merge(_scan(source, words), words)
    spelled = [token.text for token in merged]
    words.homophones(spelled, expecting)
    merged = [Token(new, old.start, old.end) for new, old in zip(spelled, merged, strict=True)]
    tokens = words.numerals(merged)
    starts = []
    at = 0
    for token in tokens:
        starts.append(at)
        at += len(token.text) + 1
    return Canonical(source, " ".join([token.text for token in tokens]), tuple(tokens), tuple(starts))


def _scan(source: str, words: NumberWords) -> list[Token]:
    """Cut `source` into tokens of one spelling each."""
    folded = fold(source)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(folded):
        kind, raw = match.lastgroup, match.group()
        start, end = match.span()
        match kind:
            case "word":
                tokens += [Token(words.stem(part), start, end) for part in _expand(raw, words).split()]
            case "clock":
                hour, minute = re.split(r"\D+", raw)
                tokens.append(Token(f"{hour if len(hour) == 2 else int(hour)}:{minute}", start, end))
            case "is":
                tokens.append(Token("is", start, end))
            case "meridiem":
                tokens.append(Token(raw[0] + "m", start, end))
            case "ordinal" | "masculine":
                tokens.append(Token(re.match(r"\d+", raw).group() + "th", start, end))  # type: ignore[union-attr]  # the pattern begins with digits
            case "fulldate":
                tokens.append(Token(raw.replace(".", "/").replace("-", "/"), start, end))
            case _:
                tokens.append(Token(raw, start, end))
    return tokens


def _expand(raw: str, words: NumberWords) -> str:
    """Contractions: "we'd" → "we would", "eight's" → "eight is"; else without apostrophes."""
    if "'" not in raw:
        return raw
    if raw.endswith("'s") and words.is_number(raw[:-2]):
        return raw[:-2] + " is"
    if _POSSESSIVE_DAY.fullmatch(raw):
        return raw[:-2]
    return _EXPAND.get(raw, raw.replace("'", ""))


def _merge(tokens: list[Token], words: NumberWords) -> list[Token]:
    """Drop fillers and stutters; join "p m", "o clock", "uh huh"."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        joined = words.joins.get((token.text, following))
        if joined is not None and (joined not in ("am", "pm") or (out and _ends_in_number(out[-1].text, words))):
            out.append(Token(joined, token.start, tokens[index + 1].end))
            index += 2
            continue
        index += 1
        if token.text == "-" and not (out and out[-1].text[-1].isdigit() and following[:1].isdigit()):
            continue
        if token.text == "." and out and out[-1].text in _TITLES:
            continue
        if token.text in words.fillers:
            if index < len(tokens) and tokens[index].text == "," and (not out or out[-1].text == ","):
                index += 1
            continue
        if out and out[-1].text == token.text and token.text.isalpha() and _is_stutter(token.text, words):
            continue
        out.append(token)
    return out


def _ends_in_number(text: str, words: NumberWords) -> bool:
    return text[-1].isdigit() or words.is_number(text)


def _is_stutter(text: str, words: NumberWords) -> bool:
    return len(text) > 1 and not words.is_number(text) and text not in _REPEATABLE
