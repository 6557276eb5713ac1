"""A call in the words of its page: what a template shows, without a rule of the business."""

import datetime as dt
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voice_engine.domains.answering.record import CallRecord, Lack, Stage
from voice_engine.domains.calls.business import AGENT, minutes_so_far
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.calls.timeline import LATENCY_PARTS
from voice_engine.domains.privacy.words import TOMBSTONE
from voice_engine.web.dashboard.formats import Formats

Chips = Sequence[tuple[str, str]]
"""(look, text); a look is a class of `.chip`."""

_LOOKS: Mapping[str, str] = {
    CallState.SUCCESS: "good",
    CallState.COMPLETED: "good",
    CallState.FAILED: "fault",
    CallState.NO_ANSWER: "warn",
    CallState.BUSY: "warn",
    CallState.MISSED: "warn",
    CallState.VOICEMAIL: "info",
    CallState.SCHEDULED: "info",
    CallState.QUEUED: "info",
}
_OUTCOMES: Mapping[str, str] = {"achieved": "good", "declined": "warn", "unclear": "warn"}
SIDES = ("human", "ai", "noise")
"""Who sounds on the time axis."""
_DAYS = frozenset({"date", "check_in", "check_out", "appointment_date"})
_TIMES = frozenset({"time", "appointment_time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An agreed fact; `at_ms` and `position` say where the other party said it."""

    label: str
    value: str
    at_ms: int | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the transcript. `unheard` was generated and never heard; `wait_ms` is the caller's wait for it."""

    position: int
    who: str
    text: str
    unheard: str
    start_ms: int
    end_ms: int
    interrupted: bool
    wait_ms: int | None


def line_of(entry: TranscriptEntry) -> Line:
    """A row as it is shown."""
    heard, unheard = split_heard(entry)
    return Line(
        position=entry.position,
        who="agent" if entry.agent else "ai" if entry.speaker == "AI" else "human",
        text=heard,
        unheard=unheard,
        start_ms=entry.start_ms,
        end_ms=entry.end_ms,
        interrupted=entry.interrupted,
        wait_ms=None if entry.latency is None else round(entry.latency[-1]),
    )


def split_heard(entry: TranscriptEntry) -> tuple[str, str]:
    """What of a line was heard, and what was not."""
    if not entry.interrupted or entry.heard_text is None:
        return entry.text, ""
    heard = entry.heard_text.strip()
    if entry.text.startswith(heard):
        return heard, entry.text[len(heard) :].strip()
    words, theirs = entry.text.split(), heard.split()
    same = next((at for at, (ours, other) in enumerate(zip(words, theirs, strict=False)) if ours != other), None)
    return heard, " ".join(words[len(theirs) if same is None else same :])


def title_of(record: CallRecord, words: Mapping[str, str]) -> str:
    """Who the call is with."""
    call = record.call
    name = record.inbound.caller_name if record.inbound else (call.task or {}).get("business_name")
    number = call.number_of_other
    if name:
        return str(name)
    if number == TOMBSTONE:
        return words["page_somebody_erased"]
    if number:
        return number
    return words["page_browser"] if call.channel != "PSTN" else words["page_withheld"]


def state_chips(call: Call, words: Mapping[str, str]) -> Chips:
    """Where the call stands, and what it came to."""
    if call.status in {CallState.RINGING, CallState.IN_PROGRESS}:
        word = "ringing" if call.answered_at is None else "in_progress"
        if word == "ringing" and call.direction == "outbound":
            word = "dialling"
        if call.handled_by in {"transfer", "human", "voicemail"}:
            word = f"held_{call.handled_by}"
        return [("live good", words[f"page_state_{word}"])]
    chips = [(_LOOKS.get(call.status, ""), words[f"page_state_{call.status}"])]
    if call.status == CallState.SUCCESS and call.task_outcome == "achieved":
        chips = []  # the outcome says both
    if call.task_outcome is not None:
        chips.append((_OUTCOMES.get(call.task_outcome, ""), words[f"page_outcome_{call.task_outcome}"]))
    if call.handled_by in {"human", "transfer"}:
        chips.append(("info", words[f"page_by_{call.handled_by}"]))
    return chips


def facts_of(record: CallRecord, words: Mapping[str, str], formats: Formats) -> list[Fact]:
    """What was agreed, each with the moment at which it was said."""
    evidence = record.outcome.get("evidence") or {} if record.entries else {}
    return [
        Fact(
            label=words.get(f"page_slot_{key}", key.replace("_", " ").capitalize()),
            value=_value(key, value, words, formats),
            at_ms=evidence[key]["start_ms"] if key in evidence else None,
            position=evidence[key]["turn"] if key in evidence else None,
        )
        for key, value in (record.call.agreed or {}).items()
        if value is not None and value != []
    ]


def cost_of(
    record: CallRecord, words: Mapping[str, str], formats: Formats, now: dt.datetime, *, is_business: bool
) -> str:
    """In the account's unit."""
    call = record.call
    if is_business:
        return words["page_minutes"].format(count=formats.number(minutes_so_far(call, now=now)))
    return words["page_credits"].format(count=formats.number(call.credits_used))


def legend_of(record: CallRecord) -> list[str]:
    """The colours of the time axis that occur in the call; of a live one all that may."""
    if record.stage is Stage.LIVE:
        return [*SIDES, *LATENCY_PARTS[:-1]]
    timeline = record.timeline or {}
    drawn = {side for side in SIDES if timeline.get(side)}
    if not drawn:
        drawn = {"ai" if entry.speaker == "AI" else "human" for entry in record.entries}
    waits = [entry.latency for entry in record.entries if entry.latency is not None]
    drawn |= {part for at, part in enumerate(LATENCY_PARTS[:-1]) if any(round(wait[at]) for wait in waits)}
    return [name for name in (*SIDES, *LATENCY_PARTS) if name in drawn]


def latency_words(record: CallRecord, words: Mapping[str, str]) -> str | None:
    """How long answers took over the whole call; None: nothing was answered."""
    waits = sorted(entry.latency[-1] for entry in record.entries if entry.latency is not None)
    if not waits:
        return None
    slowest = waits[min(len(waits) - 1, math.ceil(len(waits) * 0.95) - 1)]
    return words["page_latency_all"].format(median=round(statistics.median(waits)), p95=round(slowest))


def why_not(record: CallRecord, what: str, words: Mapping[str, str]) -> str | None:
    """Why there is no recording or no transcript; `what` is one of these two words."""
    lack = record.no_recording if what == "recording" else record.no_transcript
    if lack is None:
        return None
    if lack is Lack.ELSEWHERE and record.recorded_elsewhere:
        return words["page_recorded_elsewhere"]
    return words.get(f"page_no_{what}_{lack.value}") or words[f"page_no_{lack.value}"]


def axis_of(record: CallRecord) -> dict[str, Any]:
    """What the page's scripts draw: each line's span and latency, and the time axis."""
    kinds = {"human": 0, "ai": 1, "agent": 2}
    lines = [line_of(entry) for entry in record.entries]
    return {
        "duration_ms": record.duration_ms,
        "lines": [[line.position, line.start_ms, line.end_ms, kinds[line.who]] for line in lines],
        "latency": {str(entry.position): entry.latency for entry in record.entries if entry.latency is not None},
        "parts": LATENCY_PARTS,
        "timeline": record.timeline,
        "facts": [
            [slot, said["start_ms"], said["turn"]]
            for slot, said in (record.outcome.get("evidence") or {}).items()
            if record.entries
        ],
    }


def whole_of(record: CallRecord) -> dict[str, Any]:
    """Everything that is kept of the call, for whoever takes it elsewhere."""
    call = record.call
    return {
        "id": call.id,
        "direction": call.direction,
        "channel": call.channel,
        "from_number": call.from_number,
        "to_number": call.to_number,
        "status": call.status,
        "ended_reason": call.ended_reason,
        "task_outcome": call.task_outcome,
        "handled_by": call.handled_by,
        "language": call.language,
        "timezone": call.timezone,
        "created_at": call.created_at,
        "scheduled_for": call.scheduled_for,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "duration_ms": call.duration_ms,
        "credits_used": str(call.credits_used),
        "task": call.task,
        "summary": call.summary,
        "highlights": call.highlights,
        "next_steps": call.next_steps,
        "agreed": call.agreed,
        "outcome": call.outcome,
        "transcript": [_entry(entry) for entry in record.entries],
        "tools": [
            {"name": tool.name, "at_ms": tool.at_ms, "result": tool.result, "error": tool.error}
            for tool in record.tools
        ],
        "timeline": record.timeline,
    }


def detail_rows(record: CallRecord, words: Mapping[str, str], formats: Formats) -> list[tuple[str, str]]:
    """The facts of the call itself: label and value, those that there are."""
    call = record.call
    is_outbound = call.direction == "outbound"
    moments = {
        "page_created" if is_outbound else "page_came_in": call.created_at,
        "page_scheduled_for": call.scheduled_for if record.stage is Stage.WAITING else None,
    }
    times = {
        "page_started": call.started_at if is_outbound else None,
        "page_answered": call.answered_at,
        "page_ended": call.ended_at,
    }
    reason = words.get(f"page_reason_{call.ended_reason}") if call.ended_reason else None
    held = record.inbound.transferred_to if record.inbound else record.outcome.get("transferred_to")
    rows: dict[str, str | None] = {
        "page_from": call.from_number or (None if is_outbound else words["page_withheld"]),
        "page_to": words["page_somebody_erased"] if call.to_number == TOMBSTONE else call.to_number,
        **{label: formats.moment(moment) if moment else None for label, moment in moments.items()},
        **{label: formats.clock(moment) if moment else None for label, moment in times.items()},
        "page_why_ended": reason,
        "page_transferred_to": str(held) if held else None,
        "page_language": words.get(f"page_language_{call.language[:2]}"),
        "page_attempts": str(call.attempts) if call.attempts > 1 else None,
    }
    return [(words[label], value) for label, value in rows.items() if value]


def _entry(entry: TranscriptEntry) -> dict[str, Any]:
    latency = None if entry.latency is None else dict(zip(LATENCY_PARTS, entry.latency, strict=True))
    return {
        "position": entry.position,
        "speaker": AGENT if entry.agent else entry.speaker,
        "text": entry.text,
        "heard_text": entry.heard_text,
        "interrupted": entry.interrupted,
        "start_ms": entry.start_ms,
        "end_ms": entry.end_ms,
        "latency_ms": latency,
    }


def _value(key: str, value: Any, words: Mapping[str, str], formats: Formats) -> str:  # any JSON
    if isinstance(value, bool):
        return words["yes"] if value else words["no"]
    try:
        if key in _DAYS:
            return formats.day(dt.date.fromisoformat(str(value)))
        if key in _TIMES:
            return formats.clock(dt.time.fromisoformat(str(value)))
    except ValueError:  # said otherwise than as a date: shown as it is
        pass
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)
