"""The two directions' states in the business surface's words, and what a row's time and text become."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from voice_engine.domains.calls.business import (
    END_REASONS,
    business_call,
    business_status,
    minutes_so_far,
    poll_status,
    transcript_text,
)
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import CallState, EndedReason

AT = dt.datetime(2026, 3, 13, 10, 0, tzinfo=dt.UTC)


def call(status: CallState, reason: EndedReason | None = None, **columns: Any) -> Call:
    facts: dict[str, Any] = {"direction": "outbound", "to_number": "+12125550199", "channel": "PSTN", **columns}
    return Call(id="c1", status=status, ended_reason=reason, **facts)


@pytest.mark.parametrize(
    ("row", "status", "poll"),
    [
        (call(CallState.SCHEDULED), "QUEUED", "scheduled"),
        (call(CallState.QUEUED), "QUEUED", "queued"),
        (call(CallState.IN_PROGRESS), "RINGING", "ringing"),
        (call(CallState.RINGING, direction="inbound"), "RINGING", "ringing"),
        (call(CallState.IN_PROGRESS, answered_at=AT), "IN_PROGRESS", "in-progress"),
        (call(CallState.IN_PROGRESS, answered_at=AT, handled_by="transfer"), "FORWARDED", "forwarding"),
        (call(CallState.SUCCESS, EndedReason.TRANSFERRED), "FORWARDED", "ended"),
        (call(CallState.SUCCESS, EndedReason.COMPLETED), "COMPLETED", "ended"),
        (call(CallState.SUCCESS, EndedReason.SILENCE), "COMPLETED", "ended"),
        (call(CallState.FAILED, EndedReason.RESPONDENT_HUNG_UP), "COMPLETED", "ended"),
        (call(CallState.COMPLETED, EndedReason.MAX_DURATION, direction="inbound"), "COMPLETED", "ended"),
        (call(CallState.NO_ANSWER, EndedReason.NO_ANSWER), "NO_ANSWER", "ended"),
        (call(CallState.MISSED, EndedReason.NO_ANSWER, direction="inbound"), "NO_ANSWER", "ended"),
        (call(CallState.BUSY, EndedReason.BUSY), "BUSY", "ended"),
        (call(CallState.MISSED, EndedReason.BUSY, direction="inbound"), "BUSY", "ended"),
        (call(CallState.VOICEMAIL, EndedReason.VOICEMAIL), "VOICEMAIL", "ended"),
        (call(CallState.CANCELLED, EndedReason.CANCELLED_BY_USER), "CANCELLED", "ended"),
        (call(CallState.REJECTED, EndedReason.REJECTED, direction="inbound"), "CANCELLED", "ended"),
        (call(CallState.FAILED, EndedReason.ENGINE_FAILED), "FAILED", "ended"),
        (call(CallState.MISSED, EndedReason.CARRIER_FAILED, direction="inbound"), "FAILED", "ended"),
    ],
)
def test_each_row_of_the_table_of_states(row: Call, status: str, poll: str) -> None:
    assert (business_status(row), poll_status(row)) == (status, poll)


def test_every_reason_has_a_word() -> None:
    assert set(END_REASONS) == set(EndedReason)


def test_minutes_are_those_of_the_ledger_and_run_while_the_call_does() -> None:
    ended = call(CallState.SUCCESS, EndedReason.COMPLETED, answered_at=AT, duration_ms=330_400)
    running = call(CallState.IN_PROGRESS, answered_at=AT)
    missed = call(CallState.NO_ANSWER, EndedReason.NO_ANSWER)
    assert minutes_so_far(ended, now=AT) == Decimal("5.50")
    assert minutes_so_far(running, now=AT + dt.timedelta(seconds=138)) == Decimal("2.30")
    assert minutes_so_far(missed, now=AT) == Decimal("0.00")


def test_the_other_party_is_the_caller_or_the_called() -> None:
    came_in = call(CallState.COMPLETED, EndedReason.COMPLETED, direction="inbound", from_number="+13105550111")
    went_out = call(CallState.SUCCESS, EndedReason.COMPLETED)
    assert business_call(came_in, now=AT).customer_number == "+13105550111"
    assert business_call(went_out, now=AT).customer_number == "+12125550199"
    assert business_call(went_out, now=AT).direction == "OUTBOUND"


def test_a_transcript_has_what_was_heard_of_our_lines() -> None:
    lines = [
        TranscriptEntry(position=0, speaker="AI", text="Hi! Thanks for calling.", interrupted=False),
        TranscriptEntry(position=1, speaker="HUMAN", text="I need a cleaning.", interrupted=False),
        TranscriptEntry(position=2, speaker="AI", text="Sure, on", heard_text="Sure", interrupted=True),
        TranscriptEntry(position=3, speaker="AI", text="Not heard.", heard_text=None, interrupted=True),
    ]
    assert transcript_text(lines) == "AI: Hi! Thanks for calling.\nUser: I need a cleaning.\nAI: Sure"
    assert transcript_text(lines[3:]) is None
