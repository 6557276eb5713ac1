"""`understand`: its lines of JSON, in and out."""

import io
import json
from typing import Any

import pytest

from voice_engine.cli.commands.understand import run
from voice_engine.errors import InvalidInput


def ask(*lines: object, **options: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    known: dict[str, Any] = {
        "language": "en",
        "now": "2026-02-13T10:00:00",
        "category": "restaurant",
        "region": "US",
        "hours": None,
    }
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    run(text, out=out, **(known | options))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_answers_come_in_order_with_their_ids() -> None:
    answers = ask({"id": 7, "text": "at eight thirty"}, {"id": "b", "text": "for four people"})

    assert [answer["id"] for answer in answers] == [7, "b"]


def test_times_are_written_to_the_minute_and_dates_as_iso() -> None:
    (answer,) = ask({"id": 1, "text": "tomorrow at eight thirty for four people"})

    assert answer["slots"]["dates"] == ["2026-02-14"]
    assert answer["slots"]["times"] == ["20:30"]
    assert answer["slots"]["party_sizes"] == [4]


def test_the_usual_slot_lists_are_always_there() -> None:
    (answer,) = ask({"text": "hm"})

    assert set(answer["slots"]) >= {"dates", "times", "party_sizes", "phones", "codes", "names"}
    assert answer["id"] is None


def test_commands_are_tagged_with_their_type() -> None:
    (answer,) = ask({"text": "i can do eight thirty or nine", "expecting": "time"})

    offer = next(command for command in answer["commands"] if command["type"] == "Offer")
    assert [option["time"] for option in offer["options"]] == ["20:30", "21:00"]


def test_hours_of_a_line_decide_am_or_pm() -> None:
    morning, evening = ask({"text": "at eight", "hours": "07:00-11:00"}, {"text": "at eight"}, hours="17:00-23:00")

    assert (morning["slots"]["times"], evening["slots"]["times"]) == (["08:00"], ["20:00"])


def test_spanish_is_understood_as_spanish() -> None:
    (answer,) = ask({"text": "a las ocho y media para cuatro personas"}, language="es")

    assert (answer["slots"]["times"], answer["slots"]["party_sizes"]) == (["20:30"], [4])


def test_blank_lines_are_passed_over() -> None:
    assert len(ask("", {"text": "yes"}, "  ")) == 1


def test_keys_of_other_tools_are_passed_over() -> None:
    """Outside tools keep what they expect beside the text."""
    (answer,) = ask({"id": 7, "text": "at eight", "expected": {"times": ["20:00"]}})

    assert answer["id"] == 7


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '"text"', '{"id": 1}', '{"text": 5}',
     '{"text": "x", "expecting": "colour"}', '{"text": "x", "hours": "late"}'],
)  # fmt: skip
def test_a_bad_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(InvalidInput, match="line 2"):
        ask({"text": "yes"}, line)


@pytest.mark.parametrize(
    ("option", "value"),
    [("language", "fr"), ("now", "yesterday"), ("category", "bakery"), ("region", "USA"), ("hours", "5pm")],
)
def test_a_bad_option_is_named(option: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=option):
        ask(**{option: value})
