"""Outcome from state: a table of what a state comes to."""

import datetime as dt
from typing import Any

import pytest

from tests.core.dialogue.talk import EIGHT, SATURDAY, outbound_spec
from voice_engine.core.dialogue.brief import read_brief
from voice_engine.core.dialogue.outcome import is_achieved, json_ready, outbound_outcome
from voice_engine.core.dialogue.state import DialogueState
from voice_engine.ports.call import Outcome

AGREED = {"date": SATURDAY, "time": EIGHT}


def outcome(**state: Any) -> Outcome:
    spec = outbound_spec()
    return outbound_outcome(spec, read_brief(spec), DialogueState(**{"turns": 3, **state}))


@pytest.mark.parametrize(
    ("state", "status", "task", "disposition"),
    [
        ({"agreed": AGREED, "confirmed": True, "end": "completed"}, "success", "achieved", "completed"),
        ({"agreed": AGREED, "confirmed": True, "end": "respondent_hung_up"}, "success", "achieved", "completed"),
        ({"agreed": AGREED, "end": "respondent_hung_up"}, "failed", "unclear", "respondent_hung_up"),
        ({"confirmed": True, "end": "completed"}, "failed", "unclear", "completed"),
        ({"refused": "no", "end": "completed"}, "success", "declined", "completed"),
        ({"unavailable": True, "end": "completed"}, "success", "declined", "completed"),
        ({"unavailable": True, "end": "respondent_hung_up"}, "failed", "unclear", "respondent_hung_up"),
        ({"fully_booked": True, "end": "respondent_hung_up"}, "success", "declined", "completed"),
        ({"wait_listed": True, "end": "completed"}, "success", "declined", "completed"),
        ({"end": "opted_out", "do_not_call_quote": "stop"}, "success", "declined", "opted_out"),
        ({"end": "wrong_number"}, "failed", "unclear", "wrong_number"),
        ({"end": "voicemail", "turns": 1}, "voicemail", None, "voicemail"),
        ({"end": "silence", "turns": 0}, "failed", None, "silence"),
        ({"end": "max_duration"}, "failed", "unclear", "max_duration"),
        ({"end": "not_understood"}, "failed", "unclear", "completed"),
        ({"end": None}, "failed", "unclear", "engine_failed"),
    ],
)
def test_what_a_state_comes_to(state: dict[str, Any], status: str, task: str | None, disposition: str) -> None:
    result = outcome(**state)

    assert (result.status, result.task_outcome, result.disposition) == (status, task, disposition)
    assert (result.agreed is not None) == (task == "achieved")


def test_a_confirmation_without_an_achieved_task_is_not_reported() -> None:
    assert outcome(confirmation="123", end="completed").confirmation is None


def test_a_mailbox_achieves_nothing_whatever_was_said_before() -> None:
    spec = outbound_spec()

    assert not is_achieved(read_brief(spec), DialogueState(agreed=AGREED, confirmed=True, end="voicemail"))


def test_values_are_plain_json() -> None:
    values = {"date": SATURDAY, "time": EIGHT, "party_size": 4, "room": None, "when": dt.datetime(2026, 2, 14, 20)}

    assert json_ready(values) == {
        "date": "2026-02-14", "time": "20:00", "party_size": 4, "when": "2026-02-14T20:00:00",
    }  # fmt: skip
