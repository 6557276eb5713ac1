"""Search over a business's written facts: BM25 on light stems, English and Spanish, no index to keep.

A business has tens of entries, so every search scores them all. The score is squashed to 0..1 by the share of
the query's weight that an entry covers; below `MIN_SCORE` nothing is returned rather than something unfit.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from voice_engine.ports.call import KnowledgeEntry
from voice_engine.ports.knowledge import Passage

K1, B = 1.2, 0.75
"""Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), usual values."""
MIN_SCORE = 0.34
"""An entry must cover about a third of the query's weight (tests/providers/knowledge/test_local.py)."""

_WORD = re.compile(r"[a-z0-9]+")
_STOP = frozenset({
    "a", "an", "the", "is", "are", "was", "be", "been", "do", "does", "did", "can", "could", "would", "will",
    "i", "you", "he", "she", "it", "we", "they", "my", "your", "our", "their", "me", "us", "of", "to", "in",
    "on", "at", "for", "from", "with", "by", "and", "or", "if", "so", "what", "which", "who", "how", "when",
    "where", "there", "this", "that", "have", "has", "had", "any", "some", "please", "about", "tell", "know",
    "want", "like", "need", "get", "hi", "hello", "thanks", "thank", "yes", "no", "not", "el", "la", "los",
    "las", "un", "una", "unos", "unas", "es", "son", "esta", "estan", "ser", "estar", "hay", "de", "del",
    "al", "en", "con", "por", "para", "y", "o", "si", "que", "cual", "quien", "como", "cuando", "donde",
    "cuanto", "este", "esto", "eso", "tiene", "tienen", "tener", "puedo", "puede", "pueden", "podria",
    "quiero", "quisiera", "mi", "su", "sus", "se", "le", "lo", "les", "nos", "hola", "gracias", "favor",
})  # fmt: skip
_SUFFIXES = (
    "aciones", "amiento", "imiento", "ciones", "adores", "mente", "acion", "ments", "ings", "ment", "cion",
    "ando",
    "iendo", "ados", "adas", "idos", "idas", "tion", "ness", "able", "ible", "ing", "ies", "ado", "ada",
    "ido", "ida",
    "ion", "ers", "ed", "er", "es", "ar", "ir", "ly", "os", "as", "y", "s", "e", "o", "a",
)  # fmt: skip
_SYNONYMS: Mapping[str, str] = {
    "parking": "park", "aparcamiento": "park", "aparcar": "park", "estacionamiento": "park", "cost": "price",
    "costs": "price", "prices": "price", "fee": "price", "fees": "price", "charge": "price", "pricing": "price",
    "precio": "price", "precios": "price", "cuesta": "price", "cuestan": "price", "cobran": "price",
    "vale": "price",
    "wifi": "wifi", "internet": "wifi", "dog": "pet", "dogs": "pet", "pets": "pet", "mascotas": "pet",
    "mascota": "pet", "perro": "pet", "perros": "pet", "car": "park", "coche": "park", "tarjeta": "card",
    "tarjetas": "card", "cards": "card", "seguro": "insur", "seguros": "insur", "insurance": "insur",
    "insurances": "insur",
}  # fmt: skip
_SHORTEST_STEM = 3


class LocalKnowledge:
    """Satisfies `ports.knowledge.Knowledge` over a fixed set of entries."""

    def __init__(self, entries: Iterable[KnowledgeEntry]) -> None:
        """Index the entries; the words of a key count as words of its text."""
        self._entries = tuple(entries)
        self._counts = [Counter(stems(f"{entry.key} {entry.text}")) for entry in self._entries]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._mean = sum(self._lengths) / len(self._lengths) if self._lengths else 0.0

    async def search(self, query: str, *, limit: int = 3) -> list[Passage]:
        """Best passages first; empty when nothing fits."""
        words = list(dict.fromkeys(stems(query)))
        weights = {word: self._weight(word) for word in words}
        total = sum(weights.values())
        if total == 0:
            return []
        scored = [
            (self._score(index, weights), self._cover(index, weights) / total, entry)
            for index, entry in enumerate(self._entries)
        ]
        fitting = sorted((item for item in scored if item[1] >= MIN_SCORE), key=lambda item: -item[0])
        return [
            Passage(key=entry.key, text=entry.text, score=round(cover, 4)) for _, cover, entry in fitting[:limit]
        ]

    def _weight(self, word: str) -> float:
        """Inverse document frequency; a word that no entry has weighs as one that a single entry has."""
        having = max(1, sum(1 for counts in self._counts if word in counts))
        return math.log(1 + (len(self._counts) - having + 0.5) / (having + 0.5))

    def _cover(self, index: int, weights: Mapping[str, float]) -> float:
        return sum(weight for word, weight in weights.items() if word in self._counts[index])

    def _score(self, index: int, weights: Mapping[str, float]) -> float:
        counts, length = self._counts[index], self._lengths[index]
        norm = K1 * (1 - B + B * length / self._mean)
        return sum(
            weight * counts[word] * (K1 + 1) / (counts[word] + norm)
            for word, weight in weights.items()
            if word in counts
        )


def stems(text: str) -> list[str]:
    """The content words of a text, lower case, without accents and endings; English and Spanish alike."""
    folded = unicodedata.normalize("NFD", text.lower().replace("wi-fi", "wifi"))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return [_stem(word) for word in _WORD.findall(plain) if word not in _STOP]


def _stem(word: str) -> str:
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word
