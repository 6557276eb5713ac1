"""Spanish times of day as patterns over canonical text (no accents)."""

import re

from voice_engine.core.dialogue.language.clock import DayPart, Reader, TimeGrammar, read_hour

# What makes a number something else than an hour.
COUNTED = (
    r"(?! ?(?:personas?|comensales|adultos?|ninos?|ninas?|huespedes|invitados|gente|minutos?|min\b"
    r"|horas? (?:antes|despues|de)|segundos?|dolares"
    r"|euros?|pesos|soles|centavos|centimos|por (?:ciento|100)|%|/|\$|€|th\b|noches|dias?|semanas?|mes(?:es)?"
    r"|anos?|habitacion(?:es)?|camas?|mesas?|sillas?"
    r"|lugares|plazas|cubiertos|estrellas?|amigos?|mas\b|veces|cuadras|kilometros|calle|de (?:ellos"
    r"|nosotros|enero|febrero|marzo|abril|mayo|junio"
    r"|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|este mes|cada)|mil\b|cientos?"
    r"|o \d{1,2} (?:personas|noches|dias|minutos)|# ?#|\d))"
)
_H = r"(?P<h>1[0-2]|0?[1-9])"
_H24 = r"(?P<h>2[0-4]|1\d|0?\d)"
_DAY = r"(?:hoy|manana|pasado manana|ayer|lunes|martes|miercoles|jueves|viernes|sabado|domingo|ese dia)"
_PART = (
    rf"(?:(?: ,)?(?: {_DAY})? (?:en punto )?(?P<part>am|pm|(?:de|por|en|a) la (?:manana|tarde|noche"
    r"|madrugada|mananita|tardecita|nochecita)"
    r"|del? (?:mediodia|medio dia|la tarde noche)|esta (?:noche|tarde|manana)|para (?:cenar|comer"
    r"|almorzar|desayunar)))?"
)
_TAIL = r"(?: (?:horas?|hs|hrs?|h)\b)?"
_END = r"(?! ?[:/]| \d|\d)"
_ROUND_THE_CLOCK = r"(?!24 (?:horas|hs|hrs|h)\b)"
_ART = r"(?:las?|las? las?)"
_STOP = (
    r"(?=$| [,.?!;]| (?:o|u|y|e|esta|estan|no|si|el|la|en|con|para|por|pero|libre|disponible|puede|podria"
    r"|le|te|vale|tal|mejor|que|de|tengo|hay"
    r"|tenemos|seria|horas?|a|como|hoy|manana|pasado|este|proximo|lunes|martes|miercoles|jueves|viernes"
    r"|sabado|domingo)\b| [#~])"
)


def _read_compact(match: re.Match[str]) -> tuple[int, int] | None:
    digits = match["hm"]
    return int(digits[:-2]), int(digits[-2:])


def _minutes(spoken: str) -> int:
    if "media" in spoken:
        return 30
    if "tres cuartos" in spoken or "3 cuartos" in spoken:
        return 45
    return 15 if "cuarto" in spoken else int(re.sub(r"\D", "", spoken))


def _read_plus(match: re.Match[str]) -> tuple[int, int] | None:
    return int(match["h"]), _minutes(match["by"])


def _read_minus(match: re.Match[str]) -> tuple[int, int] | None:
    hour = int(match["h"])
    return (hour - 1 if hour > 1 else 12), 60 - _minutes(match["by"])


def _read_word(match: re.Match[str]) -> tuple[int, int] | None:
    return (0, 0) if match["exact"].startswith("media") else (12, 0)


_SPAN = (
    r"(?P<v>(?:en|dentro de)(?: unos| unas| como)? "
    r"(?:(?P<half>media hora)|(?P<hour>una|1|\d) horas?(?P<more> y media)?|(?P<n>\d{1,2}) minutos))\b"
)
_OFFERS = (
    r"\b(?:puede[ns]?|podrian?|podemos|puedo|tengo|tenemos|tienen?|hay|libre|disponible|venir|vienen?|vengan?"
    r"|que tal)"
)
_AHEAD = re.compile(
    rf"(?:{_OFFERS}(?: (?!llam|avis|confirm|devolv|esper|que\b)[a-z0-9%]+){{0,4}}? "
    rf"|(?=[^,.?!]*? (?:puedo|podemos|podria) (?:atender|recibir|sentar|dar))){_SPAN}"
)


