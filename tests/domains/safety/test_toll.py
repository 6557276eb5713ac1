"""The prefix table beside libphonenumber's types."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from voice_engine.domains.safety.countries import COUNTRIES
from voice_engine.domains.safety.toll import PREFIXES, costs_extra

ORDINARY = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.UAN)


@pytest.mark.parametrize("region", COUNTRIES)
def test_premium_numbers_of_every_country_are_caught(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.PREMIUM_RATE)

    assert example is None or costs_extra(example)


@pytest.mark.parametrize("region", COUNTRIES)
def test_ordinary_numbers_of_no_country_are_caught(region: str) -> None:
    for kind in ORDINARY:
        example = phonenumbers.example_number_for_type(region, kind)
        assert example is None or not costs_extra(example), kind


@pytest.mark.parametrize("e164", ["+12129761234", "+4990012345678", "+34905123456", "+881612345678"])
def test_the_table_catches_what_the_library_misses(e164: str) -> None:
    number = phonenumbers.parse(e164)

    assert phonenumbers.number_type(number) is not PhoneNumberType.PREMIUM_RATE
    assert costs_extra(number)


@pytest.mark.parametrize("e164", ["+12125559761", "+19765551234", "+34902123456", "+4918012345678", "+35315551234"])
def test_look_alikes_and_shared_cost_are_not_caught(e164: str) -> None:
    assert not costs_extra(phonenumbers.parse(e164))


def test_no_prefix_hides_behind_another() -> None:
    assert not [
        (long, short) for long in PREFIXES for short in PREFIXES if long != short and long.startswith(short)
    ]
