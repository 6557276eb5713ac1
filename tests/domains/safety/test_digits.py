"""What counts as formatting."""

import pytest

from voice_engine.domains.safety.digits import bare_digits, strip_formatting


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("+1 (415) 555-1234", "+14155551234"),
        ("tel:+1.415.555.1234", "+14155551234"),
        (" Tel: +1/415", "+1415"),
        ("＋１ ４１５", "+1415"),
        ("٩١١", "911"),
        ("\u202a+1415\u202c", "+1415"),
        ("+1415x", "+1415x"),
        ("*67#", "*67#"),
    ],
)
def test_formatting_goes_and_the_rest_stays(raw: str, text: str) -> None:
    assert strip_formatting(raw) == text


def test_bare_digits_end_where_a_parameter_begins() -> None:
    assert bare_digits("911;phone-context=+1") == "911"
    assert bare_digits("+1-911x") == "1911"
