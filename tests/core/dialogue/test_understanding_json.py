import datetime as dt
import json

import pytest

from tests.core.dialogue.language.read import context
from voice_engine.core.dialogue.understanding_json import answer, parse_hours, parse_request
from voice_engine.errors import InvalidInput


def test_a_line_is_answered_in_json_with_types_and_slots() -> None:
    request = parse_request({"id": 7, "text": "We are full at eight, I can do eight thirty."}, context())

    said = answer(request)

    assert json.loads(json.dumps(said)) == said
    assert said == {
        "id": 7,
        "commands": [
            {"type": "Unavailable", "times": [{"time": "20:00"}]},
            {"type": "Offer", "options": [{"time": "20:30"}]},
        ],
        "slots": {
            "dates": [],
            "times": ["20:00", "20:30"],
            "party_sizes": [],
            "phones": [],
            "codes": [],
            "names": [],
            "nights": [],
            "emails": [],
        },
    }


def test_confirmed_slots_are_plain_values() -> None:
    said = answer(parse_request({"text": "so Saturday at eight for four, right?"}, context()))

    assert said["commands"][0] == {
        "type": "Confirm",
        "slots": {"date": "2026-02-14", "time": "20:00", "party_size": 4},
    }


def test_a_line_overrides_what_was_given_for_all() -> None:
    defaults = context(hours=(dt.time(8), dt.time(12)))

    own = parse_request({"text": "ten", "expecting": "time", "hours": "17:00-23:00"}, defaults)
    inherited = parse_request({"text": "ten", "expecting": "time"}, defaults)

    assert answer(own)["slots"]["times"] == ["22:00"]
    assert answer(inherited)["slots"]["times"] == ["10:00"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({}, "invalid_line"),
        ({"text": 3}, "invalid_line"),
        ({"text": "a", "expecting": "weather"}, "invalid_line"),
        ({"text": "a", "expecting": []}, "invalid_line"),
        ({"text": "a", "asked": 3}, "invalid_line"),
        ({"text": "a", "hours": 3}, "invalid_hours"),
        ({"text": "a", "hours": "9 to 5"}, "invalid_hours"),
    ],
)
def test_a_bad_line_is_refused_by_name(line: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_request(line, context())

    assert refused.value.code == code


def test_hours_are_two_times() -> None:
    assert parse_hours(" 9:00 - 17:30 ") == (dt.time(9), dt.time(17, 30))
