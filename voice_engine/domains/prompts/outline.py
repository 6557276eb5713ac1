"""A prompt line by line, for its owner: which lines settings write, and which are the owner's own. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.domains.prompts.document import Document
from voice_engine.domains.prompts.locate import Span
from voice_engine.domains.prompts.sections import SectionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineLine:
    """A line. `is_managed`: a setting wrote it and keeps it up to date; else it is its owner's and stays."""

    text: str
    is_managed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of lines. `key`: the managed section that they stand in; None: text of the owner's own."""

    key: SectionKey | None
    lines: tuple[OutlineLine, ...]


def outline(document: Document) -> tuple[Block, ...]:
    """The text as it reads now, in blocks. May take long (`locate`): for a thread, not for a loop."""
    here = document.replaced(document.text)
    spans = sorted((span for span in here.spans.values() if span.headed), key=lambda span: span.start)
    spans += [span for span in here.spans.values() if not span.headed and not _is_inside(span, spans)]
    blocks: list[Block] = []
    place = 0
    for span in sorted(spans, key=lambda each: each.start):
        blocks += _own(here.source[place : span.start])
        blocks.append(_managed(here, span))
        place = max(place, span.end)
    return (*blocks, *_own(here.source[place:]))


def _is_inside(span: Span, others: Sequence[Span]) -> bool:
    return any(other.start <= span.start < other.end for other in others)


def _own(text: str) -> list[Block]:
    lines = tuple(OutlineLine(text=line.rstrip("\r"), is_managed=False) for line in text.strip("\r\n").split("\n"))
    return [Block(key=None, lines=lines)] if text.strip() else []


def _managed(document: Document, span: Span) -> Block:
    latest = document.sections[span.key].latest
    known = {line.text for line in latest.lines} if latest else set()
    lines = [line.rstrip("\r") for line in document.source[span.start : span.end].split("\n")]
    return Block(
        key=span.key,
        lines=tuple(
            OutlineLine(text=line, is_managed=line in known or (span.headed and place == 0))
            for place, line in enumerate(lines)
        ),
    )
