"""Values: development phrases, the general rules each of them stands for, and totality."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.dialogue.language.read import commands, context, dates, slots, times
from voice_engine.core.dialogue.commands import Offer
from voice_engine.core.dialogue.language import Expecting, understand
from voice_engine.ports.call import Category, Language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eight thirty", "20:30"),
        ("8 30", "20:30"),
        ("8:30", "20:30"),
        ("we have 830", "20:30"),
        ("20h30", "20:30"),
        ("half past eight", "20:30"),
        ("half seven", "19:30"),
        ("quarter to nine", "20:45"),
        ("a quarter past six in the evening", "18:15"),
        ("ten past eight", "20:10"),
        ("at twenty to seven", "18:40"),
        ("at eight oh five", "20:05"),
        ("eighteen hundred hours", "18:00"),
        ("noon", "12:00"),
        ("at midnight", "00:00"),
        ("8 in the morning", "08:00"),
        ("morning 11", "11:00"),
        ("tomorrow afternoon 2", "14:00"),
        ("tonight at eleven", "23:00"),
        ("lunch at one", "13:00"),
        ("sevenish works", "19:00"),
        ("around sevenish", "19:00"),
        ("we have six thirty, six forty five or seven", "18:30 18:45 19:00"),
        ("between 7 and 9", "19:00 21:00"),
        ("8 or 9 pm", "20:00 21:00"),
        ("from 10 am to 2", "10:00 14:00"),
        ("open ten to eight", "10:00 20:00"),
        ("nine nine fifteen nine thirty", "21:00 21:15 21:30"),
        ("I have a 2:30 and a 4", "14:30 16:00"),
        ("eight's taken", "20:00"),
        ("the kitchen closes at eleven", "23:00"),
        ("eight it is", "20:00"),
        ("five to nine is perfect", "20:55"),
        ("ten a m to four p m", "10:00 16:00"),
        ("we have two fifteen two thirty and three fifteen", "14:15 14:30 15:15"),
        ("I can see you first thing at eight", "08:00"),
        ("closed from 9 pm", "21:00"),
        ("twelve in the morning", "00:00"),
        ("one in the evening", "13:00"),
    ],
)
def test_english_times(text: str, expected: str) -> None:
    assert times(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "room 415 is ready",
        "we are at 520 oak street",
        "it takes five to seven minutes",
        "that is 45 dollars a person",
        "a table for eight people",
        "the third floor",
        "you are number six in the queue",
        "ten percent off",
        "good evening how can I help",
        "we are open 24 hours",
        "one moment please",
    ],
)
def test_numbers_that_are_no_times(text: str) -> None:
    assert times(text) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a las ocho y media", "20:30"),
        ("8 y media", "20:30"),
        ("las 20.30", "20:30"),
        ("a las nueve menos cuarto", "20:45"),
        ("un cuarto para las nueve", "20:45"),
        ("faltan diez para las ocho", "19:50"),
        ("a las ocho cuarenta y cinco", "20:45"),
        ("veintiuna horas", "21:00"),
        ("a la una y cuarto de la tarde", "13:15"),
        ("mañana a las nueve de la mañana", "09:00"),
        ("al mediodía", "12:00"),
        ("a las doce de la noche", "00:00"),
        ("esta noche a las diez", "22:00"),
        ("de dos a cuatro", "14:00 16:00"),
        ("entre las siete y las ocho y media", "19:00 20:30"),
        ("tengo a las 7 y a las 9", "19:00 21:00"),
        ("nueve y pico", "21:00"),
        ("entre diez y doce", "10:00 12:00"),
        ("antes del mediodía", "12:00"),
        ("a las ocho y tres cuartos", "20:45"),
        ("las ochocientos treinta", "20:30"),
        ("a las 830", "20:30"),
        ("abierto las veinticuatro horas", ""),
        ("media hora", ""),
        ("quedan dos mesas", ""),
        ("buenas tardes", ""),
    ],
)
def test_spanish_times(text: str, expected: str) -> None:
    assert times(text, language="es") == expected


@pytest.mark.parametrize(
    ("category", "text", "expected"),
    [
        ("restaurant", "at ten thirty", "10:30"),
        ("clinic", "at ten thirty", "10:30"),
        ("clinic", "at eight", "08:00"),
        ("restaurant", "at eight", "20:00"),
        ("clinic", "at five", "17:00"),
        ("hotel", "at three", "15:00"),
    ],
)
def test_the_category_decides_the_half_of_the_clock(category: str, text: str, expected: str) -> None:
    assert times(text, category=category) == expected


@pytest.mark.parametrize(
    ("opens", "closes", "expected"), [(17, 23, "22:30"), (9, 17, "10:30"), (18, 2, "22:30"), (6, 12, "10:30")]
)
def test_hours_decide_before_the_category(opens: int, closes: int, expected: str) -> None:
    assert times("ten thirty", hours=(dt.time(opens), dt.time(closes))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow", "2026-02-14"),
        ("day after tomorrow", "2026-02-15"),
        ("this sunday", "2026-02-15"),
        ("next friday", "2026-02-20"),
        ("Friday next week", "2026-02-20"),
        ("monday of next week", "2026-02-16"),
        ("the 8th of this month", "2026-02-08"),
        ("the 8th", "2026-03-08"),
        ("on the fourth of next month", "2026-03-04"),
        ("february fourteenth", "2026-02-14"),
        ("14 February", "2026-02-14"),
        ("Saturday, February 14th, 2026", "2026-02-14"),
        ("saturday the fourteenth", "2026-02-14"),
        ("2/24", "2026-02-24"),
        ("2026-03-01", "2026-03-01"),
        ("january third", "2027-01-03"),
        ("a week from tomorrow", "2026-02-21"),
        ("in two weeks", "2026-02-27"),
        ("valentine's day", "2026-02-14"),
        ("thanksgiving", "2026-11-26"),
        ("the 12th or the 13th", "2026-03-12 2026-03-13"),
        ("march 12 or 13", "2026-03-12 2026-03-13"),
        ("march 12 to 8", "2026-03-12"),
        ("sunday instead of saturday", "2026-02-15"),
        ("monday week", "2026-02-23"),
        ("monday the week after next", "2026-02-23"),
        ("thursday of this week", "2026-02-12"),
        ("this friday", "2026-02-13"),
        ("a week from monday", "2026-02-23"),
        ("three days from now", "2026-02-16"),
        ("february 14th 2027", "2027-02-14"),
        ("31st of this month", ""),
        ("monday to wednesday", "2026-02-16 2026-02-18"),
        ("from the 3rd to the 5th of April", "2026-04-03 2026-04-05"),
        ("from february 27th to the 2nd", "2026-02-27 2026-03-02"),
        ("friday or saturday", "2026-02-20 2026-02-14"),
        ("monday through friday", ""),
        ("february thirty first", ""),
        ("that may be 10 minutes", ""),
    ],
)
def test_english_dates(text: str, expected: str) -> None:
    assert dates(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mañana", "2026-02-14"),
        ("por la mañana", ""),
        ("mañana por la mañana", "2026-02-14"),
        ("pasado mañana", "2026-02-15"),
        ("el viernes que viene", "2026-02-20"),
        ("el próximo martes", "2026-02-17"),
        ("el jueves de la semana que viene", "2026-02-19"),
        ("el catorce de febrero", "2026-02-14"),
        ("el primero de marzo", "2026-03-01"),
        ("el día ocho", "2026-03-08"),
        ("el 3 del mes que viene", "2026-03-03"),
        ("24/2", "2026-02-24"),
        ("del tres al cinco de abril", "2026-04-03 2026-04-05"),
        ("dentro de dos semanas", "2026-02-27"),
        ("de hoy en ocho", "2026-02-20"),
        ("los lunes", ""),
        ("de mañana en ocho", "2026-02-21"),
        ("de lunes en ocho", "2026-02-23"),
        ("el jueves de esta semana", "2026-02-12"),
        ("este viernes", "2026-02-13"),
        ("el 14 de febrero de 2027", "2027-02-14"),
        ("el martes diecisiete", "2026-02-17"),
    ],
)
def test_spanish_dates(text: str, expected: str) -> None:
    assert dates(text, language="es") == expected


def test_a_weekday_picks_the_year_or_month_in_which_it_is_true() -> None:
    assert dates("saturday february thirteenth") == "2027-02-13"
    assert dates("friday the 20th") == "2026-02-20"
    assert dates("monday the 20th") == "2026-04-20"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "table of 2", (2,)),
        ("en", "party of six", (6,)),
        ("en", "for four", (4,)),
        ("en", "two adults and three kids", (5,)),
        ("en", "me and three friends", (4,)),
        ("en", "my wife and I", (2,)),
        ("en", "just me", (1,)),
        ("en", "the two of us", (2,)),
        ("en", "three others and me", (4,)),
        ("es", "yo con tres amigos", (4,)),
        ("es", "yo solo", (1,)),
        ("en", "three or four people", (3, 4)),
        ("en", "two at eight", (2,)),
        ("en", "for four sorry five people", (5,)),
        ("en", "for 189 a night", ()),
        ("en", "for two nights", ()),
        ("en", "table for for", (4,)),
        ("es", "mesa para dos", (2,)),
        ("es", "somos seis", (6,)),
        ("es", "dos adultos y un niño", (3,)),
        ("es", "para mi esposa y para mí", (2,)),
        ("es", "mi esposo y yo", (2,)),
        ("es", "cuatro personas, no, seis", (6,)),
        ("es", "para las dos", ()),
        ("es", "para dos noches", ()),
    ],
)
def test_party_sizes(language: Language, text: str, expected: tuple[int, ...]) -> None:
    assert slots(text, language=language).party_sizes == expected


@pytest.mark.parametrize(
    ("expecting", "text", "slot", "expected"),
    [
        ("time", "eight", "times", (dt.time(20),)),
        ("party_size", "eight", "party_sizes", (8,)),
        ("time", "ate", "times", (dt.time(20),)),
        ("party_size", "for", "party_sizes", (4,)),
        ("date", "the fourteenth", "dates", (dt.date(2026, 2, 14),)),
        ("date", "twenty", "dates", (dt.date(2026, 2, 20),)),
        ("code", "x as in xray 4 5", "codes", ("X45",)),
        ("phone", "five five five oh one two three", "phones", ("5550123",)),
        ("name", "john smith", "names", ("John Smith",)),
        ("name", "it's smith s m y t h", "names", ("Smyth",)),
    ],
)
def test_the_open_question_decides_what_a_bare_answer_is(
    expecting: Expecting, text: str, slot: str, expected: tuple[object, ...]
) -> None:
    assert getattr(slots(text, expecting=expecting), slot) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "eight, no, eight thirty", "20:30"),
        ("en", "I said seven no wait eight", "20:00"),
        ("en", "not seven, seven thirty", "19:30"),
        ("en", "seven thirty, not seven", "19:30"),
        ("en", "we have no tables at eight", "20:00"),
        ("es", "a las ocho, no, a las ocho y media", "20:30"),
        ("es", "a las ocho, digo, a las nueve", "21:00"),
        ("es", "a las ocho no tenemos", "20:00"),
    ],
)
def test_a_correction_replaces_what_it_corrects(language: Language, text: str, expected: str) -> None:
    assert times(text, language=language) == expected


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("four one five five five five two six seven one", "+14155552671"),
        ("415-555-2671", "+14155552671"),
        ("area code 415, 555, 26 71", "+14155552671"),
        ("plus 44 20 7183 8750", "442071838750"),
        ("+44 20 7183 8750", "+442071838750"),
        ("four one five triple five two six seven one", "+14155552671"),
    ],
)
def test_phones_are_e164_where_possible(text: str, phone: str) -> None:
    assert slots(text).phones == (phone,)


@pytest.mark.parametrize(
    "text", ["seis doce treinta y cuatro cincuenta y seis setenta y ocho", "seiscientos doce 34 56 78"]
)
def test_spanish_phones_are_said_in_pairs(text: str) -> None:
    assert slots(text, language="es").phones == ("+34612345678",)


def test_the_same_value_said_twice_is_one() -> None:
    assert times("eight pm, yes, 8:00 pm") == "20:00"


def test_emails_are_read_spoken_and_written() -> None:
    assert slots("john dot smith at example dot com").emails == ("john.smith@example.com",)
    assert slots("it's John@Example.org").emails == ("john@example.org",)
    assert slots("juan arroba ejemplo punto es", language="es").emails == ("juan@ejemplo.es",)


_WORDS = (
    "at for eight thirty half past quarter to no not the 14th friday february people table 8:30 , . ? 5 oh double "
    "j as in john press one confirmation number is a las y media menos cuarto para de la tarde mañana el no digo"
)
WORDS = st.sampled_from(_WORDS.split())


@given(
    st.one_of(st.text(max_size=120), st.lists(WORDS, max_size=14).map(" ".join)),
    st.sampled_from(("en", "es")),
    st.sampled_from(Category),
    st.sampled_from((None, "time", "date", "party_size", "name", "phone", "code", "confirm", "question")),
)
def test_no_text_raises_and_every_text_says_something(
    text: str, language: Language, category: Category, expecting: Expecting | None
) -> None:
    understood = understand(text, context(language, category.value, expecting))

    assert understood.commands


def test_a_list_is_no_range_unless_it_lies_between() -> None:
    (listed,) = [c for c in commands("I have eight and nine") if isinstance(c, Offer)]
    (ranged,) = [c for c in commands("I have anything between eight and nine") if isinstance(c, Offer)]

    assert [when.until for when in listed.options] == [None, None]
    assert [when.until for when in ranged.options] == [dt.time(21)]


def test_seven_figures_that_tell_times_are_no_phone() -> None:
    assert slots("8 30 8 45 9 15").phones == ()


def test_too_many_or_too_few_figures_are_no_phone() -> None:
    assert slots("call 12345").phones == ()
    assert slots("call " + "1" * 20).phones == ()


def test_a_very_long_text_is_read_at_its_beginning() -> None:
    assert times("eight thirty " + "bla " * 10_000) == "20:30"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "the first saturday in march", "2026-03-07"),
        ("en", "the last friday of the month", "2026-02-27"),
        ("en", "the second tuesday of next month", "2026-03-10"),
        ("en", "the first monday of the month", "2026-03-02"),
        ("en", "the last day of the month", "2026-02-28"),
        ("en", "you can return it in thirty days", ""),
        ("en", "you are third on the waiting list", ""),
        ("es", "el primer sábado de marzo", "2026-03-07"),
        ("es", "el último viernes del mes", "2026-02-27"),
        ("es", "el último día del mes", "2026-02-28"),
        ("es", "del miércoles en una semana", "2026-02-25"),
        ("es", "este viernes no, el siguiente", "2026-02-20"),
        ("es", "lo puede devolver en treinta días", ""),
    ],
)
def test_days_named_by_their_place(language: Language, text: str, expected: str) -> None:
    assert dates(text, language=language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we have eight ten, eight fifty or nine thirty", "20:10 20:50 21:30"),
        ("make it ten to nine", "20:50"),
        ("eight then", ""),
        ("at eight then", "20:00"),
        ("eight not nine", "20:00"),
        ("eight thirty on the patio or nine inside", "20:30 21:00"),
        ("come in fifteen minutes early", ""),
        ("we stopped in twenty nineteen", ""),
    ],
)
def test_times_beside_other_words(text: str, expected: str) -> None:
    assert times(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "no reservations for fewer than six", (6,)),
        ("en", "i can squeeze four in at eight", (4,)),
        ("en", "can you hold for one second", ()),
        ("es", "una docena de personas", (12,)),
        ("es", "grupos de más de ocho", (8,)),
    ],
)
def test_parties_beside_other_words(language: Language, text: str, expected: tuple[int, ...]) -> None:
    assert slots(text, language=language).party_sizes == expected
