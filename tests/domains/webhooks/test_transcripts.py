"""What was said, from whatever a report has of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.vapi import VapiCall
from voice_engine.domains.webhooks.transcripts import LONGEST_MS, turns_of

ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)


def test_messages_are_lines_with_their_times() -> None:
    turns = turns_of(VapiCall().report()["message"])

    assert turns is not None
    assert [(turn.speaker, turn.start_ms, turn.end_ms) for turn in turns] == [
        ("AI", 900, 2_400),
        ("HUMAN", 3_000, 4_750),
        ("AI", 6_000, 7_200),
    ]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ({}, None),
        ({"artifact": {"transcript": ""}}, None),
        ({"artifact": {"transcript": "nobody's words"}}, None),
        ({"artifact": {"transcript": "AI: a\nUser: b: c"}}, [("AI", "a"), ("HUMAN", "b: c")]),
        ({"transcript": "Assistant: a\nCustomer: b"}, [("AI", "a"), ("HUMAN", "b")]),
        ({"messages": [{"role": "bot", "content": "a"}]}, [("AI", "a")]),
        (
            {"artifact": {"messages": [{"role": "system", "message": "x"}], "transcript": "User: b"}},
            [("HUMAN", "b")],
        ),
    ],
)
def test_lines_are_found_where_they_stand(body: dict[str, Any], lines: list[tuple[str, str]] | None) -> None:
    turns = turns_of(body)

    assert (None if turns is None else [(turn.speaker, turn.text) for turn in turns]) == lines


@given(st.lists(st.dictionaries(st.sampled_from(["role", "message", "time", "endTime", "secondsFromStart"]), ANY)))
def test_times_always_fit_their_columns(messages: list[dict[str, Any]]) -> None:
    told = [{**message, "role": "user", "message": "x"} for message in messages]

    for turn in turns_of({"messages": told}) or ():
        assert 0 <= turn.start_ms <= turn.end_ms <= LONGEST_MS
