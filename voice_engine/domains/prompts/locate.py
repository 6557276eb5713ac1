"""Where the managed sections stand in a text that its owner may have rewritten.

Each is looked for in this order: under its heading, `## Title` in either language, up to the next heading of the
same or a higher level; else by the text that was generated last, word for word; else by the window of lines most
like that text (likeness 0.75 at least), lines that the owner put in between not counted; else it is absent.
"""

import bisect
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from voice_engine.domains.prompts.likeness import likeness, most_alike
from voice_engine.domains.prompts.sections import KEY_BY_TITLE, ORDER, Rendering, SectionKey

LEAST_LIKENESS = 0.75
"""Below this a window of lines is somebody else's text."""

WINDOW_SLACK = 2
"""Lines by which a window may be longer or shorter than what was generated."""

_HEADING = re.compile(r"^(?P<marks>#{1,2})[ \t]+(?P<title>[^\n]*?)[ \t]*#*[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a section stands: `text[start:end]`, without the blank lines after it. `headed`: it begins with its
    heading."""

    key: SectionKey
    start: int
    end: int
    headed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What stands between two headings of the first or second level: `text[start:end]`, its own heading included.

    `last` is where its last line ends, before blank ones. `title`: of a heading of the second level only, which is
    the one that sections have.
    """

    start: int
    body: int
    last: int
    end: int
    title: str | None


def segments_of(text: str) -> tuple[Segment, ...]:
    """The text's parts, in order. The first has no heading when the text does not begin with one."""
    marks = list(_HEADING.finditer(text))
    bounds = [*(mark.start() for mark in marks), len(text)]
    parts = [_segment(text, bounds[index], bounds[index + 1], mark) for index, mark in enumerate(marks)]
    if bounds[0] > 0 or not marks:
        parts.insert(0, _segment(text, 0, bounds[0], None))
    return tuple(parts)


def segment_at(segments: Sequence[Segment], place: int) -> Segment:
    """The part that this place of the text stands in."""
    return segments[bisect.bisect_right(segments, place, key=lambda part: part.start) - 1]


def locate(text: str, generated: Mapping[SectionKey, Rendering | None]) -> dict[SectionKey, Span]:
    """The sections that are in the text. `generated`: what each said last; None or left out: nothing.

    No two of them overlap, except that one without a heading may stand inside another.
    """
    segments = segments_of(text)
    found: dict[SectionKey, Span] = {}
    for part in segments:
        key = KEY_BY_TITLE.get(part.title.casefold()) if part.title is not None else None
        if key is not None and key not in found:
            found[key] = Span(key=key, start=part.start, end=part.last, headed=True)
    taken: list[tuple[int, int]] = []
    for key in ORDER:
        rendering = generated.get(key)
        if key in found or rendering is None:
            continue
        place = _verbatim(text, rendering, taken) or _window(text, segments, rendering, taken)
        if place is not None:
            taken.append(place)
            found[key] = Span(key=key, start=place[0], end=place[1], headed=False)
    return found


def _segment(text: str, start: int, end: int, mark: re.Match[str] | None) -> Segment:
    last = start + len(text[start:end].rstrip())
    body = min(mark.end() + 1, end) if mark is not None else start
    title = mark["title"] if mark is not None and mark["marks"] == "##" else None
    return Segment(start=start, body=body, last=last, end=end, title=title)


def _verbatim(text: str, rendering: Rendering, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    body, start = rendering.body, -1
    while (start := text.find(body, start + 1)) >= 0:
        end = start + len(body)
        if _is_whole(text, start, end) and _is_free(start, end, taken):
            return start, end
    return None


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether the place ends where words end."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or after.isalnum())


def _is_free(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    return all(end <= other_start or start >= other_end for other_start, other_end in taken)


def _window(
    text: str, segments: Sequence[Segment], rendering: Rendering, taken: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    best, place = LEAST_LIKENESS, None
    for part in segments:
        lines = _lines(text, part)
        for score, start, end in (*_alike(text, lines, rendering), *_scattered(text, lines, rendering)):
            if score >= best and (place is None or score > best) and _is_free(start, end, taken):
                best, place = score, (start, end)
    return place


def _lines(text: str, part: Segment) -> list[tuple[int, int]]:
    """Where each line of the part's body starts and ends, blank ones left out."""
    lines, start = [], part.body
    while start < part.last:
        end = text.find("\n", start, part.last)
        end = part.last if end < 0 else end
        if text[start:end].strip():
            lines.append((start, start + len(text[start:end].rstrip())))
        start = end + 1
    return lines


def _alike(text: str, lines: Sequence[tuple[int, int]], rendering: Rendering) -> Iterator[tuple[float, int, int]]:
    """Windows of about as many lines, with their likeness; those whose length rules them out are left out."""
    body, count = rendering.body, len(rendering.lines)
    for size in range(max(1, count - WINDOW_SLACK), count + WINDOW_SLACK + 1):
        for first in range(len(lines) - size + 1):
            start, end = lines[first][0], lines[first + size - 1][1]
            if most_alike(end - start, len(body)) >= LEAST_LIKENESS:
                yield likeness(body, text[start:end]), start, end


def _scattered(
    text: str, lines: Sequence[tuple[int, int]], rendering: Rendering
) -> Iterator[tuple[float, int, int]]:
    """The window from the first to the last generated line, when enough of them are there in their order."""
    wanted = [line.text for line in rendering.lines]
    known = frozenset(wanted)
    there = [place for place in lines if text[slice(*place)] in known]
    matcher = difflib.SequenceMatcher(None, wanted, [text[slice(*place)] for place in there], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if blocks:
        kept = sum(len(line) for block in blocks for line in wanted[block.a : block.a + block.size])
        last = blocks[-1]
        yield kept / sum(map(len, wanted)), there[blocks[0].b][0], there[last.b + last.size - 1][1]
