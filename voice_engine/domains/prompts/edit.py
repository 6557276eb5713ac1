"""The prompt as it reads now: its owner's text, with the sections that settings changed since then.

The text is always put together anew from what its owner wrote last (`source`), so that it depends on what is set,
not on the order in which it was set: the same settings give the same text, settings put back give the owner's text
back, and no byte outside the managed sections is ever another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voice_engine.domains.prompts.locate import Span, segment_at, segments_of
from voice_engine.domains.prompts.merge import OPAQUE, merge
from voice_engine.domains.prompts.sections import ORDER, Line, Rendering, SectionKey, heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """One section's two renderings: `base`, what was generated when the owner last wrote; `latest`, what is now."""

    base: Rendering | None = None
    latest: Rendering | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The text; the sections that stand in it; the owner's lines that gave way to new facts, by section."""

    text: str
    present: tuple[SectionKey, ...]
    displaced: Mapping[SectionKey, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    start: int
    end: int
    text: str


def compose(
    source: str,
    spans: Mapping[SectionKey, Span],
    sections: Mapping[SectionKey, Managed],
    *,
    rewrite: Iterable[SectionKey] = (),
) -> Composed:
    """The owner's text with every section as it is now. `spans` are those of `locate` in `source`.

    `rewrite`: sections whose generated lines are all said anew, also where only the owner changed them.
    """
    return _Composer(source, spans, sections, frozenset(rewrite)).compose()


class _Composer:
    """One composition. Everything but `displaced` and `_edits` is fixed."""

    def __init__(
        self,
        source: str,
        spans: Mapping[SectionKey, Span],
        sections: Mapping[SectionKey, Managed],
        rewrite: frozenset[SectionKey],
    ) -> None:
        self._source = source
        self._spans = spans
        self._sections = sections
        self._rewrite = rewrite
        self._segments = segments_of(source)
        self._crlf = "\r\n" in source
        self._displaced: dict[SectionKey, tuple[str, ...]] = {}
        self._present: set[SectionKey] = set(spans)

    def compose(self) -> Composed:
        """The outcome."""
        edits = {key: self._edit(span) for key, span in self._spans.items() if not self._is_inside(span)}
        inserts = self._insert(edits)
        text, place = "", 0
        for edit in sorted((*edits.values(), *inserts), key=lambda edit: (edit.start, edit.end)):
            text += self._source[place : edit.start] + edit.text
            place = edit.end
        return Composed(
            text=text + self._source[place:],
            present=tuple(key for key in ORDER if key in self._present),
            displaced=self._displaced,
        )

    def _is_inside(self, span: Span) -> bool:
        """Whether the span is a part of another one."""
        return not span.headed and any(
            other.headed and other.start <= span.start < other.end for other in self._spans.values()
        )

    def _edit(self, span: Span) -> _Edit:
        """What becomes of a section that is there."""
        block = self._source[span.start : span.end]
        inner = [each for each in self._spans.values() if self._is_inside(each) and span.start <= each.start]
        inner = sorted((each for each in inner if each.end <= span.end), key=lambda each: -each.start)
        for index, each in enumerate(inner):
            start, end = each.start - span.start, each.end - span.start
            block = f"{block[:start]}{OPAQUE}{index}{OPAQUE}{block[end:]}"
        text = self._merged(span, block)
        for index, each in enumerate(inner):
            content = self._merged(each, self._source[each.start : each.end])
            text = text.replace(f"{OPAQUE}{index}{OPAQUE}", content)
        end = span.end
        if not text and span.headed:
            end = segment_at(self._segments, span.start).end
        return _Edit(start=span.start, end=end, text=text)

    def _merged(self, span: Span, block: str) -> str:
        managed = self._sections.get(span.key, Managed())
        base, latest = managed.base, managed.latest
        if base == latest and span.key not in self._rewrite:
            return block
        ending = "\r" if "\r\n" in (block if "\n" in block else self._source) else ""
        lines = f"{block}{ending}".split("\n")
        head, body = (lines[:1], lines[1:]) if span.headed else ([], lines)
        merged = merge(
            base.lines if base else (),
            body,
            latest.lines if latest else (),
            rewrite=span.key in self._rewrite,
            ending=ending,
        )
        if merged.displaced:
            self._displaced[span.key] = merged.displaced
        if latest is None:
            self._present.discard(span.key)
            return "\n".join(_trimmed(merged.lines)).removesuffix(ending)
        if head and base and base.title != latest.title:
            head = [heading(latest.title) + ending]
        return "\n".join((*head, *merged.lines)).removesuffix(ending)

    def _insert(self, edits: dict[SectionKey, _Edit]) -> list[_Edit]:
        """Put sections that are absent at their place in the order, as soon as they have something new to say."""
        behind: dict[int, list[str]] = {}
        ahead: list[str] = []
        for key in ORDER:
            managed = self._sections.get(key, Managed())
            is_new = managed.latest != managed.base or key in self._rewrite
            if key in self._spans or managed.latest is None or not is_new:
                continue
            self._present.add(key)
            block = self._join((heading(managed.latest.title), *_texts(managed.latest.lines)))
            earlier = [each for each in ORDER[: ORDER.index(key)] if each in self._spans]
            if earlier:
                place = segment_at(self._segments, self._spans[earlier[-1]].start).last
                behind.setdefault(place, []).append(block)
            else:
                ahead.append(block)
        return [*self._behind(behind, edits), *self._ahead(ahead)]

    def _behind(self, blocks: Mapping[int, list[str]], edits: dict[SectionKey, _Edit]) -> list[_Edit]:
        inserts: list[_Edit] = []
        for place, texts in blocks.items():
            owner = next((key for key in edits if self._spans[key].headed and self._spans[key].end == place), None)
            if owner is None:
                inserts.append(_Edit(start=place, end=place, text=self._gap + self._gap.join(texts)))
                continue
            edit = edits[owner]
            whole = [edit.text, *texts] if edit.text else texts
            edits[owner] = _Edit(start=edit.start, end=place, text=self._gap.join(whole))
        return inserts

    def _ahead(self, texts: list[str]) -> list[_Edit]:
        """Before the first section that is there, else behind everything."""
        if not texts:
            return []
        places = [segment_at(self._segments, span.start).start for span in self._spans.values()]
        if places:
            place = min(places)
            return [_Edit(start=place, end=place, text=self._gap.join(texts) + self._gap)]
        place = len(self._source.rstrip())
        return [_Edit(start=place, end=place, text=(self._gap if place else "") + self._gap.join(texts))]

    @property
    def _gap(self) -> str:
        return "\r\n\r\n" if self._crlf else "\n\n"

    def _join(self, lines: Iterable[str]) -> str:
        return ("\r\n" if self._crlf else "\n").join(lines)


def _texts(lines: Iterable[Line]) -> list[str]:
    return [line.text for line in lines]


def _trimmed(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Without blank lines at either end."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else ()
