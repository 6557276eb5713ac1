"""A finished call as files: `result.json`, `transcript.json`, `events.jsonl`, `call.ics` beside `recording.wav`.

The shapes are public (docs/FORMATS.md): outside tools read them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from voice_engine.errors import InvalidInput
from voice_engine.ports.call import CallReport, EngineEvent, TranscriptTurn


def result_dict(report: CallReport) -> dict[str, Any]:
    """The report as `result.json` has it; JSON-ready."""
    outcome = report.outcome
    return {
        "call_id": report.call_id,
        "direction": report.direction,
        "language": report.language,
        "status": outcome.status.value,
        "task_outcome": outcome.task_outcome.value if outcome.task_outcome else None,
        "disposition": outcome.disposition.value,
        "highlights": list(outcome.highlights),
        "next_steps": list(outcome.next_steps),
        "agreed": dict(outcome.agreed) if outcome.agreed else None,
        "confirmation": outcome.confirmation,
        "message": asdict(outcome.message) if outcome.message else None,
        "transferred_to": outcome.transferred_to,
        "handled_by": report.handled_by,
        "do_not_call": outcome.do_not_call,
        "do_not_call_quote": outcome.do_not_call_quote,
        "recording_declined": outcome.recording_declined,
        "citations": list(outcome.citations),
        "duration_seconds": report.duration_seconds,
        "credits_used": float(report.credits_used),
        "turns": [turn_dict(turn) for turn in report.turns],
        "evidence": {slot: asdict(evidence) for slot, evidence in outcome.evidence.items()},
        "counters": asdict(report.counters),
    }


def turn_dict(turn: TranscriptTurn) -> dict[str, Any]:
    """One transcript line; engine lines carry what was heard, answers their latency."""
    line: dict[str, Any] = {
        "index": turn.index,
        "speaker": turn.speaker,
        "text": turn.text,
        "start_ms": turn.start_ms,
        "end_ms": turn.end_ms,
    }
    if turn.heard_text is not None:
        line["heard_text"] = turn.heard_text
        line["interrupted"] = turn.interrupted
    if turn.latency is not None:
        line["latency_ms"] = asdict(turn.latency)
    if turn.agent:
        line["agent"] = True
    return line


def event_line(event: EngineEvent) -> str:
    """One event as a line of `events.jsonl`, keys in a fixed order."""
    return json.dumps(
        {"sequence": event.sequence, "at_ms": event.at_ms, "type": event.type, **event.facts}, ensure_ascii=False
    )


def write_result(directory: Path, report: CallReport, events: Iterable[EngineEvent]) -> Mapping[str, Any]:
    """Write a call's files into `directory`; each appears whole or not at all. Returns the result's dict.

    Raises InvalidInput (`unwritable_output`).
    """
    result = result_dict(report)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / "result.json", json.dumps(result, ensure_ascii=False, indent=2) + "\n")
        _write(directory / "transcript.json", json.dumps(result["turns"], ensure_ascii=False, indent=2) + "\n")
        _write(directory / "events.jsonl", "".join(f"{event_line(event)}\n" for event in events))
        if report.ics is not None:
            _write(directory / "call.ics", report.ics)
    except OSError as error:
        raise InvalidInput("unwritable_output", f"cannot write into {directory}: {error.strerror}") from error
    return result


def _write(path: Path, text: str) -> None:
    scratch = path.with_name(f".{path.name}.part")
    scratch.write_text(text, encoding="utf-8", newline="")
    scratch.replace(path)
