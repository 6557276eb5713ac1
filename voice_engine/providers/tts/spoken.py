"""Written text made speakable: times, prices, phone numbers, codes and dates as words, the same for every model.

What a template wrote digit by digit ("5 5 5, 0 1 0 0") is spoken digit by digit; what it wrote as one number is
spoken as one number, unless it is too long or begins with a zero.
"""

import re
from collections.abc import Iterator

from voice_engine.providers.tts import numerals

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=\S)")
_ABBREVIATIONS = frozenset("dr mr mrs ms st no sr sra dra srta av a.m p.m e.g i.e etc".split())  # noqa: SIM905

_TIME = re.compile(r"\b(\d{1,2}):(\d{2})(?:\s*([ap])\.?\s?m\b\.?)?", re.IGNORECASE)
_HOUR = re.compile(r"\b(\d{1,2})\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_MONEY = re.compile(
    r"(?P<before>[$€£])\s?(?P<amount>\d{1,6})(?:[.,](?P<cents>\d{2}))?\b"
    r"|\b(?P<amount2>\d{1,6})(?:[.,](?P<cents2>\d{2}))?\s?(?P<after>[€£])"
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_PHONE = re.compile(r"\+\d[\d\s().-]{6,18}\d|\(\d{3}\)\s?\d{3}-\d{4}|\b\d{3}-\d{4}\b|\b\d{3}-\d{3}-\d{4}\b")
_CODE = re.compile(r"\b(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9]+(?:-[A-Z0-9]+)*\b")
_PERCENT = re.compile(r"(?<=\d)\s?%")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b", re.IGNORECASE)
_DECIMAL = re.compile(r"\b(\d{1,6})[.](\d{1,3})\b")
_GROUPED = re.compile(r"\b\d{1,3}(?:,\d{3})+\b")
_YEAR = re.compile(r"\b1[1-9]\d{2}\b")
_NUMBER = re.compile(r"\d+")

_CURRENCIES = {
    "en": {"$": ("dollar", "dollars"), "€": ("euro", "euros"), "£": ("pound", "pounds")},
    "es": {"$": ("dólar", "dólares"), "€": ("euro", "euros"), "£": ("libra", "libras")},
}
_CENTS = {"en": "and {}", "es": "con {}"}
_PER_CENT = {"en": "percent", "es": "por ciento"}
_POINT = {"en": "point", "es": "coma"}
_LONGEST_NUMBER = 6
"""More digits are an identifier: nobody follows "one million two hundred …" on the telephone."""


def sentences(text: str) -> Iterator[str]:
    """Sentences of `text`, stripped, none empty; a full stop after a title or an initial ends none."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        word = text[start : match.start()].rsplit(maxsplit=1)
        last = word[-1].rstrip(".").lower() if word else ""
        if text[match.start() - 1] == "." and (last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha())):
            continue
        sentence = text[start : match.end()].strip()
        if sentence:
            yield sentence
        start = match.end()
    if rest := text[start:].strip():
        yield rest


def spoken(text: str, language: str) -> str:
    """`text` with every number written out in `language` (`en` or `es`); other languages stay as they are."""
    if language not in _CURRENCIES or not any(character.isdigit() for character in text):
        return text
    text = _ISO_DATE.sub(lambda match: numerals.date(match, language), text)
    text = _PHONE.sub(lambda match: _digits_in_groups(match.group(), language), text)
    text = _TIME.sub(lambda match: _time(match, language), text)
    text = _HOUR.sub(lambda match: numerals.clock(int(match[1]), 0, match[2], language), text)
    text = _MONEY.sub(lambda match: _money(match, language), text)
    text = _PERCENT.sub(f" {_PER_CENT[language]}", text)
    text = _CODE.sub(lambda match: _code(match.group(), language), text)
    if language == "en":
        text = _ORDINAL.sub(lambda match: numerals.english_ordinal(int(match[1])), text)
        text = _GROUPED.sub(lambda match: _number(match.group().replace(",", ""), language), text)
    text = _DECIMAL.sub(
        lambda match: f"{_number(match[1], language)} {_POINT[language]} {numerals.digits(match[2], language)}",
        text,
    )
    if language == "en":
        text = _YEAR.sub(lambda match: numerals.english_year(int(match.group())), text)
    return _NUMBER.sub(lambda match: _number(match.group(), language), text)


def _number(figures: str, language: str) -> str:
    leading_zero = len(figures) > 1 and figures.startswith("0")
    if leading_zero or len(figures) > _LONGEST_NUMBER:
        return numerals.digits(figures, language)
    return numerals.cardinal(int(figures), language)


def _time(match: re.Match[str], language: str) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return f"{_number(match[1], language)} {_number(match[2], language)}"
    spoken_time = numerals.clock(hour, minute, match[3], language)
    # An abbreviation's full stop may have ended the sentence as well.
    return spoken_time + "." if match.group().endswith(".") and match.end() == len(match.string) else spoken_time


def _money(match: re.Match[str], language: str) -> str:
    amount, cents = int(match["amount"] or match["amount2"]), match["cents"] or match["cents2"]
    singular, plural = _CURRENCIES[language][match["before"] or match["after"]]
    count = numerals.cardinal(amount, language)
    if language == "es" and amount % 10 == 1 and amount % 100 != 11:
        count = re.sub(r"uno$", "un", count.replace("veintiuno", "veintiún"))
    phrase = f"{count} {singular if amount == 1 else plural}"
    if cents and cents != "00":
        phrase += " " + _CENTS[language].format(numerals.cardinal(int(cents), language))
    return phrase


def _digits_in_groups(text: str, language: str) -> str:
    """Digit by digit, with a comma where the writing had a break."""
    plus = {"en": "plus ", "es": "más "}[language] if text.startswith("+") else ""
    groups = re.findall(r"\d+", text)
    if len(groups) == 1 and len(groups[0]) > 4:
        (whole,) = groups
        groups = [whole[:-10], whole[-10:-7], whole[-7:-4], whole[-4:]]
    return plus + ", ".join(numerals.digits(group, language) for group in groups if group)


def _code(text: str, language: str) -> str:
    """Letters and digits of a code one by one: "AB-12" is "A B, one two"."""
    parts = (
        " ".join(numerals.digits(sign, language) if sign.isdigit() else sign for sign in part)
        for part in text.split("-")
    )
    return ", ".join(parts)
