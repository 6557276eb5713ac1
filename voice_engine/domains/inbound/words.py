"""What the inbound domain says to others: jobs for the worker, kinds of media, the event types of the contract."""

from collections.abc import Mapping

FETCH_VOICEMAIL = "inbound.fetch_voicemail"
TRANSCRIBE_VOICEMAIL = "inbound.transcribe_voicemail"

VOICEMAILS = "voicemails"
"""The kind of media that voicemails are (`/media/voicemails/{id}`)."""

RINGING = "call.ringing"
ANSWERED = "call.answered"
TRANSFERRED = "call.transferred"
TAKEN_OVER = "call.takeover"
VOICEMAIL_RECEIVED = "voicemail.received"
ACTION_ITEM_UPDATED = "action_item.updated"
ENDED = "call.ended"

EVENT_TYPES = (
    "call.ringing",
    "call.answered",
    "call.transcript",
    "call.transferred",
    "call.takeover",
    "call.rejected",
    "call.completed",
    "call.missed",
    "voicemail.received",
    "action_item.updated",
)
"""The contract's events of inbound calls."""

TOLD_AS: Mapping[str, str] = {
    RINGING: "call.ringing",
    ANSWERED: "call.answered",
    "turn.human": "call.transcript",
    "turn.ai": "call.transcript",
    TRANSFERRED: "call.transferred",
    TAKEN_OVER: "call.takeover",
    VOICEMAIL_RECEIVED: "voicemail.received",
    ACTION_ITEM_UPDATED: "action_item.updated",
}
"""Journal's types in the contract's words; `call.ended` is told by how it ended. Others are not told here."""

ENDED_AS: Mapping[str, str] = {
    "completed": "call.completed",
    "rejected": "call.rejected",
    "missed": "call.missed",
}
"""An inbound call's end, by its state; whatever failed on our side was missed by its owner."""
