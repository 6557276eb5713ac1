"""Two texts side by side, for people: which lines stayed, came, went, and which words of a line changed. Pure.

Lines that stand once in both texts are the fixed points (Cohen's patience diff); what lies between them is matched
by longest common subsequences of bounded size. So the cost is bounded whatever stands in the texts: a block that
is too large to be matched is told as removed and added.
"""

import bisect
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voice_engine.domains.prompts.likeness import words_alike

MOST_CELLS = 60_000
"""Pairs of lines, or of words, that are compared in one block: about 15 ms."""
MOST_PAIRED = 40
"""Lines of one side of a block whose words are compared with the other side's."""
DEEPEST = 30
"""Blocks within blocks: texts that people write need three or four."""
LEAST_ALIKE = 0.4
"""Lines with less in common are one that went and another that came."""

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


class Kind(StrEnum):
    """What became of a line."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some words of a line, and whether they are other ones on the other side."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of either text or of both; a side without it is empty and has no number (from 1)."""

    kind: Kind
    old: tuple[Part, ...] = ()
    new: tuple[Part, ...] = ()
    old_number: int | None = None
    new_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All rows in order. Read down one side, they are that text."""

    rows: tuple[Row, ...]

    @property
    def added(self) -> int:
        """Lines that the new text has and the old one has not, changed ones too."""
        return sum(1 for row in self.rows if row.kind in {Kind.ADDED, Kind.CHANGED})

    @property
    def removed(self) -> int:
        """Lines that the old text has and the new one has not, changed ones too."""
        return sum(1 for row in self.rows if row.kind in {Kind.REMOVED, Kind.CHANGED})

    def runs(self, *, around: int = 2) -> Iterator[tuple[bool, tuple[Row, ...]]]:
        """Rows in runs: (whether they can be folded away, rows). Changes keep `around` lines on either side."""
        near = [False] * len(self.rows)
        for place, row in enumerate(self.rows):
            if row.kind is not Kind.SAME:
                start, end = max(0, place - around), min(len(near), place + around + 1)
                near[start:end] = [True] * (end - start)
        start = 0
        for place in range(1, len(near) + 1):
            if place == len(near) or near[place] != near[start]:
                yield not near[start], self.rows[start:place]
                start = place


def compare(old: str, new: str) -> Comparison:
    """What became of `old`. A difference in line ends alone is none."""
    before, after = _lines(old), _lines(new)
    rows: list[Row] = []
    i = j = 0
    for old_place, new_place in [*_matches(before, after), (len(before), len(after))]:
        rows += _between(before[i:old_place], after[j:new_place], i, j)
        if old_place < len(before):
            same = (Part(text=before[old_place], differs=False),)
            rows.append(Row(kind=Kind.SAME, old=same, new=same, old_number=old_place + 1, new_number=new_place + 1))
        i, j = old_place + 1, new_place + 1
    return Comparison(rows=tuple(rows))


def count_lines(old: str, new: str) -> tuple[int, int]:
    """(added, removed) lines, quickly: moved ones are neither."""
    before, after = Counter(_lines(old)), Counter(_lines(new))
    return (after - before).total(), (before - after).total()


def _lines(text: str) -> list[str]:
    return [line.rstrip("\r") for line in text.split("\n")]


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Lines of both texts that are each other's, as places in order."""
    found: list[tuple[int, int]] = []
    blocks = [(0, len(old), 0, len(new), 0)]
    while blocks:
        i, i_end, j, j_end, depth = blocks.pop()
        while i < i_end and j < j_end and old[i] == new[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
            found.append((i_end, j_end))
        if i == i_end or j == j_end:
            continue
        anchors = _anchors(old[i:i_end], new[j:j_end]) if depth < DEEPEST else []
        if anchors:
            start = (i, j)
            for a, b in anchors:
                found.append((i + a, j + b))
                blocks.append((start[0], i + a, start[1], j + b, depth + 1))
                start = (i + a + 1, j + b + 1)
            blocks.append((start[0], i_end, start[1], j_end, depth + 1))
        elif (i_end - i) * (j_end - j) <= MOST_CELLS:
            found += [(i + a, j + b) for a, b in _common(old[i:i_end], new[j:j_end])]
    return sorted(found)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that stand once on either side, as many as stand in the same order (the longest rising run)."""
    ours, theirs = Counter(old), Counter(new)
    places = {line: place for place, line in enumerate(new) if theirs[line] == 1}
    pairs = [(place, places[line]) for place, line in enumerate(old) if ours[line] == 1 and line in places]
    tops: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, (_, place) in enumerate(pairs):
        pile = bisect.bisect_left(tops, place)
        before.append(ends[pile - 1] if pile else None)
        tops[pile : pile + 1] = [place]
        ends[pile : pile + 1] = [index]
    rising: list[tuple[int, int]] = []
    at = ends[-1] if ends else None
    while at is not None:
        rising.append(pairs[at])
        at = before[at]
    return rising[::-1]


def _common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """A longest common subsequence, as places."""
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, below = lengths[i], lengths[i + 1]
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if old[i] == new[j] else max(below[j], row[j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _between(old: Sequence[str], new: Sequence[str], old_start: int, new_start: int) -> list[Row]:
    """The rows of a block whose lines all differ: pairs that are alike are one line, changed."""
    rows: list[Row] = []
    i = j = 0
    for a, b in [*_alike(old, new), (len(old), len(new))]:
        rows += [_gone(line, old_start + place + 1) for place, line in enumerate(old[i:a], i)]
        rows += [_come(line, new_start + place + 1) for place, line in enumerate(new[j:b], j)]
        if a < len(old):
            rows.append(_changed(old[a], new[b], old_start + a + 1, new_start + b + 1))
        i, j = a + 1, b + 1
    return rows


def _alike(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Which lines are one line changed: in order, with the most in common together."""
    if not old or not new or max(len(old), len(new)) > MOST_PAIRED:
        return []
    alike = [[_likeness(ours, theirs) for theirs in new] for ours in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _likeness(old: str, new: str) -> float:
    """0 for lines that are not one line changed."""
    share = words_alike(old, new)
    return share if share >= LEAST_ALIKE else 0.0


def _gone(line: str, number: int) -> Row:
    return Row(kind=Kind.REMOVED, old=(Part(text=line, differs=True),), old_number=number)


def _come(line: str, number: int) -> Row:
    return Row(kind=Kind.ADDED, new=(Part(text=line, differs=True),), new_number=number)


def _changed(old: str, new: str, old_number: int, new_number: int) -> Row:
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    common = _common(before, after) if len(before) * len(after) <= MOST_CELLS else []
    return Row(
        kind=Kind.CHANGED,
        old=_parts(before, {a for a, _ in common}),
        new=_parts(after, {b for _, b in common}),
        old_number=old_number,
        new_number=new_number,
    )


def _parts(tokens: Sequence[str], kept: set[int]) -> tuple[Part, ...]:
    """Runs of words that differ or do not. A space between two that differ belongs to them."""
    differs = [place not in kept for place in range(len(tokens))]
    for place in range(1, len(tokens) - 1):
        if tokens[place].isspace() and differs[place - 1] and differs[place + 1]:
            differs[place] = True
    parts: list[Part] = []
    for token, other in zip(tokens, differs, strict=True):
        if parts and parts[-1].differs == other:
            parts[-1] = Part(text=parts[-1].text + token, differs=other)
        else:
            parts.append(Part(text=token, differs=other))
    return tuple(parts)
