"""The three-way merge of one section: what was generated, what its owner made of it, what is to be said now.

Lines that the owner left alone take the new text. Lines that the owner added stay where they are. A line that both
changed takes the new text, and the owner's line is given back as displaced. What the new text does not touch stays
as the owner has it, changed or deleted.

Known libraries do not fit: `merge3` is GPL, `three-merge` merges characters; and both report conflicts by position,
where we know which line is about what (`Line.key`) on two of the three sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from voice_engine.domains.prompts.likeness import words_alike
from voice_engine.domains.prompts.sections import Line

LEAST_ALIKE = 0.5
"""Lines with half of their words in common are one line, changed."""

OPAQUE = "\0"
"""Stands in a line that holds something else than text of this section: such a line is never paired."""

MOST_COMPARED = 40
"""Lines of a run that are compared with each other; longer runs are the owner's own text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The outcome: the section's lines, and the owner's lines that gave way."""

    lines: tuple[str, ...]
    displaced: tuple[str, ...] = ()


@dataclass(slots=True)
class _Paired:
    """Which generated line each of the owner's lines is. `changed`: those that were edited."""

    keys: list[str | None]
    changed: set[int] = field(default_factory=set)

    def pair(self, place: int, key: str) -> None:
        self.keys[place] = key
        self.changed.add(place)


def merge(
    base: Sequence[Line], owner: Sequence[str], new: Sequence[Line], *, rewrite: bool = False, ending: str = ""
) -> Merged:
    """The owner's lines with what changed from `base` to `new`.

    `rewrite`: every generated line is said anew, also where only the owner changed it; added lines still stay.
    `ending` is put behind new lines: the owner's may end in a carriage return, which is no part of what they say.
    """
    before, after = {line.key: line.text for line in base}, {line.key: line.text for line in new}
    same = frozenset() if rewrite else {key for key, text in before.items() if after.get(key) == text}
    paired = _pair(base, owner)
    kept: list[tuple[str | None, str]] = []
    displaced: list[str] = []
    for place, (key, line) in enumerate(zip(paired.keys, owner, strict=True)):
        if key is None or key in same:
            kept.append((key, line))
            continue
        if key in after:
            kept.append((key, after[key] + ending))
        if place in paired.changed and line.rstrip() != after.get(key):
            displaced.append(line.rstrip())
    wanted = [Line(key=line.key, text=line.text + ending) for line in new if line.key not in same]
    _insert(kept, wanted, [line.key for line in new])
    return Merged(lines=tuple(line for _, line in kept), displaced=tuple(displaced))


def _insert(kept: list[tuple[str | None, str]], wanted: Sequence[Line], order: Sequence[str]) -> None:
    """Put in what is not there yet: behind the line that it follows, else before the one that follows it."""
    for line in wanted:
        places = {key: place for place, (key, _) in enumerate(kept) if key is not None}
        if line.key in places:
            continue
        rank = order.index(line.key)
        before = [places[key] for key in order[:rank] if key in places]
        after = [places[key] for key in order[rank + 1 :] if key in places]
        place = before[-1] + 1 if before else min(after) if after else 0
        kept.insert(place, (line.key, line.text))


def _pair(base: Sequence[Line], owner: Sequence[str]) -> _Paired:
    """Which line is which: equal ones wherever they stand, then the same label, then what stands in its place."""
    by_text: dict[str, list[str]] = {}
    for line in base:
        by_text.setdefault(line.text, []).append(line.key)
    paired = _Paired(keys=[None] * len(owner))
    for place, text in enumerate(owner):
        keys = by_text.get(text.rstrip())
        if keys:
            paired.keys[place] = keys.pop(0) if len(keys) > 1 else keys[0]
    _pair_by_label(base, owner, paired)
    _pair_by_place(base, owner, paired)
    return paired


def _pair_by_label(base: Sequence[Line], owner: Sequence[str], paired: _Paired) -> None:
    known = set(paired.keys)
    open_labels = {label: line.key for line in base if line.key not in known and (label := _label(line.text))}
    for place, text in enumerate(owner):
        if paired.keys[place] is None and OPAQUE not in text and (label := _label(text)) in open_labels:
            paired.pair(place, open_labels.pop(label))


def _label(text: str) -> str:
    """What stands before a line's colon ("- Monday"); "" without one."""
    label, colon, _ = text.partition(":")
    return label.strip(" \t-*•").casefold() if colon and len(label) <= 40 else ""


def _pair_by_place(base: Sequence[Line], owner: Sequence[str], paired: _Paired) -> None:
    """Pair each run of missing lines with the owner's lines that stand between the same neighbours."""
    place_of = {key: place for place, key in enumerate(paired.keys) if key is not None}
    run: list[Line] = []
    previous: str | None = None
    for line in (*base, None):
        if line is not None and line.key not in place_of:
            run.append(line)
            continue
        if run:
            following = line.key if line is not None else None
            candidates = _between(owner, paired, place_of.get(previous or ""), place_of.get(following or ""))
            _pair_run(run, candidates, owner, paired)
            run = []
        previous = line.key if line is not None else None


def _between(owner: Sequence[str], paired: _Paired, after: int | None, before: int | None) -> list[int]:
    """The owner's own lines right behind `after`, or else right before `before`; blank ones left out."""
    forward: list[int] = []
    for place in range(0 if after is None else after + 1, len(owner)):
        if paired.keys[place] is not None:
            break
        forward.append(place)
    if not any(owner[place].strip() for place in forward) and before is not None:
        for place in range(before - 1, -1, -1):
            if paired.keys[place] is not None:
                break
            forward.insert(0, place)
    return [place for place in forward if owner[place].strip() and OPAQUE not in owner[place]]


def _pair_run(run: Sequence[Line], candidates: Sequence[int], owner: Sequence[str], paired: _Paired) -> None:
    """Alike lines are pairs; when as many lines stand there as are missing, so are the others, one by one."""
    if not candidates or len(candidates) > MOST_COMPARED:
        return
    first, unpaired = 0, list(run)
    for line in run:
        scores = [(words_alike(line.text, owner[place]), -at) for at, place in enumerate(candidates[first:])]
        score, at = max(scores, default=(0.0, 0))
        if score >= LEAST_ALIKE:
            paired.pair(candidates[first - at], line.key)
            unpaired.remove(line)
            first = first - at + 1
    if len(candidates) == len(run):
        for line, place in zip(run, candidates, strict=True):
            if line in unpaired and paired.keys[place] is None:
                paired.pair(place, line.key)
