"""The files of a finished call have the published shape and appear whole."""

import json
from pathlib import Path

import pytest

from voice_engine.errors import InvalidInput
from voice_engine.ports.call import (
    CallReport,
    Counters,
    Disposition,
    EngineEvent,
    Evidence,
    Outcome,
    Status,
    TaskOutcome,
    TranscriptTurn,
    TurnLatency,
)
from voice_engine.runtime.result import result_dict, write_result

REPORT = CallReport(
    call_id="c1",
    direction="outbound",
    language="en",
    outcome=Outcome(
        status=Status.SUCCESS,
        disposition=Disposition.COMPLETED,
        task_outcome=TaskOutcome.ACHIEVED,
        highlights=("Booked for 8:30 PM",),
        agreed={"date": "2026-02-14", "time": "20:30", "party_size": 4},
        confirmation="12345",
        evidence={"time": Evidence(turn=0, start_ms=100, end_ms=900)},
    ),
    duration_seconds=95.2,
    credits_used="1.2",
    turns=(
        TranscriptTurn(index=0, speaker="HUMAN", text="Hello", start_ms=100, end_ms=900),
        TranscriptTurn(
            index=1,
            speaker="AI",
            text="Hi there",
            start_ms=1_600,
            end_ms=2_000,
            heard_text="Hi",
            interrupted=True,
            latency=TurnLatency(total=700.0),
        ),
    ),
    counters=Counters(frames_in=5),
    ics="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
)


def test_result_has_the_published_keys() -> None:
    result = result_dict(REPORT)

    assert {
        "call_id", "direction", "language", "status", "task_outcome", "disposition", "highlights", "next_steps",
        "agreed", "confirmation", "message", "transferred_to", "do_not_call", "duration_seconds", "credits_used",
        "turns", "evidence", "counters",
    } <= set(result)  # fmt: skip
    assert result["credits_used"] == 1.2
    assert result["agreed"]["time"] == "20:30"
    assert result["turns"][0] == {"index": 0, "speaker": "HUMAN", "text": "Hello", "start_ms": 100, "end_ms": 900}
    assert result["turns"][1]["heard_text"] == "Hi"
    assert result["turns"][1]["latency_ms"]["total"] == 700.0
    assert result["evidence"]["time"] == {"turn": 0, "start_ms": 100, "end_ms": 900}


def test_nothing_agreed_is_null() -> None:
    report = CallReport(
        call_id="c2", direction="outbound", language="es",
        outcome=Outcome(status=Status.BUSY, disposition=Disposition.BUSY), duration_seconds=0.0,
        credits_used="0", turns=(), counters=Counters(),
    )  # fmt: skip

    result = result_dict(report)

    assert result["agreed"] is None
    assert result["task_outcome"] is None


def test_files_are_written_with_their_line_ends(tmp_path: Path) -> None:
    """RFC 5545 wants CRLF; a text-mode write would change it on some systems."""
    events = [EngineEvent(sequence=1, at_ms=0, type="call.answered", facts={"direction": "outbound"})]

    write_result(tmp_path / "out", REPORT, events)

    assert (tmp_path / "out" / "call.ics").read_bytes() == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    line = json.loads((tmp_path / "out" / "events.jsonl").read_text())
    assert line == {"sequence": 1, "at_ms": 0, "type": "call.answered", "direction": "outbound"}
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "call.ics", "events.jsonl", "result.json", "transcript.json",
    ]  # fmt: skip


def test_an_unwritable_place_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(InvalidInput) as refusal:
        write_result(tmp_path / "file" / "out", REPORT, [])
    assert refusal.value.code == "unwritable_output"
