"""The table of countries against the libraries that know better, and against its own promises."""

import phonenumbers
import pytest

from voice_engine.domains.safety.countries import COUNTRIES, Area, countries_by_name, country_of

EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"


def test_the_supported_countries_are_the_34_of_the_contract() -> None:
    assert set(COUNTRIES) == {"US", "CA", "GB", "NO", "IS", "LI", "CH", *EU.split()}
    assert len(COUNTRIES) == 34


@pytest.mark.parametrize("region", COUNTRIES)
def test_dial_codes_agree_with_libphonenumber(region: str) -> None:
    assert COUNTRIES[region].dial_code == f"+{phonenumbers.country_code_for_region(region)}"


@pytest.mark.parametrize("region", COUNTRIES)
def test_no_listed_emergency_number_is_an_ordinary_one(region: str) -> None:
    for number in COUNTRIES[region].emergency_numbers:
        ordinary = phonenumbers.is_valid_number(phonenumbers.parse(number.ljust(2, "0"), region))
        assert not ordinary, number


def test_112_works_everywhere_listed() -> None:
    assert all("112" in country.emergency_numbers for country in COUNTRIES.values())


def test_names_are_whole_and_sorted() -> None:
    listed = countries_by_name()

    assert listed[0].name == "Austria"
    assert [country.name for country in listed] == sorted(country.name for country in listed)
    assert COUNTRIES["GB"].name == "United Kingdom"
    assert COUNTRIES["GB"].emergency_numbers[0] == "999"


def test_parts_belong_to_their_state() -> None:
    assert country_of("AX") is COUNTRIES["FI"]
    assert country_of("JM") is None


def test_areas_divide_the_table() -> None:
    north_america = {code for code, country in COUNTRIES.items() if country.area is Area.NORTH_AMERICA}

    assert north_america == {"US", "CA"}
