"""Spanish values as words to be spoken."""

import datetime as dt

_SMALL = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_TENS = ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_HUNDREDS = [
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
]
_MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
_DAYS = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
_PARTS = (
    (1, "de la noche"),
    (6, "de la madrugada"),
    (12, "de la mañana"),
    (13, "del mediodía"),
    (20, "de la tarde"),
)


def number(value: int) -> str:
    """A cardinal number below a million."""
    if value < 0:
        return "menos " + number(-value)
    if value < 30:
        return _SMALL[value]
    if value < 100:
        tens, unit = divmod(value, 10)
        return _TENS[tens - 3] + (f" y {_SMALL[unit]}" if unit else "")
    if value == 100:
        return "cien"
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return _HUNDREDS[hundreds - 1] + (f" {number(rest)}" if rest else "")
    if value < 1_000_000:
        thousands, rest = divmod(value, 1000)
        head = "mil" if thousands == 1 else f"{_before_mil(number(thousands))} mil"
        return head + (f" {number(rest)}" if rest else "")
    return str(value)


def _before_mil(words: str) -> str:
    """ "veintiuno" loses its ending before "mil"."""
    return (
        words[:-3] + "ún"
        if words.endswith("veintiuno")
        else words.removesuffix("o")
        if words.endswith("uno")
        else words
    )


def time(value: dt.time) -> str:
    """A time with its article and part of the day: "las ocho y media de la tarde"."""
    hour = value.hour % 12 or 12
    words = "la una" if hour == 1 else f"las {_SMALL[hour]}"
    match value.minute:
        case 0:
            pass
        case 15:
            words += " y cuarto"
        case 30:
            words += " y media"
        case minute:
            words += f" y {number(minute)}"
    return f"{words} {next((part for end, part in _PARTS if value.hour < end), 'de la noche')}"


def date(value: dt.date) -> str:
    """A date with its weekday, without article: "sábado catorce de febrero"."""
    day = "uno" if value.day == 1 else number(value.day)
    return f"{_DAYS[value.weekday()]} {day} de {_MONTHS[value.month - 1]}"


def digit(value: str) -> str:
    """One digit or letter as it is read out."""
    return _SMALL[int(value)] if value.isdigit() and value.isascii() else value.upper()
