"""What a live call's engine events mean for its rows."""

import datetime as dt

from tests.fakes.accounts import NOW
from voice_engine.domains.calls.live import happenings_of, lines_of, tool_uses_of
from voice_engine.domains.calls.models import Call
from voice_engine.ports.call import EngineEvent

CALL = Call(id="c", organization_id="o", answered_at=NOW)


def _event(type_: str, at_ms: int = 1000, **facts: object) -> EngineEvent:
    return EngineEvent(sequence=1, at_ms=at_ms, type=type_, facts=facts)


def test_of_two_lines_in_one_place_the_later_counts() -> None:
    """A turn that went on is told again whole."""
    lines = lines_of(
        CALL,
        [
            _event("turn.human", turn=0, pii_text="For", start_ms=10, end_ms=20),
            _event("turn.human", turn=0, pii_text="For four", start_ms=10, end_ms=40),
            _event("turn.ai", 5000, turn=1, pii_text="Hello there", pii_heard="Hello", interrupted=True),
            _event("turn.ai", 5000, turn=None, pii_text="unsaid", pii_heard=""),
        ],
    )

    assert [(line.position, line.speaker, line.text, line.start_ms) for line in lines] == [
        (0, "HUMAN", "For four", 10),
        (1, "AI", "Hello there", 5000),
    ]
    assert (lines[1].heard_text, lines[1].interrupted) == ("Hello", True)


def test_events_stand_at_their_time_in_the_call() -> None:
    """Not at the time of their writing; and interim text is none of them."""
    told = happenings_of(
        CALL, [_event("transcript.interim", pii_text="x"), _event("barge_in", 2500, reply=3)], now=NOW
    )

    assert [(one.type, one.at, one.payload) for one in told] == [
        ("barge_in", NOW + dt.timedelta(milliseconds=2500), {"reply": 3, "at_ms": 2500})
    ]


def test_what_was_said_has_a_plain_name_in_the_row() -> None:
    """The prefix is for logs."""
    (told,) = happenings_of(CALL, [_event("turn.human", turn=0, pii_text="Nobu")], now=NOW)

    assert told.payload == {"turn": 0, "text": "Nobu", "at_ms": 1000}


def test_a_tools_result_or_its_error() -> None:
    """Exactly one of them."""
    good, bad = tool_uses_of(
        CALL,
        [
            _event("tool.result", tool="calendar", id="t1", ok=True, error=None),
            _event("tool.called", tool="calendar", id="t2"),
            _event("tool.result", tool="calendar", id="t2", ok=False, error="calendar_unavailable"),
        ],
    )

    assert (good.tool_call_id, good.result, good.error) == ("t1", {"ok": True}, None)
    assert (bad.tool_call_id, bad.result, bad.error) == ("t2", None, "calendar_unavailable")


def test_a_line_of_a_human_of_ours_is_told_from_the_callers() -> None:
    """Both have the speaker HUMAN: neither is the engine's."""
    lines = lines_of(
        CALL,
        [
            _event("turn.human", turn=0, pii_text="I want to complain."),
            _event("turn.human", turn=1, pii_text="I am sorry to hear that.", agent=True),
        ],
    )

    assert [(line.speaker, line.agent) for line in lines] == [("HUMAN", False), ("HUMAN", True)]
