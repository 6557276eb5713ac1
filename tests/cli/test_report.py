"""The report of a finished call, from `result.json`'s dict alone."""

import io
from typing import Any

from rich.console import Console

from voice_engine.cli.report import report

RESULT: dict[str, Any] = {
    "status": "success",
    "task_outcome": "achieved",
    "disposition": "completed",
    "agreed": {"date": "2026-02-14", "time": "20:30"},
    "evidence": {"time": {"turn": 2, "start_ms": 12_100, "end_ms": 14_000}},
    "confirmation": "12345",
    "message": None,
    "transferred_to": None,
    "highlights": ["Booked: 8:30 PM"],
    "next_steps": ["Be there."],
    "duration_seconds": 42.5,
    "credits_used": 1.1,
    "turns": [
        {"index": 0, "speaker": "HUMAN", "text": "Hello?", "start_ms": 0, "end_ms": 900},
        {
            "index": 1,
            "speaker": "AI",
            "text": "Hello there, I am calling for John.",
            "heard_text": "Hello there,",
            "interrupted": True,
            "start_ms": 1500,
            "end_ms": 3000,
            "latency_ms": {
                "endpointing": 480,
                "stt": 100,
                "policy": 1,
                "llm": 0,
                "tts": 60,
                "engine": 2,
                "total": 643,
            },
        },
        {
            "index": 3,
            "speaker": "AI",
            "text": "Thanks.",
            "heard_text": "Thanks.",
            "interrupted": False,
            "start_ms": 9000,
            "end_ms": 9900,
            "latency_ms": {
                "endpointing": 700,
                "stt": 0,
                "policy": 1,
                "llm": 0,
                "tts": 40,
                "engine": 2,
                "total": 743,
            },
        },
    ],
}


def shown(result: dict[str, Any], **options: Any) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(report(result, **options))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_everything_a_person_wants_is_there() -> None:
    text = shown(RESULT, ics="BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR")

    for words in (
        "Hello?", "success, task achieved (completed)", "20:30   (said at 12.1–14.0 s)", "12345", "Booked: 8:30 PM",
        "Be there.", "42.5 s", "1.1", "BEGIN:VEVENT",
    ):  # fmt: skip
        assert words in text


def test_the_event_alone_is_shown_with_its_folded_lines_joined() -> None:
    zone = "BEGIN:VTIMEZONE\r\nRDATE:19750413T000000\r\nEND:VTIMEZONE\r\n"
    event = "BEGIN:VEVENT\r\nDESCRIPTION:Teléfono de quien l\r\n lamó\r\nEND:VEVENT\r\n"

    text = shown(RESULT, ics=f"BEGIN:VCALENDAR\r\n{zone}{event}END:VCALENDAR\r\n")

    assert "RDATE" not in text
    assert "VCALENDAR" not in text
    assert "quien llamó" in text


def test_the_latency_table_ends_with_medians() -> None:
    rows = [line for line in shown(RESULT).splitlines() if "median" in line]

    assert [cell.strip() for cell in rows[0].strip("│ ").split("│")] == [
        "median", "590", "50", "1", "0", "50", "2", "693",
    ]  # fmt: skip


def test_a_call_that_nobody_answered_has_a_short_report() -> None:
    missed = RESULT | {
        "status": "no_answer",
        "disposition": "no_answer",
        "task_outcome": None,
        "agreed": None,
        "confirmation": None,
        "highlights": [],
        "next_steps": [],
        "duration_seconds": 0.0,
        "credits_used": 0.0,
        "turns": [],
        "evidence": {},
    }

    text = shown(missed)

    assert "nobody spoke" in text
    assert "median" not in text


def test_a_message_and_a_transfer_are_shown() -> None:
    text = shown(
        RESULT | {"message": {"name": "Ana", "phone": None, "text": "call back"}, "transferred_to": "sales"}
    )

    assert "Ana: call back" in text
    assert "sales" in text
