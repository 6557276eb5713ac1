"""From the end of a call to its report: outcome, duration, credits, and the journal's shape of it all."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Literal, Protocol

from voice_engine.core.dialogue.credits import call_credits
from voice_engine.core.dialogue.ics import calendar_event
from voice_engine.core.turns.machine import TurnMachine
from voice_engine.ports.call import (
    CallReport,
    CallSpec,
    Counters,
    Disposition,
    Outcome,
    Status,
    TranscriptTurn,
    TurnLatency,
)
from voice_engine.ports.telephony import DialStatus
from voice_engine.runtime.brain import Dialogue
from voice_engine.runtime.journal import JournalEntry
from voice_engine.runtime.transcript import Transcript

EndCause = Literal["engine", "stopped", "lost", "transferred", "human_left", "cancelled", "limit", "failed"]
"""Why the call's shell ended: we hung up, the carrier stopped, the socket was lost for good, handed over to the
carrier, the human left to whom it was transferred, stopped by its owner, out of patience after a limit, a provider
failed without a substitute."""

_DIAL = {
    DialStatus.BUSY: (Status.BUSY, Disposition.BUSY),
    DialStatus.NO_ANSWER: (Status.NO_ANSWER, Disposition.NO_ANSWER),
    DialStatus.CANCELED: (Status.CANCELLED, Disposition.CANCELLED),
    DialStatus.FAILED: (Status.FAILED, Disposition.CARRIER_FAILED),
}


def finished_outcome(outcome: Outcome, cause: EndCause) -> Outcome:
    """The dialogue's outcome, corrected where the call's end was not the dialogue's own."""
    match cause:
        case "cancelled":
            return replace(outcome, status=Status.CANCELLED, disposition=Disposition.CANCELLED)
        case "failed":
            return replace(outcome, status=Status.FAILED, disposition=Disposition.ENGINE_FAILED)
        case "transferred" | "human_left":
            return replace(outcome, disposition=Disposition.TRANSFERRED)
        case "limit":
            return replace(outcome, disposition=Disposition.MAX_DURATION)
        case "lost":
            if outcome.disposition == Disposition.RESPONDENT_HUNG_UP:
                return replace(outcome, disposition=Disposition.CARRIER_FAILED)
    return outcome


def report(
    spec: CallSpec,
    conversation: Dialogue,
    turns: tuple[TranscriptTurn, ...],
    *,
    cause: EndCause,
    connected_ms: float,
    counters: Counters,
    human: bool = False,
    handed_to: str | None = None,
) -> CallReport:
    """The report of a call that was connected for `connected_ms`. Our own fault costs the caller nothing.

    `human`: somebody took the call over for a while; `handed_to`: the target that it was transferred to.
    """
    outcome = finished_outcome(conversation.outcome(), cause)
    if handed_to is not None:
        outcome = replace(outcome, transferred_to=handed_to)
    seconds = round(connected_ms / 1000, 2)
    return CallReport(
        call_id=spec.call_id,
        direction=spec.direction,
        language=spec.language,
        outcome=outcome,
        duration_seconds=seconds,
        credits_used=str(call_credits(seconds, connected=cause != "failed")),
        turns=turns,
        counters=counters,
        ics=calendar_event(spec, outcome),
        handled_by="transfer" if cause == "transferred" or handed_to is not None else "human" if human else "ai",
    )


def unconnected(spec: CallSpec, status: DialStatus = DialStatus.FAILED) -> CallReport:
    """The report of a call that was never connected: nothing said, nothing charged."""
    end_status, disposition = _DIAL.get(status, (Status.FAILED, Disposition.CARRIER_FAILED))
    if spec.direction == "inbound":
        end_status = Status.MISSED
    return CallReport(
        call_id=spec.call_id,
        direction=spec.direction,
        language=spec.language,
        outcome=Outcome(status=end_status, disposition=disposition),
        duration_seconds=0.0,
        credits_used="0",
        turns=(),
        counters=Counters(),
    )


class Keeping(Protocol):
    """The turn-taking side of what the journal keeps."""

    @property
    def machine(self) -> TurnMachine:
        """The turn machine."""
        ...

    @property
    def transcript(self) -> Transcript:
        """The transcript so far."""
        ...

    @property
    def next_sequence(self) -> int:
        """The number of the next event."""
        ...


def journal_entry(call_id: str, conversation: Dialogue, floor: Keeping, *, elapsed_ms: float) -> JournalEntry:
    """What a later session of the same call needs."""
    return JournalEntry(
        call_id=call_id,
        elapsed_ms=round(elapsed_ms),
        conversation=conversation.snapshot(),
        turn_taking=floor.machine.snapshot(),
        turns=tuple(asdict(turn) for turn in floor.transcript.turns),
        next_sequence=floor.next_sequence,
    )


def turns_from(entry: JournalEntry) -> tuple[TranscriptTurn, ...]:
    """The transcript out of a journal entry."""
    return tuple(_turn(raw) for raw in entry.turns)


def _turn(raw: Mapping[str, Any]) -> TranscriptTurn:
    latency = raw.get("latency")
    return TranscriptTurn(**{**raw, "latency": TurnLatency(**latency) if latency else None})
