"""The closed word lists with which facts are found in a model's words, in English and Spanish.

Kept apart from the understanding's grammar on purpose: one misreading must not be both claim and proof.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from voice_engine.ports.call import Language


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """One language's words, lower case. Numbers map to values, weekdays to 0 (Monday) … 6."""

    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    joiner: str  # between tens and units: "treinta Y uno"
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    shy_months: frozenset[str]  # also everyday words: a month only beside a number
    relative: Mapping[str, int]
    nouns: Mapping[str, str]  # what is counted → its class
    party: frozenset[tuple[str, str]]  # two words before a party size
    clock: frozenset[str]  # words before a clock time
    meridiems: Mapping[tuple[str, ...], str]
    named: Mapping[str, tuple[int, int]]  # noon, midnight
    money: frozenset[str]
    idle: frozenset[str]  # number words that usually count nothing ("one moment")

    @cached_property
    def triggers(self) -> frozenset[str]:
        """Tokens with which a fact may begin, besides figures: most words of a sentence are not among them."""
        openers = {"half", "quarter", "between", "from", "entre", "pasado", "$", "€", "£"}
        words = (self.numbers, self.ordinals, self.weekdays, self.months, self.relative, self.named)
        return frozenset(openers.union(*words))


def _nouns(**classes: str) -> dict[str, str]:
    return {word: name for name, words in classes.items() for word in words.split()}


def _ranked(words: str, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: start + step * index for index, word in enumerate(words.split())}


ENGLISH = Lexicon(
    numbers={
        **_ranked("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"),
        **_ranked("sixteen seventeen eighteen nineteen", 16),
        **_ranked("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
        "oh": 0,
        "hundred": 100,
        "thousand": 1000,
    },
    ordinals={
        **_ranked("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth", 1),
        **_ranked("thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth", 13),
        "thirtieth": 30,
    },
    joiner="and",
    weekdays={
        **_ranked("monday tuesday wednesday thursday friday saturday sunday"),
        **_ranked("mondays tuesdays wednesdays thursdays fridays saturdays sundays"),
    },
    months=_ranked(
        "january february march april may june july august september october november december", 1
    ),
    shy_months=frozenset({"may", "march", "august"}),
    relative={"today": 0, "tonight": 0, "tomorrow": 1},
    nouns=_nouns(
        people="people persons person guests guest adults adult kids children diners seats pax",
        night="night nights",
        room="room rooms bed beds",
        minute="minute minutes",
        hour="hour hours",
        day="day days",
        week="week weeks",
        month="month months",
        year="year years",
        percent="percent %",
    ),
    party=frozenset({
        ("party", "of"), ("group", "of"), ("table", "for"), ("reservation", "for"), ("booking", "for"),
        ("size", "of"), ("are", "a"),
    }),
    clock=frozenset({"at", "around", "by", "after", "before", "until", "till"}),
    meridiems={
        ("am",): "am",
        ("pm",): "pm",
        ("in", "the", "morning"): "am",
        ("in", "the", "afternoon"): "pm",
        ("in", "the", "evening"): "pm",
        ("at", "night"): "pm",
        ("tonight",): "pm",
    },
    named={"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0)},
    money=frozenset({"dollar", "dollars", "bucks", "euro", "euros", "pounds", "cents", "pesos"}),
    idle=frozenset({"one", "oh"}),
)  # fmt: skip

SPANISH = Lexicon(
    numbers={
        **_ranked("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"),
        **_ranked("dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés", 16),
        **_ranked("veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve", 24),
        **_ranked("treinta cuarenta cincuenta sesenta setenta ochenta noventa cien", 30, 10),
        **_ranked("doscientos trescientos cuatrocientos", 200, 100),
        "un": 1, "una": 1, "dieciseis": 16, "veintidos": 22, "veintitres": 23, "veintiseis": 26, "veintiuna": 21,
        "ciento": 100, "quinientos": 500, "mil": 1000,
    },
    ordinals={"primero": 1},
    joiner="y",
    weekdays={
        **_ranked("lunes martes miércoles jueves viernes sábado domingo"),
        "miercoles": 2, "sabado": 5, "sábados": 5, "domingos": 6,
    },
    months={
        **_ranked("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", 1),
        "setiembre": 9,
    },
    shy_months=frozenset(),
    relative={"hoy": 0, "mañana": 1, "pasado mañana": 2},
    nouns=_nouns(
        people="personas persona comensales adultos adulto niños huéspedes cubiertos plazas",
        night="noche noches",
        room="habitación habitaciones cama camas",
        minute="minuto minutos",
        hour="hora horas",
        day="día días",
        week="semana semanas",
        month="mes meses",
        year="año años",
        percent="%",
    ),
    party=frozenset({
        ("mesa", "para"), ("grupo", "de"), ("reserva", "para"), ("reservación", "para"), ("que", "somos"),
        ("seremos", "unos"),
    }),
    clock=frozenset({"las", "la"}),
    meridiems={
        ("am",): "am",
        ("pm",): "pm",
        ("de", "la", "mañana"): "am",
        ("de", "la", "madrugada"): "am",
        ("de", "la", "tarde"): "pm",
        ("de", "la", "noche"): "pm",
    },
    named={"mediodía": (12, 0), "mediodia": (12, 0), "medianoche": (0, 0)},
    money=frozenset({"euro", "euros", "dólar", "dólares", "pesos", "céntimos"}),
    idle=frozenset({"un", "una", "uno"}),
)  # fmt: skip

LEXICONS: Mapping[Language, Lexicon] = {"en": ENGLISH, "es": SPANISH}
