"""Cuts text into the pieces that are synthesised one by one, at once or as a model streams it.

A synthesizer's time to first audio is the cost of its first piece, so in `clause` mode the first piece
of a turn may end at a comma; later ones end with their sentence, unless that is long.
Times, decimals, abbreviations and initials are not sentence ends. Nothing is added and no word is lost.
"""

import re
from typing import Literal

CutMode = Literal["clause", "sentence"]

FIRST_MIN_CHARS = 12
"""A first clause shorter than this ("Sure,") sounds chopped and leaves no audio to cover the next one."""
LATER_MIN_CHARS = 70
"""Later sentences are cut at commas only beyond this: about four seconds of speech."""
MAX_CHARS = 180
"""Without any punctuation a piece is cut at a space here; most synthesizers degrade on longer input."""

_STOP = re.compile(r"[.!?…;:,—\n]")
_CLOSERS = "\"'”’)»]"
_LAST_WORD = re.compile(r"[\w.'’]+$")
_OPENING_JUNK = re.compile(r"^[\s.,;:!?…—\"'”’)»\]]+")

ABBREVIATIONS = frozenset({
    "dr", "mr", "mrs", "ms", "prof", "sr", "jr", "st", "ave", "blvd", "rd", "apt", "ext", "dept", "vs", "approx",
    "est", "tel", "sra", "srta", "dra", "ud", "uds", "av", "avda", "pza", "núm", "num", "tfno", "ctra", "depto",
})  # fmt: skip
"""Never end a sentence: what they shorten follows ("Dr. Lee", "Avda. Mayor")."""
_BEFORE_NUMBER = frozenset({"no", "nr", "núm", "num", "p", "pág", "art"})


class ClauseCutter:
    """Takes text piece by piece and gives back clauses as soon as their end is certain."""

    def __init__(self, cut: CutMode = "clause") -> None:
        self._cut = cut
        self._rest = ""
        self._scanned = 0
        self._count = 0

    def push(self, text: str) -> list[str]:
        """Add `text` (any length, may split words) and return the clauses that it completes."""
        self._rest += text
        return self._take(final=False)

    def finish(self) -> list[str]:
        """Return what is left; the cutter is then empty and may take the turn's next text."""
        pieces = self._take(final=True)
        tail = _tidy(self._rest)
        self._rest, self._scanned = "", 0
        if tail:
            pieces.append(tail)
            self._count += 1
        return pieces

    def _take(self, *, final: bool) -> list[str]:
        pieces: list[str] = []
        while (end := self._next_end(final=final)) is not None:
            piece = _tidy(self._rest[:end])
            self._rest, self._scanned = self._rest[end:], 0
            if piece:
                pieces.append(piece)
                self._count += 1
        return pieces

    def _next_end(self, *, final: bool) -> int | None:
        """Index after the next clause of the buffer, or None when more text must be seen first."""
        for match in _STOP.finditer(self._rest, self._scanned):
            verdict = self._is_end(match, final=final)
            if verdict is None:
                self._scanned = match.start()
                return None
            if verdict:
                return _past_closers(self._rest, match.end())
        self._scanned = len(self._rest)
        if len(self._rest) > MAX_CHARS and (space := self._rest.rfind(" ", FIRST_MIN_CHARS, MAX_CHARS)) > 0:
            return space + 1
        return None

    def _is_end(self, match: re.Match[str], *, final: bool) -> bool | None:
        """Whether the clause ends at this sign; None: that depends on text which has not come yet."""
        text, at, sign = self._rest, match.start(), match.group()
        following = text[match.end() :]
        if sign in "!?…\n":
            return _tidy(text[:at]) != ""
        if sign == ".":
            return _ends_at_stop(text[:at], following, final=final)
        if self._cut == "sentence":
            return False
        if not following:
            return None if not final else False
        if not following[0].isspace():
            return False
        return self._long_enough(at) and not _inside_figures(text[:at], following)

    def _long_enough(self, length: int) -> bool:
        return length >= (FIRST_MIN_CHARS if self._count == 0 else LATER_MIN_CHARS)


def cut_clauses(text: str, cut: CutMode = "clause") -> list[str]:
    """Cut a whole text; joined by spaces the pieces are `text` with its white space made single."""
    cutter = ClauseCutter(cut)
    return [*cutter.push(text), *cutter.finish()]


def _ends_at_stop(before: str, following: str, *, final: bool) -> bool | None:
    """Whether a full stop after `before` ends a sentence."""
    word_match = _LAST_WORD.search(before)
    word = word_match.group().lower() if word_match else ""
    follower = following.lstrip()
    if not word:
        return False
    if not follower:
        if final:
            return True
        # "booked." is certain at once; "8.", "p.m." and "Dr." need to see what follows.
        certain = len(word) > 1 and word.isalpha() and word not in ABBREVIATIONS | _BEFORE_NUMBER
        return True if certain else None
    if not following[0].isspace() and following[0] not in _CLOSERS:
        return False
    if word in ABBREVIATIONS or (word in _BEFORE_NUMBER and follower[0].isdigit()):
        return False
    if len(word) == 1 and word.isalpha():
        return _meridiem_ends(before, follower)
    if "." in word:
        return _starts_sentence(follower)
    return True


def _meridiem_ends(before: str, follower: str) -> bool:
    """After one letter: an initial ("J. Smith") does not end, "8 p. m. ¿Le va bien?" does."""
    return before[-1] in "ma" and not before[-2:-1].isalpha() and _starts_sentence(follower)


def _starts_sentence(follower: str) -> bool:
    return follower[0].isupper() or follower[0] in "¿¡\"'“«("


def _inside_figures(before: str, following: str) -> bool:
    """A comma between figures ("14, 2026") belongs to one date or number."""
    return before[-1:].isdigit() and following.lstrip()[:1].isdigit()


def _past_closers(text: str, end: int) -> int:
    """Move past repeated stops and closing quotes, which belong to the clause before them."""
    while end < len(text) and text[end] in "!?….":
        end += 1
    while end < len(text) and text[end] in _CLOSERS:
        end += 1
    return end


def _tidy(text: str) -> str:
    """Single spaces, and none of the signs that an earlier piece left behind; "" when no word is in it."""
    tidy = _OPENING_JUNK.sub("", " ".join(text.split()))
    return tidy if any(char.isalnum() for char in tidy) else ""