def _ahead_minutes(match: re.Match[str]) -> int:
    if match["n"]:
        return int(match["n"])
    if match["half"]:
        return 30
    hours = int(match["hour"]) if match["hour"].isdigit() else 1
    return hours * 60 + (30 if match["more"] else 0)


_PATTERNS: tuple[tuple[str, Reader], ...] = (
    (
        r"(?<!\d del )(?<!\d de )(?<!media del )(?<!cuarto del )(?<!este )(?<!y )(?<!con )\b"
        r"(?P<v>(?:(?:las )?12 (?:del? (?:la )?)?)?(?P<exact>mediodia"
        r"|medianoche))\b",
        _read_word,
    ),
    (rf"(?<![\d$])(?P<v>{_H24}:(?P<m>[0-5]\d){_TAIL}{_PART})(?!\d)", read_hour),
    (
        rf"(?<![\d$/:])(?<!\d )\b(?P<v>{_H} (?:y|con|i) (?P<by>media|(?:un )?cuarto|(?:tres|3) cuartos){_PART})\b",
        _read_plus,
    ),
    (
        r"(?<![\d$/:])(?<!\d )(?<!entre )(?<!entre las )\b"
        rf"(?P<v>{_H24} (?:y|con) (?P<by>[0-5]?\d(?: minutos)?){_PART})(?! ?[:/]| \d)\b"
        r"(?! (?:personas|adultos|ninos|comensales|noches|dias))",
        _read_plus,
    ),
    (
        rf"(?<![\d$/:])(?<!\d )\b(?P<v>{_H} menos (?P<by>(?:un )?cuarto|[0-2]?\d(?: minutos)?){_PART})\b{_END}",
        _read_minus,
    ),
    (
        r"\b(?P<v>(?:faltan? )?(?P<by>(?:un )?cuarto|(?:5|10|15|20|25)(?: minutos(?! antes))?) (?:para|pa"
        rf"|antes de) {_ART} {_H}{_PART})\b{_END}",
        _read_minus,
    ),
    (rf"\b(?P<v>{_H}) y (?:pico|algo)\b", read_hour),
    (rf"\b(?P<v>{_H} media{_PART})\b", lambda match: (int(match["h"]), 30)),
    (rf"\b(?P<v>{_H} cuarto{_PART})\b(?! para)", lambda match: (int(match["h"]), 15)),
    (
        rf"(?<![\d$/:])(?<!\d )\b(?P<v>{_H24} (?P<m>[0-5]\d|0 [1-9]){_TAIL}{_PART})\b(?! \d| ?[:/]){COUNTED}",
        read_hour,
    ),
    (
        rf"(?<![\d$/:])(?<!\d )\b(?<!cada ){_ROUND_THE_CLOCK}(?P<v>(?:(?<=las )|(?<=la )|(?=1[3-9]|2\d))"
        rf"{_H24} horas(?: (?:y|con) (?P<m>[0-5]?\d)(?: minutos)?)?{_PART})\b(?!"
        r" (?:antes|despues|de (?:anticipacion|antelacion|espera|vuelo|diferencia)))",
        read_hour,
    ),
    (
        rf"\b{_ART} (?P<v>(?P<hm>[1-9][0-5]\d|1\d[0-5]\d|0\d[0-5]\d|2[0-3][0-5]\d){_TAIL}{_PART})\b{COUNTED}",
        _read_compact,
    ),
    (
        rf"(?<![\d$/:])(?<!\d )\b(?P<v>{_H24} (?P<part>am|pm|de la (?:manana|tarde|noche|madrugada)"
        r"|del mediodia|esta noche))\b",
        read_hour,
    ),
    (
        r"\b(?:a|de|desde|hasta|para|entre|sobre|hacia|tipo|como|por|y|o|son|es|seria|a eso de|antes de"
        r"|despues de|a partir de|cerca de"
        rf"|con)? ?\b{_ART} {_ROUND_THE_CLOCK}(?P<v>{_H24}{_TAIL}{_PART})\b(?! ?[:/]| \d"
        rf"|\d){COUNTED}",
        read_hour,
    ),
    (
        rf"\b(?:de|entre|desde) (?P<v>{_H24})(?= (?:a|y|hasta|-)(?: las?)? (?:2[0-3]|1\d|[1-9])\b{_END}{COUNTED})"
        r"(?! y (?:media|cuarto))",
        read_hour,
    ),
    (
        r"\b(?:manana|tarde|noche|mediodia|cenar|comer|almorzar)(?: ,)?(?: a| tipo| como a"
        rf"| sobre)? (?P<v>{_H}{_PART})\b{_END}{COUNTED}{_STOP}",
        read_hour,
    ),
    (rf"(?<!\bla )\b(?:a|tipo|sobre|hacia) (?P<v>{_H}{_PART})\b{_END}{COUNTED}{_STOP}", read_hour),
)

