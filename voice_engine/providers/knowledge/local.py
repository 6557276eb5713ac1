"""Search over a business's written facts: BM25 on light stems, English and Spanish, no index to keep.

A business has tens of entries, so every search scores them all (`core.retrieval`).
"""

from collections import Counter
from collections.abc import Iterable

from voice_engine.core.retrieval.ranking import corpus_of, rank
from voice_engine.core.retrieval.terms import stems
from voice_engine.ports.call import KnowledgeEntry
from voice_engine.ports.knowledge import Passage


class LocalKnowledge:
    """Satisfies `ports.knowledge.Knowledge` over a fixed set of entries."""

    def __init__(self, entries: Iterable[KnowledgeEntry]) -> None:
        """Index the entries; the words of a key count as words of its text."""
        self._entries = tuple(entries)
        self._counts = [Counter(stems(f"{entry.key} {entry.text}")) for entry in self._entries]

    async def search(self, query: str, *, limit: int = 3) -> list[Passage]:
        """Best passages first; empty when nothing fits."""
        words = list(dict.fromkeys(stems(query)))
        ranked = rank(words, self._counts, corpus_of(words, self._counts))
        found = [(self._entries[each.index], each.score) for each in ranked[:limit]]
        return [Passage(key=entry.key, text=entry.text, score=score) for entry, score in found]
