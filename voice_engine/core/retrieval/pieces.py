"""Cuts a document into pieces of about 800 characters that can be found and read on their own.

A piece is made of whole lines or sentences, keeps a question together with its answer, knows under which headings
it stands, and begins with the last words of the piece before it, so that nothing is lost at a cut.
"""

import re
from collections.abc import Iterable, Iterator

from voice_engine.core.retrieval.sentences import is_question, sentences
from voice_engine.core.retrieval.terms import stems
from voice_engine.ports.documents import Piece

PIECE_CHARS = 800
"""About a minute of speech: long enough to hold an answer with what it refers to."""
OVERLAP_CHARS = 160
"""At most so much of the piece before is repeated."""

_HEADING = re.compile(r"(#{1,6})\s+(.{1,200})")


def pieces_of(text: str) -> Iterator[Piece]:
    """The document's pieces in its order; none for one without a word. Lines beginning with `#` are headings."""
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line.strip())
        if heading is None:
            lines.append(line)
            continue
        yield from _pack(lines, path)
        lines = []
        depth = len(heading[1])
        path = [*((level, name) for level, name in path if level < depth), (depth, heading[2].strip("# "))]
    yield from _pack(lines, path)


def _pack(lines: list[str], path: list[tuple[int, str]]) -> Iterator[Piece]:
    heading = " > ".join(name for _, name in path)
    kept: list[str] = []
    size = fresh = 0
    for unit in _units(lines):
        if fresh and size + len(unit) > PIECE_CHARS:
            yield _piece(heading, kept)
            kept = [kept[-1]] if len(kept[-1]) <= OVERLAP_CHARS else []
            size, fresh = sum(map(len, kept)), 0
        kept.append(unit)
        size, fresh = size + len(unit) + 1, fresh + 1
    if fresh:
        yield _piece(heading, kept)


def _piece(heading: str, units: Iterable[str]) -> Piece:
    text = "\n".join(units)
    return Piece(heading=heading, text=text, terms=" ".join(stems(f"{heading} {text}")))


def _units(lines: list[str]) -> Iterator[str]:
    """What is not cut: lines, a question with its answer; a long line's sentences, a long sentence's parts."""
    asked = ""
    for line in filter(None, (line.strip() for line in lines)):
        whole = f"{asked}\n{line}" if asked else line
        asked = ""
        if is_question(line) and len(line) <= OVERLAP_CHARS:
            asked = whole
        elif len(whole) <= PIECE_CHARS:
            yield whole
        else:
            yield from _cut(whole)
    if asked:
        yield asked


def _cut(line: str) -> Iterator[str]:
    for sentence in sentences(line):
        rest = sentence
        while len(rest) > PIECE_CHARS:
            space = rest.rfind(" ", PIECE_CHARS // 2, PIECE_CHARS)
            end = space if space > 0 else PIECE_CHARS
            yield rest[:end].strip()
            rest = rest[end:].strip()
        if rest:
            yield rest
