import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.dialogue.language.read import FRIDAY, context
from voice_engine.core.dialogue.language import (
    speak_date,
    speak_number,
    speak_phone,
    speak_time,
    spell,
    understand,
)
from voice_engine.ports.call import Language

LANGUAGES = st.sampled_from(("en", "es"))
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
US_NUMBERS = st.from_regex(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True)
ES_NUMBERS = st.from_regex(r"\+34[6789][0-9]{8}", fullmatch=True)


@given(LANGUAGES, TIMES)
def test_a_spoken_time_is_understood_again(language: Language, time: dt.time) -> None:
    understood = understand(speak_time(time, language), context(language)).slots

    assert understood.times == (time,)
    assert not understood.dates and not understood.party_sizes and not understood.phones


@given(LANGUAGES, st.integers(0, 365))
def test_a_spoken_date_within_a_year_is_understood_again(language: Language, days: int) -> None:
    date = FRIDAY.date() + dt.timedelta(days=days)

    understood = understand(speak_date(date, language), context(language)).slots

    assert understood.dates == (date,)
    assert not understood.times and not understood.party_sizes


@given(LANGUAGES, st.integers(1, 499))
def test_a_spoken_number_answers_how_many(language: Language, number: int) -> None:
    understood = understand(speak_number(number, language), context(language, expecting="party_size")).slots

    assert understood.party_sizes == (number,)


@given(US_NUMBERS)
def test_a_spoken_american_number_is_understood_again(phone: str) -> None:
    assert understand(speak_phone(phone, "en"), context("en")).slots.phones == (phone,)


@given(ES_NUMBERS)
def test_a_spoken_spanish_number_is_understood_again(phone: str) -> None:
    assert understand(speak_phone(phone, "es"), context("es")).slots.phones == (phone,)


@given(LANGUAGES, st.from_regex(r"[A-Z]{2}[0-9]{4}", fullmatch=True))
def test_a_spelled_code_is_understood_again(language: Language, code: str) -> None:
    assert understand(spell(code, language), context(language, expecting="code")).slots.codes == (code,)


@pytest.mark.parametrize(
    ("time", "english", "spanish"),
    [
        (dt.time(20, 30), "eight thirty p.m.", "las ocho y media de la noche"),
        (dt.time(13, 5), "one oh five p.m.", "la una y cinco de la tarde"),
        (dt.time(12), "noon", "las doce del mediodía"),
        (dt.time(0), "midnight", "las doce de la noche"),
        (dt.time(9, 15), "nine fifteen a.m.", "las nueve y cuarto de la mañana"),
    ],
)
def test_times_are_said_as_people_say_them(time: dt.time, english: str, spanish: str) -> None:
    assert (speak_time(time, "en"), speak_time(time, "es")) == (english, spanish)


def test_dates_carry_their_weekday() -> None:
    day = dt.date(2026, 2, 14)

    assert speak_date(day, "en") == "Saturday, February fourteenth"
    assert speak_date(day, "es") == "sábado catorce de febrero"


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (0, "zero", "cero"),
        (21, "twenty-one", "veintiuno"),
        (31, "thirty-one", "treinta y uno"),
        (100, "one hundred", "cien"),
        (115, "one hundred and fifteen", "ciento quince"),
        (2026, "two thousand and twenty-six", "dos mil veintiséis"),
        (21_000, "twenty-one thousand", "veintiún mil"),
        (31_500, "thirty-one thousand five hundred", "treinta y un mil quinientos"),
        (-3, "minus three", "menos tres"),
        (1_000_000, "1000000", "1000000"),
    ],
)
def test_numbers_are_written_out_below_a_million(value: int, english: str, spanish: str) -> None:
    assert (speak_number(value, "en"), speak_number(value, "es")) == (english, spanish)


def test_phones_are_read_in_groups_without_a_home_country_code() -> None:
    assert speak_phone("+15550100123", "en") == "five five five, zero one zero, zero one two three"
    assert speak_phone("+442071838750", "en").startswith("plus four four, two zero seven")
    assert speak_phone("12345", "es") == "uno dos tres, cuatro cinco"
    assert speak_phone("", "en") == ""


def test_names_are_spelled_letter_by_letter() -> None:
    assert spell("Jo Li", "en") == "J, O. L, I"