_PART_HOURS: tuple[tuple[str, DayPart], ...] = (
    ("madrugada", (0, 7)),
    ("mediodia", (11, 16)),
    ("medio dia", (11, 16)),
    ("tarde noche", (17, 24)),
    ("tarde", (12, 21)),
    ("noche", (18, 28)),
    ("manan", (0, 13)),
    ("cena", (18, 26)),
    ("almorz", (11, 17)),
    ("almuerzo", (11, 17)),
    ("comer", (11, 17)),
    ("comida", (11, 17)),
    ("desayun", (5, 12)),
)


def _part_of(text: str) -> DayPart:
    return next((hours for word, hours in _PART_HOURS if word in text), (0, 24))


TIMES = TimeGrammar(
    not_after=re.compile(
        r"\b(?:habitacion|cuarto|consulta|consultorio|numero|piso|planta|puerta|vuelo|extension|opcion"
        r"|calle|avenida|linea"
        r"|version|nivel|pagina|paso|local|apartamento|departamento|edad|codigo|marque|pulse"
        r"|oprima|cuestan?|valen?|precio|sale por|cobramos|kilometro)(?: es| son)?(?: el| la| de)? $"
    ),
    patterns=tuple((re.compile(pattern), reader) for pattern, reader in _PATTERNS),
    parts=re.compile(
        r"\b(?:(?:de|por|en|a) la (?:manana|tarde|noche|madrugada)|esta (?:noche|tarde|manana)"
        r"|tarde noche|del mediodia|al mediodia"
        r"|(?:manana|lunes|martes|miercoles|jueves|viernes|sabado|domingo|hoy) (?:tarde|noche|mediodia)"
        r"|cena|cenar|almorzar|almuerzo|comer|desayun(?:o|ar)|manana (?:en|por) la (?:manana|tarde"
        r"|noche))\b"
    ),
    part_of=_part_of,
    range_link=re.compile(rf"{_TAIL} (?:y|a|hasta|e|-)(?: (?:a )?{_ART})? "),
    list_link=re.compile(rf"{_TAIL} (?:y|e)(?: (?:a )?{_ART})? "),
    between=re.compile(r"\bentre (?:las? )?$"),
    chain_after=re.compile(
        r"#(?: ,)?(?: ,| o| u| y| a| hasta| -| e| o bien| mejor| o quiza| o tal vez| no| perdon"
        rf"| digo)+(?: (?:a )?{_ART})? (?P<v>{_H24}{_PART})\b{_END}{COUNTED}{_STOP}"
    ),
    chain_before=re.compile(
        rf"(?<!\d )(?<![\d$/:])(?<!\bpara )(?<!\bsomos )\b(?P<v>{_H})"
        rf"(?= (?:o|u|y|a|,|-|hasta)(?: o| y)?(?: (?:a )?{_ART})? #)"
    ),
    bare=re.compile(rf"(?<![\d$/:])(?<!\d )\b(?P<v>{_H24}{_TAIL}{_PART})\b{_END}{COUNTED}"),
    around=re.compile(
        r"\b(?:sobre|hacia|eso de|alrededor de|aproximadamente|tipo|como|mas o menos|cerca de|por ahi de)\b"
    ),
    closing=re.compile(r"\b(?:cerramos|cierra|cierran|hasta|a)\b(?: a)?(?: las?)? $"),
    closes=re.compile(
        r"\b(?:cerramos|cierra|cierran|cierre|abiertos? hasta|abrimos hasta)(?: es)?(?: a)?(?: las?)? $"
    ),
    ahead=_AHEAD,
    ahead_minutes=_ahead_minutes,
    ahead_units=("hora", "minutos"),
    greeting=re.compile(r"\b(?:buenas (?:tardes|noches)|buenos dias|buena (?:tarde|noche)|buen dia)\b"),
)
