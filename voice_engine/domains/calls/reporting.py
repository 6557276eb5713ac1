"""What a call came to: the engine's report, or what the carrier alone knows, as the columns of its row."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import CallState, Channel, EndedReason, Product
from voice_engine.domains.calls.timeline import Timeline, latency_row
from voice_engine.ports.call import CallReport, Disposition, Outcome, Status, TranscriptTurn
from voice_engine.ports.telephony import CallStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a call ends. `connected_s` None: it never connected, or we are at fault, and it is free.

    `turns` None: the transcript stays as it was written while the call was live. `awaits_report`: that the call is
    over is known before its report is; what it said and costs comes by `Endings.supplement`.
    """

    status: CallState
    reason: EndedReason
    at: dt.datetime
    connected_s: float | None = None
    duration_ms: int | None = None
    task_outcome: str | None = None
    highlights: Sequence[str] = ()
    next_steps: Sequence[str] = ()
    agreed: Mapping[str, Any] | None = None
    outcome: Mapping[str, Any] | None = None
    ics: str | None = None
    turns: tuple[TranscriptTurn, ...] | None = None
    opted_out: bool = False
    recording: str | None = None
    recording_ms: int | None = None
    awaits_report: bool = False
    timeline: Timeline | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further columns of the row, for what only one surface knows."""


_UNCONNECTED: Mapping[CallStatus, tuple[CallState, EndedReason]] = {
    CallStatus.BUSY: (CallState.BUSY, EndedReason.BUSY),
    CallStatus.NO_ANSWER: (CallState.NO_ANSWER, EndedReason.NO_ANSWER),
    CallStatus.CANCELED: (CallState.NO_ANSWER, EndedReason.NO_ANSWER),
    CallStatus.FAILED: (CallState.FAILED, EndedReason.CARRIER_FAILED),
    CallStatus.COMPLETED: (CallState.FAILED, EndedReason.ENGINE_FAILED),
}
"""`completed` without a report: somebody answered and we did not talk."""

NO_ROOM = "Somebody answered, but the service had no room for a conversation and hung up. Nothing was charged."

_NO_PERSON = frozenset({Disposition.SILENCE, Disposition.RESPONDENT_HUNG_UP, Disposition.COMPLETED})


def unconnected(call: Call, carrier: CallStatus, *, at: dt.datetime) -> Ending:
    """The end of a call of which only the carrier knows: nothing was said, nothing is charged."""
    if call.channel == Channel.BROWSER and call.answered_at is None:
        return stopped(call, _unvisited(call, at=at))
    if call.direction == "inbound":
        return stopped(call, Ending(status=CallState.MISSED, reason=EndedReason.NO_ANSWER, at=at))
    status, reason = _UNCONNECTED[carrier]
    return stopped(call, Ending(status=status, reason=reason, at=at))


def turned_away(call: Call, *, at: dt.datetime) -> Ending:
    """The end of a call of ours that was answered when nobody here had room to talk."""
    ending = Ending(
        status=CallState.FAILED,
        reason=EndedReason.ENGINE_FAILED,
        at=at,
        highlights=(NO_ROOM,),
        outcome={"refused": "no_room"},
    )
    return stopped(call, ending)


def _unvisited(call: Call, *, at: dt.datetime) -> Ending:
    """The end of a call whose browser never came: who asked for it gave up, or nobody picked up for the engine."""
    if call.direction == "inbound":
        return Ending(status=CallState.CANCELLED, reason=EndedReason.CANCELLED_BY_USER, at=at)
    return Ending(status=CallState.NO_ANSWER, reason=EndedReason.NO_ANSWER, at=at)


def reported(call: Call, report: CallReport, *, at: dt.datetime) -> Ending:
    """The end of a call that the engine held."""
    outcome = report.outcome
    charged = Decimal(report.credits_used) > 0
    ending = Ending(
        status=CallState(_status(call, report).value),
        reason=EndedReason(_disposition(call, report).value),
        at=at,
        connected_s=report.duration_seconds if charged else None,
        duration_ms=round(report.duration_seconds * 1000),
        task_outcome=outcome.task_outcome.value if outcome.task_outcome else None,
        highlights=outcome.highlights,
        next_steps=outcome.next_steps,
        agreed=outcome.agreed,
        outcome=outcome_json(outcome, language=report.language),
        ics=report.ics,
        turns=report.turns,
        opted_out=outcome.do_not_call,
        extra={} if report.handled_by == "ai" else {"handled_by": report.handled_by},
    )
    return stopped(call, ending)


def stopped(call: Call, ending: Ending) -> Ending:
    """The same end, told as its owner's doing where the owner asked for it before it came."""
    if call.stop_requested_at is None:
        return ending
    if call.direction == "inbound":
        return replace(ending, status=CallState.REJECTED, reason=EndedReason.REJECTED)
    return replace(ending, status=CallState.CANCELLED, reason=EndedReason.STOPPED_BY_USER)


def transcript_rows(call: Call, turns: Sequence[TranscriptTurn]) -> list[TranscriptEntry]:
    """The transcript's rows, in the order of the turns."""
    return [
        TranscriptEntry(
            organization_id=call.organization_id,
            call_id=call.id,
            position=position,
            speaker=turn.speaker,
            text=turn.text,
            heard_text=turn.heard_text,
            interrupted=turn.interrupted,
            agent=turn.agent,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            latency=latency_row(turn.latency),
        )
        for position, turn in enumerate(turns)
    ]


def outcome_json(outcome: Outcome, *, language: str) -> dict[str, Any]:
    """The engine's outcome, JSON-ready, with what has no column: citations, evidence, the message taken."""
    return {
        "language": language,
        "status": outcome.status.value,
        "disposition": outcome.disposition.value,
        "confirmation": outcome.confirmation,
        "message": asdict(outcome.message) if outcome.message else None,
        "transferred_to": outcome.transferred_to,
        "do_not_call_quote": outcome.do_not_call_quote,
        "recording_declined": outcome.recording_declined,
        "citations": list(outcome.citations),
        "evidence": {slot: asdict(evidence) for slot, evidence in outcome.evidence.items()},
    }


def _is_mailbox(call: Call, report: CallReport) -> bool:
    """The carrier heard a machine, and the engine heard nobody who answered it."""
    heard_machine = call.direction == "outbound" and (call.answered_by or "").startswith("machine")
    outcome = report.outcome
    return heard_machine and outcome.task_outcome is None and outcome.disposition in _NO_PERSON


_LED_OUTBOUND: Mapping[Status, Status] = {
    Status.COMPLETED: Status.SUCCESS,
    Status.MISSED: Status.FAILED,
    Status.REJECTED: Status.FAILED,
}
"""An assistant's policy ends a call in inbound words; where it was the one who called, they are these."""


def _status(call: Call, report: CallReport) -> Status:
    if _is_mailbox(call, report):
        return Status.VOICEMAIL
    status = report.outcome.status
    led = call.direction == "outbound" and call.product == Product.EPOCH
    return _LED_OUTBOUND.get(status, status) if led else status


def _disposition(call: Call, report: CallReport) -> Disposition:
    return Disposition.VOICEMAIL if _is_mailbox(call, report) else report.outcome.disposition
