"""The content words of speech and of writing, reduced so that both meet: English and Spanish alike.

A caller says "¿aceptan tarjetas?", a page says "We accept card payments": case, accents, endings, fillers and the
commonest synonyms are taken off, on both sides by the same function, so that any index that keeps these terms finds
them.
"""

import re
import unicodedata
from collections.abc import Mapping

LONGEST_TERM = 40
"""A longer run of letters is no word that anybody says; indexes have limits, too (PostgreSQL's lexeme: 2 KB)."""

_WORD = re.compile(r"[a-z0-9]+")
_STOP = frozenset({
    "a", "an", "the", "is", "are", "was", "be", "been", "do", "does", "did", "can", "could", "would", "will",
    "i", "you", "he", "she", "it", "we", "they", "my", "your", "our", "their", "me", "us", "of", "to", "in",
    "on", "at", "for", "from", "with", "by", "and", "or", "if", "so", "what", "which", "who", "how", "when",
    "where", "there", "this", "that", "have", "has", "had", "any", "some", "please", "about", "tell", "know",
    "want", "like", "need", "get", "hi", "hello", "thanks", "thank", "yes", "no", "not", "el", "la", "los",
    "las", "un", "una", "unos", "unas", "es", "son", "esta", "estan", "ser", "estar", "hay", "de", "del",
    "al", "en", "con", "por", "para", "y", "o", "si", "que", "cual", "quien", "como", "cuando", "donde",
    "cuanto", "cuanta", "este", "esto", "eso", "tiene", "tienen", "tener", "puedo", "puede", "pueden", "podria",
    "quiero", "quisiera", "mi", "su", "sus", "se", "le", "lo", "les", "nos", "hola", "gracias", "favor",
    "much", "many", "just", "also", "really", "maybe", "okay", "ok", "well", "um", "uh", "er", "hmm", "oh",
    "wondering", "wonder", "whether", "anything", "something", "don", "doesn", "isn", "ll", "ve", "re", "am",
    "actually", "then", "them", "its", "than", "mr", "mrs", "te", "mas", "muy", "ya", "pues",
    "bueno", "oiga", "oye", "eh", "saber", "sabe", "queria", "preguntar", "decirme", "dime", "digame", "diga",
    "puedes", "podrian", "necesito", "tal", "vez", "hace", "ha", "fue", "era", "cuales", "quienes", "usted",
    "ustedes", "ese", "esa", "esos", "esas", "estos", "estas", "sobre", "pero", "sin", "tambien",
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


def stems(text: str) -> list[str]:
    """The content words of a text in their order, lower case, without accents and endings.

    What is left are runs of `a-z0-9`, none longer than `LONGEST_TERM`; single letters are dropped.
    """
    folded = unicodedata.normalize("NFD", text.lower().replace("wi-fi", "wifi"))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    words = (word for word in _WORD.findall(plain) if word not in _STOP and len(word) <= LONGEST_TERM)
    return [_stem(word) for word in words if len(word) > 1 or word.isdigit()]


def _stem(word: str) -> str:
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word
