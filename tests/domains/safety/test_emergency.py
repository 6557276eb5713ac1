"""Emergency numbers among digits."""

import pytest

from voice_engine.domains.safety.countries import COUNTRIES
from voice_engine.domains.safety.emergency import is_emergency

LISTED = [(country, number) for country in COUNTRIES.values() for number in country.emergency_numbers]


@pytest.mark.parametrize(("country", "number"), LISTED)
def test_every_listed_number_counts_alone_and_behind_its_code(country: object, number: str) -> None:
    code = country.dial_code[1:]  # type: ignore[attr-defined]  # a Country

    assert is_emergency(number)
    assert is_emergency(code + number)
    assert is_emergency("00" + code + number)


@pytest.mark.parametrize(
    "digits", ["", "0", "1", "34", "14155551234", "34600123456", "4930110", "19995551234", "555"]
)
def test_ordinary_digits_do_not(digits: str) -> None:
    assert not is_emergency(digits)


def test_911_in_place_of_an_area_code_counts() -> None:
    assert is_emergency("19115551234")
    assert is_emergency("9115551234")
