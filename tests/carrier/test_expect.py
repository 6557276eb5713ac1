"""The verdict over a finished call: each expectation, held and broken."""

import re
from typing import Any

import pytest

from voice_engine.carrier import yamlfile
from voice_engine.carrier.expect import evaluate
from voice_engine.carrier.respondent import Response
from voice_engine.carrier.scenario import read_expectations
from voice_engine.carrier.script import Expectations

RESULT: dict[str, Any] = {
    "status": "success",
    "task_outcome": "achieved",
    "disposition": "completed",
    "agreed": {"date": "2026-02-14", "time": "20:30", "party_size": 4, "name": "John Smith"},
    "confirmation": "AB-12345",
    "highlights": ["Booked for 8:30 PM."],
    "next_steps": ["Be there."],
    "transferred_to": None,
    "do_not_call": False,
    "message": {"name": "Ann", "phone": "+1555", "text": "call me"},
    "turns": [
        {"speaker": "AI", "text": "A table for four, or nine?", "heard_text": "A table for four"},
        {"speaker": "HUMAN", "text": "nine people?"},
    ],
}


def expectations(text: str) -> Expectations:
    return read_expectations(yamlfile.parse(text, "x.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "status: success",
        "task_outcome: achieved",
        "agreed: {date: 2026-02-14, time: 20:30, party_size: 4}",
        'agreed: {time: "20:30:00", party_size: "4", name: john smith}',
        "confirmation: ab12345",
        'highlights: ["8:30 pm", "be there", "12345"]',
        "said: [FOUR]",
        "not_said: [nine]",
        "disposition: completed",
        "transferred_to: null",
        "do_not_call: false",
        "message: {name: ann}",
    ],
)
def test_holds(text: str) -> None:
    assert evaluate(expectations(text), RESULT) == []


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("status: failed", "status: expected failed, got success"),
        ("task_outcome: null", "task_outcome: expected None, got achieved"),
        ("agreed: null", "agreed: expected nothing"),
        ("agreed: {time: 20:00, party_size: 4}", "agreed.time: expected 20:00, got 20:30"),
        ("agreed: {room: double}", "agreed.room: expected double, got None"),
        ("confirmation: null", "confirmation: expected None, got AB-12345"),
        ('confirmation: "1234"', "confirmation: expected 1234"),
        ("highlights: [nine]", "highlights: 'nine' is not in them"),
        ("said: [table, chair]", "said: the engine never said 'chair'"),
        ("not_said: [f.ur]", "not_said: the engine said 'four'"),
        ("disposition: silence", "disposition: expected silence"),
        ("do_not_call: true", "do_not_call: expected True"),
        ("message: {name: Bob}", "message: expected"),
    ],
)
def test_breaks_with_its_name(text: str, failure: str) -> None:
    failures = evaluate(expectations(text), RESULT)

    assert len(failures) == 1
    assert failures[0].startswith(failure)


def test_nothing_agreed_where_something_was_expected() -> None:
    failures = evaluate(expectations("agreed: {time: 20:30}"), {**RESULT, "agreed": None})

    assert failures == ["agreed: expected {'time': '20:30'}, got nothing"]


def test_what_was_said_counts_only_as_far_as_it_was_heard() -> None:
    """The engine was cut off before "nine"; what the respondent recognised counts as said too."""
    assert evaluate(Expectations(said=(re.compile("nine"),)), RESULT) == ["said: the engine never said 'nine'"]
    assert evaluate(Expectations(said=(re.compile("nine"),)), RESULT, respondent_heard=["or nine"]) == []


def test_only_engine_speech_counts_as_said() -> None:
    assert evaluate(Expectations(said=(re.compile("people"),)), RESULT) != []


def test_the_slowest_response_is_held_against_the_limit() -> None:
    responses = [
        Response(step_id="a", spoke_until_ms=0, after_ms=900),
        Response(step_id="b", spoke_until_ms=0, after_ms=3001),
    ]

    failures = evaluate(Expectations(max_response_ms=3000), RESULT, responses=responses)

    assert failures == ["max_response_ms: after b the engine took 3001 ms, not at most 3000"]


def test_within_ms_of_a_step_needs_no_expect() -> None:
    late = Response(step_id="a", spoke_until_ms=0, after_ms=900, within_ms=800)

    assert len(evaluate(Expectations(), RESULT, responses=[late])) == 1
