"""The words of a call's life, and which of them may follow which.

Outbound                                              Inbound
  scheduled ──due──▶ queued ──dial──▶ in_progress       ringing ──answered──▶ in_progress
  ◀─reschedule─┘        │                 │                │                       │
      └─────cancel──────┴─▶ cancelled     └─▶ an end       └─▶ rejected, missed    └─▶ completed

An end never changes.
"""

from enum import StrEnum


class Product(StrEnum):
    """Whose account a call is on."""

    EPOCH = "EPOCH"
    KALLY = "KALLY"


class Channel(StrEnum):
    """What a call goes over."""

    PSTN = "PSTN"
    BROWSER = "BROWSER"
    WIDGET = "WIDGET"


class CallState(StrEnum):
    """Where a call stands. The waiting and the live ones are ours; ends are the engine's (`ports.call.Status`)."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    MISSED = "missed"
    REJECTED = "rejected"


WAITING = (CallState.SCHEDULED, CallState.QUEUED)
"""Not dialled yet: can be cancelled and moved."""

LIVE = (CallState.RINGING, CallState.IN_PROGRESS)
"""On the wire: can be stopped. An outbound call is in progress from its dial on; `answered_at` tells the rest."""

ENDS = tuple(state for state in CallState if state not in (*WAITING, *LIVE))


class EndedReason(StrEnum):
    """Why a call ended: the engine's dispositions (docs/GLOSSARY.md), and what only the service knows."""

    COMPLETED = "completed"
    RESPONDENT_HUNG_UP = "respondent_hung_up"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    OPTED_OUT = "opted_out"
    TRANSFERRED = "transferred"
    REJECTED = "rejected"
    SILENCE = "silence"
    MAX_DURATION = "max_duration"
    CANCELLED = "cancelled"
    CARRIER_FAILED = "carrier_failed"
    ENGINE_FAILED = "engine_failed"
    CANCELLED_BY_USER = "cancelled_by_user"
    STOPPED_BY_USER = "stopped_by_user"
    NOT_ALLOWED = "not_allowed"
    """A list, consent or balance changed while the call waited, so that it was not dialled."""


class AttemptState(StrEnum):
    """Where one dial stands."""

    PLACING = "placing"
    """The row is written; the carrier may or may not have been asked."""
    UNKNOWN = "unknown"
    """The carrier was asked and its answer got lost: look for the call, do not repeat."""
    PLACED = "placed"
    ANSWERED = "answered"
    OVER = "over"
    REFUSED = "refused"
    """The carrier did not take the order: nothing rang."""
    LOST = "lost"
    """Looked for and not found: the order never arrived."""


class CommandKind(StrEnum):
    """What the owner of a live call can be told to do."""

    STOP = "stop"
    TRANSFER = "transfer"
    TAKEOVER = "takeover"
    JOIN = "join"
    """A takeover in a browser: somebody will come with a ticket."""
    WHISPER = "whisper"
    HAND_BACK = "hand_back"
    REJECT = "reject"
    MACHINE = "machine"
    """Not an order: the carrier took who picked up for a machine."""
