"""The full-text search of one assistant's knowledge, on both databases with one result.

The database's index finds candidates (FTS5 with its BM25 on SQLite, `tsvector` with `ts_rank_cd` on PostgreSQL) and
counts how many pieces have each word; which of them fit, in what order, `core.retrieval.ranking` decides for both.
Statistics are the assistant's own: what others have written changes no answer.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.core.retrieval.ranking import SHORTEST_PREFIX, Corpus, rank
from voice_engine.core.retrieval.terms import stems
from voice_engine.domains.knowledge.models import KbChunk, KbFile, KbSection
from voice_engine.ports.knowledge import Passage
from voice_engine.store.uow import UnitOfWork

CANDIDATES = 40
"""Pieces that the index proposes: ranking them takes about 2 ms."""
BEGINNING = 3
"""Pieces of a section that are looked at because of its key."""
MOST_WORDS = 16
"""Content words of a question that are looked for; longer ones are somebody's story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A passage, and where it stands: its file, the headings above it, its place in the file (from 0)."""

    passage: Passage
    file_name: str
    heading: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """The files of one assistant: their names, and the key of the section of each."""

    keys: dict[str, str]
    names: dict[str, str]
    pieces: int
    words: int


async def search(work: UnitOfWork, assistant_id: str, query: str, *, limit: int) -> list[Passage]:
    """The passages that answer best, first; empty when nothing fits. `work` is the organization's."""
    return [each.passage for each in await find(work, assistant_id, query, limit=limit)]


async def find(work: UnitOfWork, assistant_id: str, query: str, *, limit: int) -> list[Found]:
    """What `search` finds, with where it stands."""
    words = list(dict.fromkeys(stems(query)))[:MOST_WORDS]
    shelf = await _shelf(work, assistant_id) if words else None
    if shelf is None or not shelf.keys:
        return []
    index: _Index = _Fts5(shelf) if work.session.get_bind().dialect.name == "sqlite" else _Gin(shelf)
    found = await _candidates(work, index, shelf, words)
    if not found:
        return []
    counts = await work.session.execute(sa.union_all(*(index.counted(word) for word in words)))
    having = {str(word): int(count) for word, count in counts}
    corpus = Corpus(pieces=shelf.pieces, mean_length=shelf.words / max(1, shelf.pieces), having=having)
    ranked = rank(words, [_terms(chunk, shelf) for chunk in found], corpus)
    return [_found(found[each.index], each.score, shelf) for each in ranked[:limit]]


async def _shelf(work: UnitOfWork, assistant_id: str) -> _Shelf:
    rows = await work.session.execute(
        sa.select(KbFile.id, KbSection.key, KbFile.name, KbFile.pieces, KbFile.words)
        .join(KbSection, KbSection.id == KbFile.section_id)
        .where(KbSection.assistant_id == assistant_id)
    )
    files = rows.all()
    return _Shelf(
        keys={file_id: key for file_id, key, _, _, _ in files},
        names={file_id: name for file_id, _, name, _, _ in files},
        pieces=sum(pieces for _, _, _, pieces, _ in files),
        words=sum(words for _, _, _, _, words in files),
    )


async def _candidates(work: UnitOfWork, index: "_Index", shelf: _Shelf, words: Sequence[str]) -> list[KbChunk]:
    """What the index proposes, and the beginnings of sections whose very key was asked for."""
    found = list((await work.session.scalars(index.candidates(words))).all())
    named = [file_id for file_id, key in shelf.keys.items() if set(stems(key)) & set(words)]
    if named:
        known = {chunk.number for chunk in found}
        beginnings = sa.select(KbChunk).where(KbChunk.file_id.in_(named), KbChunk.position < BEGINNING)
        found += [chunk for chunk in await work.session.scalars(beginnings) if chunk.number not in known]
    return found


def _terms(chunk: KbChunk, shelf: _Shelf) -> Counter[str]:
    """A piece's words; those of its section's key count, too."""
    return Counter([*chunk.terms.split(), *stems(shelf.keys[chunk.file_id])])


def _found(chunk: KbChunk, score: float, shelf: _Shelf) -> Found:
    return Found(
        passage=Passage(key=shelf.keys[chunk.file_id], text=chunk.text, score=score),
        file_name=shelf.names[chunk.file_id],
        heading=chunk.heading,
        position=chunk.position,
    )


class _Index(ABC):
    """What both indexes are asked. Words are runs of `a-z0-9` (`stems`): nothing in them is syntax."""

    def __init__(self, shelf: _Shelf) -> None:
        self._files = sorted(shelf.keys)

    @abstractmethod
    def candidates(self, words: Sequence[str]) -> sa.Select[KbChunk]:
        """Pieces with any of the words, likely ones first."""

    @abstractmethod
    def counted(self, word: str) -> sa.Select[str, int]:
        """(word, how many pieces have it)."""


_kb_index = sa.table("kb_index", sa.column("rowid", sa.Integer))


class _Fts5(_Index):
    """SQLite's. A file's id is one token of the index, so that other tenants' pieces are not even read."""

    def candidates(self, words: Sequence[str]) -> sa.Select[KbChunk]:
        """BM25 over the terms alone: the id has no weight."""
        hits = self._hits(" OR ".join(map(_prefix, words)))
        return (
            sa.select(KbChunk)
            .join(_kb_index, _kb_index.c.rowid == KbChunk.number)
            .where(hits, KbChunk.file_id.in_(self._files))
            .order_by(sa.text("bm25(kb_index, 0.0, 1.0)"), KbChunk.number)
            .limit(CANDIDATES)
        )

    def counted(self, word: str) -> sa.Select[str, int]:
        """By the index alone."""
        return sa.select(sa.literal(word), sa.func.count()).select_from(_kb_index).where(self._hits(_prefix(word)))

    def _hits(self, terms: str) -> sa.ColumnElement[bool]:
        files = " OR ".join(f'"{file_id}"' for file_id in self._files)
        match: sa.BindParameter[str] = sa.bindparam(
            None, f"{{file_id}} : ({files}) AND {{terms}} : ({terms})", unique=True
        )
        return sa.literal_column("kb_index").op("MATCH")(match)


class _Gin(_Index):
    """PostgreSQL's, over the same terms without a dictionary."""

    def candidates(self, words: Sequence[str]) -> sa.Select[KbChunk]:
        """By cover density, divided by the logarithm of the length."""
        query = self._query(words)
        return (
            sa.select(KbChunk)
            .where(KbChunk.file_id.in_(self._files), _vector().op("@@")(query))
            .order_by(sa.func.ts_rank_cd(_vector(), query, 1).desc(), KbChunk.number)
            .limit(CANDIDATES)
        )

    def counted(self, word: str) -> sa.Select[str, int]:
        """By the index."""
        return sa.select(sa.literal(word), sa.func.count()).where(
            KbChunk.file_id.in_(self._files), _vector().op("@@")(self._query([word]))
        )

    def _query(self, words: Sequence[str]) -> sa.ColumnElement[str]:
        terms = " | ".join(f"'{word}':*" if _is_prefix(word) else f"'{word}'" for word in words)
        return sa.cast(terms, sa.dialects.postgresql.TSQUERY)


def _vector() -> sa.ColumnElement[str]:
    return sa.func.to_tsvector(sa.literal_column("'simple'"), KbChunk.terms)


def _prefix(word: str) -> str:
    return f'"{word}"*' if _is_prefix(word) else f'"{word}"'


def _is_prefix(word: str) -> bool:
    return len(word) >= SHORTEST_PREFIX and not word.isdigit()
