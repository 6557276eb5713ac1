"""What recognisers are known to do to the words of a booking, undone before the words are understood.

Each repair was seen in transcripts of telephone speech at 8 kHz (measured: tests/scenarios in audio). They only
touch wordings that mean nothing as they stand, so that a right transcript passes unchanged.
"""

import re
from collections.abc import Mapping

from voice_engine.ports.call import Language

_HOUR = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[0-2]|[1-9])"
_HORA = r"(?:\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)"
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
    ),
}


def repair(text: str, language: Language) -> str:
    """The text with known mishearings undone."""
    for pattern, replacement in _REPAIRS[language]:
        text = pattern.sub(replacement, text)
    return text
