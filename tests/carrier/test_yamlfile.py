"""Strict YAML: total over any text, and true to what is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.carrier.yamlfile import parse
from voice_engine.errors import InvalidInput


@settings(max_examples=50)
@given(st.text(max_size=100) | st.text("abc:-[]{}&*!|>'\"%@# \n\t0", max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        parse(text, "x.yaml").plain()
    except InvalidInput as error:
        assert error.message.startswith("x.yaml")
        assert "\n" not in error.message


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("20:30", "20:30"),
        ('"20:30"', "20:30"),
        ("2026-02-14", "2026-02-14"),
        ("4", 4),
        ('"4"', "4"),
        ("-1.5", -1.5),
        ("true", True),
        ("no", "no"),
        ("null", None),
        ('"null"', "null"),
        ("[1, a, {b: null}]", [1, "a", {"b": None}]),
    ],
)
def test_plain_values_are_what_a_person_means(written: str, value: object) -> None:
    assert parse(f"key: {written}", "x").mapping()["key"].plain() == value


def test_one_scalar_is_a_list_of_itself() -> None:
    fields = parse("a: x\nb: [x, y]\nc:\n", "x").mapping()

    assert [[item.text() for item in fields[key].items()] for key in "abc"] == [["x"], ["x", "y"], []]
