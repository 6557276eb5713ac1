"""What digits say, by the numbering plans themselves."""

import pytest

from voice_engine.domains.numbers import plan
from voice_engine.errors import InvalidInput


@pytest.mark.parametrize(
    ("e164", "area", "kind", "friendly"),
    [
        ("+14155551234", "415", "local", "(415) 555-1234"),
        ("+18005551234", "800", "toll_free", "(800) 555-1234"),
        ("+442071838750", "20", "local", "020 7183 8750"),
        ("+34600123456", None, "mobile", "600 12 34 56"),
        ("+34910123456", None, "local", "910 12 34 56"),
    ],
)
def test_digits_tell_area_kind_and_form(e164: str, area: str | None, kind: str, friendly: str) -> None:
    assert (plan.area_code(e164), plan.kind(e164), plan.friendly(e164)) == (area, kind, friendly)


@pytest.mark.parametrize(
    ("raw", "e164"),
    [("+1 (415) 555-1234", "+14155551234"), ("tel:+34600123456", "+34600123456"), ("911", None), (7, None)],
)
def test_a_number_is_read_as_it_is_stored(raw: object, e164: str | None) -> None:
    assert plan.read_e164(raw) == e164


def test_a_number_without_a_country_is_on_the_usual_shelf() -> None:
    assert plan.kind("+9991234567") == "local"


@pytest.mark.parametrize("area", ["", "41", "041", "4155", "abc", "٤١٥"])
def test_an_american_area_code_has_three_digits(area: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        plan.check_area_code("+1", area)
    assert refusal.value.details["fields"][0]["field"] == "area_code"


def test_elsewhere_area_codes_have_any_length() -> None:
    assert [plan.check_area_code("+44", area) for area in ("20", "1223", None)] == ["20", "1223", None]
