"""A call as the business surface shows it: one row, in that surface's words, whichever direction it has.

| ours | detail and lists | poll |
| --- | --- | --- |
| scheduled, queued | QUEUED | scheduled, queued |
| live, nobody has picked up | RINGING | ringing |
| live | IN_PROGRESS | in-progress |
| live, connected elsewhere | FORWARDED | forwarding |
| ended: connected elsewhere | FORWARDED | ended |
| ended: somebody talked | COMPLETED | ended |
| ended: did not answer, busy, mailbox | NO_ANSWER, BUSY, VOICEMAIL | ended |
| ended: withdrawn, stopped, rejected | CANCELLED | ended |
| ended: carrier or engine failed | FAILED | ended |
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import ENDS, WAITING, CallState, EndedReason
from voice_engine.domains.minutes.figures import minutes_of, whole_seconds

BusinessStatus = Literal[
    "QUEUED",
    "RINGING",
    "IN_PROGRESS",
    "FORWARDED",
    "COMPLETED",
    "NO_ANSWER",
    "BUSY",
    "FAILED",
    "VOICEMAIL",
    "CANCELLED",
]
PollStatus = Literal["scheduled", "queued", "ringing", "in-progress", "forwarding", "ended"]
BusinessDirection = Literal["INBOUND", "OUTBOUND"]

BY_STATE: Mapping[str, BusinessStatus] = MappingProxyType(
    {
        CallState.NO_ANSWER: "NO_ANSWER",
        CallState.BUSY: "BUSY",
        CallState.VOICEMAIL: "VOICEMAIL",
        CallState.CANCELLED: "CANCELLED",
        CallState.REJECTED: "CANCELLED",
    }
)
"""Ends that say by themselves how it went; of the others the reason decides."""

BY_REASON: Mapping[str, BusinessStatus] = MappingProxyType(
    {
        EndedReason.TRANSFERRED: "FORWARDED",
        EndedReason.NO_ANSWER: "NO_ANSWER",
        EndedReason.NOT_ALLOWED: "FAILED",
        EndedReason.BUSY: "BUSY",
        EndedReason.VOICEMAIL: "VOICEMAIL",
        EndedReason.CANCELLED: "CANCELLED",
        EndedReason.CANCELLED_BY_USER: "CANCELLED",
        EndedReason.STOPPED_BY_USER: "CANCELLED",
        EndedReason.CARRIER_FAILED: "FAILED",
        EndedReason.ENGINE_FAILED: "FAILED",
    }
)
"""The other reasons end a call in which somebody talked: COMPLETED."""

END_REASONS: Mapping[str, str] = MappingProxyType(
    {
        EndedReason.COMPLETED: "assistant-ended-call",
        EndedReason.RESPONDENT_HUNG_UP: "customer-ended-call",
        EndedReason.NO_ANSWER: "customer-did-not-answer",
        EndedReason.BUSY: "customer-busy",
        EndedReason.VOICEMAIL: "voicemail",
        EndedReason.WRONG_NUMBER: "assistant-ended-call",
        EndedReason.OPTED_OUT: "assistant-ended-call",
        EndedReason.TRANSFERRED: "assistant-forwarded-call",
        EndedReason.REJECTED: "call-rejected",
        EndedReason.SILENCE: "silence-timed-out",
        EndedReason.MAX_DURATION: "exceeded-max-duration",
        EndedReason.CANCELLED: "manually-canceled",
        EndedReason.CARRIER_FAILED: "phone-call-provider-error",
        EndedReason.ENGINE_FAILED: "engine-error",
        EndedReason.CANCELLED_BY_USER: "manually-canceled",
        EndedReason.STOPPED_BY_USER: "manually-canceled",
        EndedReason.NOT_ALLOWED: "call-not-allowed",
    }
)
"""Why a call ended, in the words that the published API took over from its engine, where it has one."""

FORWARDED_BY = "transfer"
"""`Call.handled_by` of a call that is connected elsewhere."""

SPEAKERS: Mapping[str, str] = MappingProxyType({"AI": "AI", "HUMAN": "User"})
AGENT = "Agent"
"""A human of the business's who had the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCall:
    """What lists and details share. `minutes` of a live call are those so far.

    `started_at` is the answer; of a call that nobody answered, its dial or ring.
    """

    id: str
    engine_id: str
    status: BusinessStatus
    poll_status: PollStatus
    direction: BusinessDirection
    channel: str
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    minutes: Decimal
    customer_number: str | None
    summary: str | None
    end_reason: str | None


def business_call(call: Call, *, now: dt.datetime) -> BusinessCall:
    """The row in the business surface's words. `now` is aware."""
    return BusinessCall(
        id=call.id,
        engine_id=call.engine_id,
        status=business_status(call),
        poll_status=poll_status(call),
        direction="OUTBOUND" if call.direction == "outbound" else "INBOUND",
        channel=call.channel,
        started_at=call.answered_at or call.started_at,
        ended_at=call.ended_at,
        minutes=minutes_so_far(call, now=now),
        customer_number=call.number_of_other,
        summary=summary_of(call),
        end_reason=END_REASONS.get(call.ended_reason or ""),
    )


def business_status(call: Call) -> BusinessStatus:
    """Where the call stands, in the words of lists and details."""
    if call.status in WAITING:
        return "QUEUED"
    if call.status not in ENDS:
        if call.handled_by == FORWARDED_BY:
            return "FORWARDED"
        return "RINGING" if call.answered_at is None else "IN_PROGRESS"
    return BY_STATE.get(call.status) or BY_REASON.get(call.ended_reason or "", "COMPLETED")


def poll_status(call: Call) -> PollStatus:
    """Where the call stands, in the words of the poll."""
    if call.status in ENDS:
        return "ended"
    match business_status(call):
        case "QUEUED":
            return "scheduled" if call.status == CallState.SCHEDULED else "queued"
        case "FORWARDED":
            return "forwarding"
        case "RINGING":
            return "ringing"
        case _:
            return "in-progress"


def minutes_so_far(call: Call, *, now: dt.datetime) -> Decimal:
    """Connected minutes with two places, of the ledger's whole seconds; while the call runs, up to `now`."""
    if call.duration_ms is not None:
        return minutes_of(whole_seconds(Decimal(call.duration_ms) / 1000))
    if call.answered_at is None or call.status in ENDS:
        return minutes_of(0)
    return minutes_of(max(0, round((now - call.answered_at).total_seconds())))


def summary_of(call: Call) -> str | None:
    """What the call came to, in a sentence or two; None until it is known."""
    return call.summary or " ".join(str(line) for line in call.highlights or ()) or None


def transcript_text(entries: Sequence[TranscriptEntry]) -> str | None:
    """What was said as lines; of our own lines what was heard. None: nothing was said."""
    lines = ((AGENT if entry.agent else SPEAKERS[entry.speaker], heard(entry)) for entry in entries)
    return "\n".join(f"{who}: {text}" for who, text in lines if text) or None


def heard(entry: TranscriptEntry) -> str:
    """A line as whoever was on the phone heard it."""
    return entry.heard_text or "" if entry.interrupted else entry.text
