"""Golden logs of the turn machine: recorded events and the effects they must have, as lines of JSON.

A line is one event with its effects; a run of equal frames without effects is one line with `count`.
`python -m tests.golden.turn_logs` rewrites the effects of every log from its events;
the diff is reviewed like code.
A log starts with a line of the machine's language and settings.
"""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from voice_engine.core.turns import events as event_types
from voice_engine.core.turns.effects import TurnEffect
from voice_engine.core.turns.events import Expecting, FrameHeard, TurnEvent
from voice_engine.core.turns.machine import TurnMachine
from voice_engine.core.turns.settings import TurnSettings

FOLDER = Path(__file__).parent / "turns"
FRAME_MS = 20

Step = tuple[float, TurnEvent, Sequence[TurnEffect]]


def to_json(value: TurnEvent | TurnEffect) -> dict[str, Any]:
    """An event or effect with its type's name; members that have their defaults are left out."""
    if isinstance(value, FrameHeard):
        return {"type": "FrameHeard", **value._asdict()}
    fields = {
        field.name: getattr(value, field.name)
        for field in dataclasses.fields(value)
        if getattr(value, field.name) != field.default
    }
    return {"type": type(value).__name__, **fields}


def event_from(raw: dict[str, Any]) -> TurnEvent:
    """The event of its JSON form."""
    fields = {name: value for name, value in raw.items() if name not in ("type", "count")}
    if "expecting" in fields:
        fields["expecting"] = Expecting(fields["expecting"])
    event: TurnEvent = getattr(event_types, raw["type"])(**fields)
    return event


def parse(text: str) -> tuple[dict[str, Any], list[tuple[float, TurnEvent, list[dict[str, Any]]]]]:
    """(header, steps) of a log; runs of frames are spread out again."""
    lines = [json.loads(line) for line in text.splitlines()]
    steps: list[tuple[float, TurnEvent, list[dict[str, Any]]]] = []
    for line in lines[1:]:
        raw, now_ms = line["event"], line["now_ms"]
        event = event_from(raw)
        for index in range(raw.get("count", 1)):
            if isinstance(event, FrameHeard) and index:
                event = event._replace(media_ms=event.media_ms + FRAME_MS)
            steps.append((now_ms + index * FRAME_MS, event, line.get("effects", [])))
    return lines[0], steps


def serialize(header: dict[str, Any], steps: Iterable[Step]) -> str:
    """A log as text."""
    lines: list[dict[str, Any]] = []
    for now_ms, event, effects in steps:
        raw = to_json(event)
        if not effects and _continues(lines, now_ms, raw):
            lines[-1]["event"]["count"] = lines[-1]["event"].get("count", 1) + 1
            continue
        line: dict[str, Any] = {"now_ms": now_ms, "event": raw}
        if effects:
            line["effects"] = [to_json(effect) for effect in effects]
        lines.append(line)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [header, *lines])


def _continues(lines: list[dict[str, Any]], now_ms: float, raw: dict[str, Any]) -> bool:
    if not lines or raw["type"] != "FrameHeard" or "effects" in lines[-1]:
        return False
    last = lines[-1]["event"]
    count = last.get("count", 1)
    return bool(
        last["type"] == "FrameHeard"
        and (last["voiced"], last["level_dbfs"]) == (raw["voiced"], raw["level_dbfs"])
        and last["media_ms"] + count * FRAME_MS == raw["media_ms"]
        and lines[-1]["now_ms"] + count * FRAME_MS == now_ms
    )


def run(header: dict[str, Any], events: Iterable[tuple[float, TurnEvent]]) -> list[Step]:
    """Step a fresh machine through the events."""
    machine = TurnMachine(TurnSettings(**header.get("settings", {})), header["language"])
    return [(now_ms, event, list(machine.step(event, now_ms))) for now_ms, event in events]


def rewrite() -> None:
    """Recompute the effects of every log."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        header, steps = parse(path.read_text(encoding="utf-8"))
        path.write_text(serialize(header, run(header, [(at, event) for at, event, _ in steps])), encoding="utf-8")


if __name__ == "__main__":
    rewrite()

__all__ = ["FOLDER", "parse", "rewrite", "run", "serialize", "to_json"]
