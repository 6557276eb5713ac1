"""Numbers, clock times and dates as English and Spanish words. Pure."""

import re

_EN_SMALL = (  # noqa: SIM905
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_EN_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905  # words read better as words
_ES_SMALL = (  # noqa: SIM905
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
).split()
_ES_TENS = "- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()  # noqa: SIM905  # words read better as words
_ES_HUNDREDS = (  # noqa: SIM905
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()
_EN_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth",
    "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),  # noqa: SIM905
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),  # noqa: SIM905
}


def digits(figures: str, language: str) -> str:
    """Each figure as a word: "012" is "zero one two"."""
    names = _EN_SMALL if language == "en" else _ES_SMALL
    return " ".join(names[int(figure)] for figure in figures)


def cardinal(number: int, language: str) -> str:
    """0 to 999,999 as words."""
    assert 0 <= number < 1_000_000
    return _english(number) if language == "en" else _spanish(number)


def english_year(number: int) -> str:
    """1100 to 1999, also of houses, by halves: "nineteen ninety nine"."""
    century, rest = divmod(number, 100)
    if rest == 0:
        return f"{_english(century)} hundred"
    return f"{_english(century)} {_english(rest) if rest > 9 else f'oh {_english(rest)}'}"


def english_ordinal(number: int) -> str:
    """1 to 99 as "first", "twenty second", …"""
    head, _, last = _english(number).rpartition(" ")
    if last in _EN_ORDINALS:
        last = _EN_ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return f"{head} {last}".strip()


def clock(hour: int, minute: int, half: str | None, language: str) -> str:
    """A time of day. `half` is `a` or `p` where the writing said so; hour 0 to 24."""
    return _english_clock(hour, minute, half) if language == "en" else _spanish_clock(hour, minute, half)


def date(match: re.Match[str], language: str) -> str:
    """An ISO date (groups year, month, day) as day and month; what is no date is read as figures."""
    month, day = int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return digits(match[1] + match[2] + match[3], language)
    name = _MONTHS[language][month - 1]
    if language == "en":
        return f"{name} {english_ordinal(day)}"
    return f"{'primero' if day == 1 else cardinal(day, language)} de {name}"


def _english(number: int) -> str:
    if number < 20:
        return _EN_SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _EN_TENS[tens] + (f" {_EN_SMALL[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_EN_SMALL[hundreds]} hundred" + (f" {_english(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    return f"{_english(thousands)} thousand" + (f" {_english(rest)}" if rest else "")


def _spanish(number: int) -> str:
    if number < 30:
        return _ES_SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _ES_TENS[tens] + (f" y {_ES_SMALL[ones]}" if ones else "")
    if number == 100:
        return "cien"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _ES_HUNDREDS[hundreds] + (f" {_spanish(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    # "uno" loses its ending before "mil": veintiún mil, treinta y un mil.
    count = re.sub(r"veintiuno$", "veintiún", _spanish(thousands))
    count = "" if thousands == 1 else re.sub(r"uno$", "un", count) + " "
    return f"{count}mil" + (f" {_spanish(rest)}" if rest else "")


def _english_clock(hour: int, minute: int, half: str | None) -> str:
    suffix = "" if half is None else f" {half.upper()} M"
    if half is None and hour > 12:
        hour, suffix = hour - 12, " P M" if hour < 24 else " A M"
    elif half is None and hour == 0:
        hour, suffix = 12, " A M"
    name = _english(hour)
    if minute == 0:
        return name + (suffix or " o'clock")
    return f"{name} {_english(minute) if minute > 9 else f'oh {_english(minute)}'}{suffix}"


def _spanish_clock(hour: int, minute: int, half: str | None) -> str:
    if half is not None:
        part = "de la mañana" if half.lower() == "a" else ("de la tarde" if hour % 12 < 8 else "de la noche")
    elif hour > 12:
        hour, part = hour - 12, "de la tarde" if hour < 20 else "de la noche"
    else:
        part = ""
    name = "una" if hour == 1 else _spanish(hour)
    minutes = {0: "", 15: " y cuarto", 30: " y media"}.get(minute, f" y {_spanish(minute)}")
    return f"{name}{minutes} {part}".strip()
