"""A number said without its country code belongs to the country that the call is about."""

from dataclasses import replace

import pytest

from tests.fakes.call_rig import RECEPTIONIST, RESTAURANT
from voice_engine.core.dialogue.region import region_of


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+34910123456", "ES"),
        ("+15550100123", "US"),
        ("+12045551234", "CA"),
        ("+442071838750", "GB"),
        ("911", "US"),
    ],
)
def test_an_outbound_call_speaks_of_its_respondents_country(number: str, region: str) -> None:
    assert RESTAURANT.submission is not None

    spec = replace(RESTAURANT, submission=replace(RESTAURANT.submission, respondent_phone=number))

    assert region_of(spec) == region


@pytest.mark.parametrize(
    ("zone", "target", "region"),
    [
        ("Europe/Madrid", None, "ES"),
        ("UTC", "+34600111222", "ES"),
        ("America/New_York", None, "US"),
        ("Europe/Madrid", "+15550100777", "ES"),
        ("UTC", None, "US"),
    ],
)
def test_a_business_speaks_of_its_own_country(zone: str, target: str | None, region: str) -> None:
    assistant = RECEPTIONIST.assistant
    assert assistant is not None

    business = replace(assistant.business, timezone=zone)
    targets = {"desk": target} if target else {}

    assert (
        region_of(replace(RECEPTIONIST, assistant=replace(assistant, business=business, transfer_targets=targets)))
        == region
    )
