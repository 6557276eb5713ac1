"""Times said without their hour: "how about half past?" after eight was refused means half past eight.

The hour is that of the time being talked about. A repair of words, before they are understood; an utterance that
names an hour of its own, or none of these turns, passes unchanged.
"""

import datetime as dt
import re
from collections.abc import Mapping

from voice_engine.ports.call import Language

_EN_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ES_HOURS = ("una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce")
_HOURS: Mapping[Language, tuple[str, ...]] = {"en": _EN_HOURS, "es": _ES_HOURS}
_NAMES_AN_HOUR: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(rf"\d|\b(?:{'|'.join(_EN_HOURS[1:])}|noon|midnight)\b|\bat one\b", re.IGNORECASE),
    "es": re.compile(rf"\d|\b(?:{'|'.join(_ES_HOURS[1:])}|mediod[ií]a|medianoche)\b|\bla una\b", re.IGNORECASE),
}
_ELLIPTIC: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(half[- ]past|quarter past|quarter to)\b(?! the\b)", re.I),
    "es": re.compile(r"(?:(?<=^)|(?<=[¿,. ]))(?:a (?:las )?)?(y media|y cuarto|menos cuarto)\b", re.IGNORECASE),
}
_NO_TIME = re.compile(
    r"\b(?:hours?|minutes?|people|years?|horas?|hora y|minutos?|personas|a[ñn]os?|kilos?|litros?)\b", re.IGNORECASE
)


def complete(text: str, language: Language, talked_about: dt.time | None) -> str:
    """The text with the hour put in, or as it was.

    Args:
        text: what was recognised.
        language: its language.
        talked_about: the time that was asked for or refused last; None when there is none.
    """
    if talked_about is None or _NAMES_AN_HOUR[language].search(text) or _NO_TIME.search(text):
        return text
    hour = _HOURS[language][(talked_about.hour - 1) % 12]
    if language == "en":
        return _ELLIPTIC["en"].sub(lambda found: f"{found.group(1)} {hour}", text, count=1)
    article = "la" if hour == "una" else "las"
    return _ELLIPTIC["es"].sub(lambda found: f"a {article} {hour} {found.group(1)}", text, count=1)
