"""The carrier's call control, as the engine and the services use it: dial, hang up, digits, transfer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class DialStatus(StrEnum):
    """How a dial ended, in the carrier's terms (Twilio's CallStatus words where it has one)."""

    ANSWERED = "in-progress"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialResult:
    """The carrier's answer to a dial: its id of the leg and whether somebody picked up."""

    call_sid: str
    status: DialStatus
    ring_ms: int = 0


class CallControl(Protocol):
    """What the engine may do to a call that is up. Every method is idempotent; a finished call is no error."""

    async def hang_up(self, call_sid: str) -> None:
        """End the call. Raises UpstreamFailed."""
        ...

    async def send_digits(self, call_sid: str, digits: str) -> None:
        """Play DTMF (0-9 * # and w for a half second's wait); the carrier ends the stream and opens another
        for the same call. Raises UpstreamFailed."""
        ...

    async def transfer(self, call_sid: str, number: str) -> None:
        """Connect the other party to `number` (E.164, from configuration, never from speech)."""
        ...
