"""What a live call's engine events mean for its rows: lines of the transcript, uses of tools, events to be told."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from voice_engine.domains.calls.models import Call, ToolInvocation, TranscriptEntry
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.timeline import latency_row
from voice_engine.ports.call import EngineEvent, TurnLatency

TOLD = frozenset(
    {"turn.human", "turn.ai", "barge_in", "dtmf.sent", "dtmf.received", "tool.called", "tool.result", "signal"}
    | {"call.transferred", "call.takeover", "call.handed_back", "call.whispered", "takeover.failed"}
    | {"transfer.ringing", "transfer.failed"}
    | {"provider.failed", "reply.withdrawn"}
)
"""The events that are kept and replayed. Interim text and audio levels are best effort on the bus."""

_PERSONAL = "pii_"
"""The prefix under which the engine's facts carry what was said; rows are the organization's own and need none."""


def lines_of(call: Call, events: Iterable[EngineEvent]) -> list[TranscriptEntry]:
    """The transcript lines that these events finished, the newest for each place."""
    lines: dict[int, TranscriptEntry] = {}
    for event in events:
        position = event.facts.get("turn")
        if event.type in {"turn.human", "turn.ai"} and isinstance(position, int):
            lines[position] = _line(call, position, event)
    return list(lines.values())


def tool_uses_of(call: Call, events: Iterable[EngineEvent]) -> list[ToolInvocation]:
    """The uses of tools that these events report as done."""
    return [
        ToolInvocation(
            organization_id=call.organization_id,
            call_id=call.id,
            tool_call_id=str(event.facts["id"])[:64],
            name=str(event.facts["tool"])[:64],
            arguments=None,
            result={"ok": bool(event.facts.get("ok"))} if event.facts.get("error") is None else None,
            error=None if event.facts.get("error") is None else str(event.facts["error"])[:200],
            at_ms=event.at_ms,
        )
        for event in events
        if event.type == "tool.result"
    ]


def happenings_of(call: Call, events: Sequence[EngineEvent], *, now: dt.datetime) -> list[Happening]:
    """The events to keep, at their time in the call."""
    start = call.answered_at
    return [
        Happening(
            type=event.type,
            at=now if start is None else start + dt.timedelta(milliseconds=event.at_ms),
            payload=_plain({**event.facts, "at_ms": event.at_ms}),
        )
        for event in events
        if event.type in TOLD
    ]


def _line(call: Call, position: int, event: EngineEvent) -> TranscriptEntry:
    facts = event.facts
    human = event.type == "turn.human"
    return TranscriptEntry(
        organization_id=call.organization_id,
        call_id=call.id,
        position=position,
        speaker="HUMAN" if human else "AI",
        text=str(facts.get("pii_text", "")),
        heard_text=None if human else str(facts.get("pii_heard", "")),
        interrupted=bool(facts.get("interrupted", False)),
        agent=bool(facts.get("agent", False)),
        start_ms=int(facts.get("start_ms", event.at_ms)),
        end_ms=int(facts.get("end_ms", event.at_ms)),
        latency=latency_row(TurnLatency(**facts["latency"])) if "latency" in facts else None,
    )


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix(_PERSONAL): value for key, value in facts.items()}
