"""Number words to digits, by tables that each language fills in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """One canonical token and the source span it stands for."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """The number words of one language.

    Attributes:
        small: Words of a value below 100 that stand alone or end a compound ("seven", "fifteen").
        tens: Words that take a unit after them ("twenty").
        tens_link: What stands between tens and unit: "" or "y".
        hundreds: Words worth 100 to 900 on their own ("doscientos"); `hundred`, `thousand`: multipliers.
        ordinals: Words of an ordinal, canonical `14th`; those in `shy_ordinals` need `is_ordinal`.
        fillers: Tokens that carry nothing. `joins`: two tokens that are one.
        zero_words: Words for 0 beside another digit only ("oh").
        article_ones: Words for 1 that are articles unless `is_article` says no.
        repeats: Words that repeat the next digit or letter ("double").
        vague_ending: An ending that makes a number vague ("ish").
        homophones: Number words a recogniser confuses with others, and where they are numbers.
    """

    small: Mapping[str, int]
    tens: Mapping[str, int]
    tens_link: str
    hundreds: Mapping[str, int]
    hundred: str
    thousand: str
    ordinals: Mapping[str, int]
    shy_ordinals: frozenset[str]
    is_ordinal: Callable[[str, str], bool]
    fillers: frozenset[str]
    joins: Mapping[tuple[str, str], str]
    zero_words: frozenset[str]
    article_ones: frozenset[str]
    is_article: Callable[[str, str], bool]
    repeats: Mapping[str, int]
    homophones: Callable[[list[str], str | None], None]
    vague_ending: str = ""

    def is_number(self, word: str) -> bool:
        """Whether `word` is a cardinal number word or digits."""
        return (
            word.isdigit()
            or word in self.small
            or word in self.tens
            or word in self.hundreds
            or word in self.zero_words
        )

    def stem(self, word: str) -> str:
        """`word` without a vague ending ("tenish" → "ten")."""
        if self.vague_ending and word.endswith(self.vague_ending):
            shorter = word.removesuffix(self.vague_ending)
            if shorter in self.small or shorter in self.tens:
                return shorter
        return word

    def numerals(self, tokens: list[Token]) -> list[Token]:
        """Replace number words by digits, one token per number as it was grouped in speech."""
        out: list[Token] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            word = token.text
            if word.isdigit() or not word.isalpha():
                out.append(token)
                index += 1
                continue
            before = out[-1].text if out else ""
            after = tokens[index + 1].text if index + 1 < len(tokens) else ""
            spelling = before.isdigit() or (len(before) == 1 and before.isalpha())
            if word in self.repeats and after and (self.is_number(after) or (len(after) == 1 and spelling)):
                follow = self.numerals(tokens[index + 1 : index + 2])
                out.extend(Token(follow[0].text, token.start, follow[0].end) for _ in range(self.repeats[word]))
                index += 2
                continue
            text, used = self._number(tokens, index, before)
            if used == 0:
                out.append(token)
                index += 1
                continue
            out.append(Token(text, token.start, tokens[index + used - 1].end))
            index += used
        return out

    def _number(self, tokens: list[Token], index: int, before: str) -> tuple[str, int]:
        """The number that begins at `index` as canonical text, and how many tokens it took (0: none)."""
        word = tokens[index].text
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if word in self.ordinals:
            if word in self.shy_ordinals and not self.is_ordinal(before, after):
                return "", 0
            return f"{self.ordinals[word]}th", 1
        if word in self.zero_words:
            return ("0", 1) if before[-1:].isdigit() or after[:1].isdigit() or after in self.small else ("", 0)
        if word in self.article_ones and self.is_article(before, after):
            return "", 0
        value, used, ordinal = self._below_hundred(tokens, index)
        if ordinal:
            return f"{value}th", used
        if used == 0 and word not in self.hundreds and word != self.thousand:
            return "", 0
        value, used = self._larger(tokens, index, value, used)
        return str(value), used

    def _below_hundred(self, tokens: list[Token], index: int) -> tuple[int, int, bool]:
        """(value, tokens used, is ordinal) of the number below 100 at `index`; used 0 when there is none."""
        words = [token.text for token in tokens[index : index + 3]]
        if not words:
            return 0, 0, False
        if words[0] in self.small:
            return self.small[words[0]], 1, False
        if words[0] not in self.tens:
            return 0, 0, False
        tens = self.tens[words[0]]
        at = 1
        if self.tens_link:
            if len(words) < 3 or words[1] != self.tens_link:
                return tens, 1, False
            at = 2
        unit = words[at] if at < len(words) else ""
        if 1 <= self.small.get(unit, 0) <= 9:
            return tens + self.small[unit], at + 1, False
        if not self.tens_link and 1 <= self.ordinals.get(unit, 0) <= 9:
            return tens + self.ordinals[unit], 2, True
        return tens, 1, False

    def _larger(self, tokens: list[Token], index: int, value: int, used: int) -> tuple[int, int]:
        """Extend a number below 100 by hundreds and thousands."""

        def word(at: int) -> str:
            return tokens[index + at].text if index + at < len(tokens) else ""

        if used == 0 and word(0) in self.hundreds:
            value, used = self.hundreds[word(0)], 1
        elif used and self.hundred and word(used) == self.hundred:
            value, used = value * 100, used + 1
        if value >= 100:
            value, used = self._absorb(tokens, index, value, used)
        if self.thousand and word(used) == self.thousand and (used == 0 or value < 1000):
            value, used = (value or 1) * 1000, used + 1
            value, used = self._absorb(tokens, index, value, used)
        return value, used

    def _absorb(self, tokens: list[Token], index: int, value: int, used: int) -> tuple[int, int]:
        """Add the part below 100, unless more digits follow: then it is a string of digits ("800 5 5 5")."""
        at = index + used
        if at < len(tokens) and tokens[at].text == "and":
            at += 1
        if value >= 1000 and at < len(tokens) and tokens[at].text in self.hundreds:
            return self._absorb(tokens, index, value + self.hundreds[tokens[at].text], at + 1 - index)
        rest, more, ordinal = self._below_hundred(tokens, at)
        follow = tokens[at + more].text if at + more < len(tokens) else ""
        if more and not ordinal and not self.is_number(follow):
            return value + rest, at + more - index
        return value, used
