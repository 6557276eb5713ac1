"""Spanish number words and fillers, without accents."""

from voice_engine.core.dialogue.language.numbers import NumberWords

_WORDS = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve"
)
SMALL = {word: value for value, word in enumerate(_WORDS.split())} | {"una": 1, "veintiuna": 21, "veintiun": 21}
TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"], start=3
    )
}
_HUNDREDS = "doscient trescient cuatrocient quinient seiscient setecient ochocient novecient"
HUNDREDS = {"cien": 100, "ciento": 100} | {
    stem + end: 100 * value for value, stem in enumerate(_HUNDREDS.split(), start=2) for end in ("os", "as")
}
MONTHS = {
    word: value
    for value, words in enumerate(
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre setiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        start=1,
    )
    for word in words.split()
}


def _is_ordinal(before: str, after: str) -> bool:
    return (before in ("el", "dia", "al", "del") and (after == "de" or after in MONTHS)) or (
        after == "de" and before == "para"
    )


def _is_article(before: str, after: str) -> bool:
    """ "una" counts in "a la una", "una y media", "uno una dos"; elsewhere it is an article."""
    if not before and not after:  # the whole answer to "for how many?"
        return False
    if before in ("con", "usted", "eres", "es"):
        return True
    return not (before == "la" or before[-1:].isdigit() or after in ("persona", "noche") or _half_hour(after))


def _half_hour(after: str) -> bool:
    return after == "y"


def homophones(words: list[str], expecting: str | None) -> None:
    """Spanish number words have no common homophones; nothing to replace."""


WORDS = NumberWords(
    small=SMALL,
    tens=TENS,
    tens_link="y",
    hundreds=HUNDREDS,
    hundred="",
    thousand="mil",
    ordinals={"primero": 1},
    shy_ordinals=frozenset({"primero"}),
    is_ordinal=_is_ordinal,
    fillers=frozenset(["eh", "ehh", "em", "mmm", "ah", "uh", "pues"]),
    joins={
        ("p", "m"): "pm",
        ("a", "m"): "am",
        ("medio", "dia"): "mediodia",
        ("media", "noche"): "medianoche",
        ("uh", "huh"): "aja",
        ("una", "docena"): "doce",
    },
    zero_words=frozenset(),
    article_ones=frozenset({"una"}),
    is_article=_is_article,
    repeats={"doble": 2, "triple": 3},
    homophones=homophones,
)
