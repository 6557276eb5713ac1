"""What recognisers are known to do to the words of a booking, undone before the words are understood.

Each repair was seen in transcripts of telephone speech at 8 kHz (measured: tests/scenarios in audio). They only
touch wordings that mean nothing as they stand, so that a right transcript passes unchanged.
"""

import re
from collections.abc import Mapping

from voice_engine.ports.call import Language

_HOUR = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[0-2]|[1-9])"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_HORA = r"(?:\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)"
_ROMAN: Mapping[str, int] = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12,
}  # fmt: skip
_ROMAN_HOUR = r"XII|XI|X|IX|VIII|VII|VI|V|IV|III|II|I"
_ROMAN_TIMES: Mapping[Language, re.Pattern[str]] = {
    # Capitals only, and only after the words that begin a time: a "V" of a spelled name is left alone.
    "en": re.compile(rf"\b((?:[Aa]t|[Pp]ast|[Tt]o) )({_ROMAN_HOUR})\b(?! of\b)(?!['.\w])"),
    "es": re.compile(
        rf"\b([Aa] ?l[ao]s? |[Ll]as )({_ROMAN_HOUR})\b\b(?:( y | menos )(IV|V|XX|X)\b)?(?! (?:y|menos) [IVXL])"
    ),
}
_ROMAN_MINUTES = {"IV": "cuarto", "V": "cinco", "X": "diez", "XX": "veinte"}
"""After "y" or "menos" the recogniser hears "cuarto" as "cuatro" and writes it IV."""
_REPAIRS: Mapping[Language, tuple[tuple[re.Pattern[str], str], ...]] = {
    "en": (
        # "I can do eight, thirty": a pause inside a time became a comma.
        (
            re.compile(
                rf"\b({_HOUR}), (fifteen|thirty|forty[- ]five|15|30|45)\b(?! (?:people|persons|minutes))",
                re.IGNORECASE,
            ),
            r"\1 \2",
        ),
        # "Monday I can't. Make it Wednesday" lost its full stop.
        (
            re.compile(
                rf"\b({_DAY},? (?:I|we) can(?:'t|not)),? make (it|that) (?=(?:on |for )?{_DAY}\b)", re.IGNORECASE
            ),
            r"\1. Make \2 ",
        ),
        # "Your table is bucked", "you are books".
        (
            re.compile(
                r"\b((?:table|it|that|this|everything|reservation|room|appointment) is|it's|you(?: a|')re)( all)?"
                r" (?:bucked|barked|books?|bugged|boxed|booke?t)\b",
                re.IGNORECASE,
            ),
            r"\1\2 booked",
        ),
    ),
    "es": (
        # "solo tengo alas 6".
        (re.compile(rf"\balas (?={_HORA}\b)", re.IGNORECASE), "a las "),
        # "el número de confirmaciones, uno, dos …": "confirmación es" ran together.
        (re.compile(r"\b(n[uú]mero|c[oó]digo) de confirmaciones\b,?", re.IGNORECASE), r"\1 de confirmación es"),
        # "alguna alerxia".
        (re.compile(r"\balerxi(as?)\b", re.IGNORECASE), r"alergi\1"),
        # "muchas gracias a Dios" as the last words: "gracias, adiós".
        (re.compile(r"\bgracias a dios(?=[.!]*$)", re.IGNORECASE), "gracias, adiós"),
        # "queda notado".
        (re.compile(r"\b(queda|quedan|est[aá]|lo he|la he|ya) notad([oa]s?)\b", re.IGNORECASE), r"\1 anotad\2"),
    ),
}


def repair(text: str, language: Language) -> str:
    """The text with known mishearings undone."""
    for pattern, replacement in _REPAIRS[language]:
        text = pattern.sub(replacement, text)
    return _ROMAN_TIMES[language].sub(_spanish_time if language == "es" else _english_time, text)


def _english_time(found: re.Match[str]) -> str:
    """ "At XI": the hour in digits; "I" after "to" is no hour."""
    return found.group() if found.group(2) == "I" else f"{found.group(1)}{_ROMAN[found.group(2)]}"


def _spanish_time(found: re.Match[str]) -> str:
    """ "A la XI y IV": "a las 11 y cuarto"."""
    hour = _ROMAN[found.group(2)]
    lead = found.group(1).strip().lower()
    if hour > 1:
        lead = "las" if lead == "las" else "a las"
    minutes = found.group(4) or ""
    return f"{lead} {hour}{found.group(3) or ''}{_ROMAN_MINUTES.get(minutes, minutes)}"
