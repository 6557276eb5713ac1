"""What the carrier knows of a call: how its number reacts, how far it came, what went wrong."""

from dataclasses import dataclass, field
from typing import Literal

from voice_engine.carrier.messages import Violation
from voice_engine.carrier.stream import StreamReport
from voice_engine.ports.telephony import DialStatus

EndedBy = Literal["line", "engine", "carrier"]

RING_TIMEOUT_MS = 60_000
"""How long a call rings unanswered (Twilio's `Timeout`, default 60 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a number does when it is called."""

    how: Literal["answer", "busy", "no_answer", "failed"] = "answer"
    after_ms: int = 0


def ring_outcome(answer: Answer, timeout_ms: int = RING_TIMEOUT_MS) -> tuple[DialStatus, int]:
    """How ringing ends, and after how many ms."""
    match answer.how:
        case "busy":
            return DialStatus.BUSY, answer.after_ms
        case "failed":
            return DialStatus.FAILED, answer.after_ms
        case "no_answer":
            return DialStatus.NO_ANSWER, timeout_ms
        case "answer":
            if answer.after_ms >= timeout_ms:
                return DialStatus.NO_ANSWER, timeout_ms
            return DialStatus.ANSWERED, answer.after_ms


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """One call as the carrier saw it. Times are ms on the carrier's clock."""

    call_sid: str
    to: str
    direction: Literal["inbound", "outbound"]
    status: str = "ringing"
    answered_at_ms: float | None = None
    ended_at_ms: float | None = None
    ended_by: EndedBy | None = None
    streams: list[StreamReport] = field(default_factory=list)
    digits_played: str = ""
    dialled: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def violations(self) -> list[Violation]:
        """Every refused message of every stream."""
        return [violation for stream in self.streams for violation in stream.violations]
