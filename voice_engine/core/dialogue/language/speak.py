"""Values as words, for templates: easy to synthesise, and understood again by `understand`."""

import datetime as dt
import re

import phonenumbers

from voice_engine.core.dialogue.language.en import speak as en
from voice_engine.core.dialogue.language.es import speak as es
from voice_engine.ports.call import Language


def speak_time(value: dt.time, language: Language) -> str:
    """ "eight thirty p.m."; in Spanish with its article, "las ocho y media de la tarde"."""
    return en.time(value) if language == "en" else es.time(value)


def speak_date(value: dt.date, language: Language) -> str:
    """ "Saturday, February fourteenth"; in Spanish without article, "sábado catorce de febrero"."""
    return en.date(value) if language == "en" else es.date(value)


def speak_number(value: int, language: Language) -> str:
    """A cardinal number in words; beyond a million in figures."""
    return en.number(value) if language == "en" else es.number(value)


def speak_phone(value: str, language: Language) -> str:
    """A phone number digit by digit, in groups set off by commas; the country code is left out for +1 and +34."""
    digits = re.sub(r"\D", "", value)
    if value.startswith("+"):
        try:
            number = phonenumbers.parse(value)
        except phonenumbers.NumberParseException:
            return _groups(_chunks(digits), language)
        national = phonenumbers.national_significant_number(number)
        if number.country_code in (1, 34):
            return _groups(_chunks(national), language)
        plus = "plus" if language == "en" else "más"
        return f"{plus} {_groups([str(number.country_code), *_chunks(national)], language)}"
    return _groups(_chunks(digits), language)


def spell(value: str, language: Language) -> str:
    """Letter by letter, digit by digit: "J, O, H, N"; words are set off by a full stop."""
    words = [", ".join(_character(c, language) for c in word if c.isalnum()) for word in value.split()]
    return ". ".join(word for word in words if word)


def _character(value: str, language: Language) -> str:
    return en.digit(value) if language == "en" else es.digit(value)


def _chunks(digits: str) -> list[str]:
    """Groups of three, with a last group of up to four."""
    chunks = []
    while len(digits) > 4:
        chunks.append(digits[:3])
        digits = digits[3:]
    return [*chunks, digits] if digits else chunks


def _groups(groups: list[str], language: Language) -> str:
    return ", ".join(" ".join(_character(c, language) for c in group) for group in groups)
