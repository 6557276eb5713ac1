"""What outgoing webhooks say to others: event types, and the jobs for the worker."""

from collections.abc import Mapping

DELIVER = "hooks.deliver"
TIDY = "hooks.tidy"

TEST = "webhook.test"
"""Sent by the button; no endpoint subscribes to it, every endpoint may get it."""

RINGING, STARTED, ENDED, REPORTED = "call.ringing", "call.started", "call.ended", "call.reported"
TRANSFERRED, TAKEN_OVER = "call.transferred", "call.taken_over"
BOOKED, MESSAGE = "booking.made", "message.taken"
VOICEMAIL, ACTION_ITEM = "voicemail.received", "action_item.updated"

EVENTS = (
    RINGING,
    STARTED,
    TRANSFERRED,
    TAKEN_OVER,
    ENDED,
    REPORTED,
    BOOKED,
    MESSAGE,
    VOICEMAIL,
    ACTION_ITEM,
)
"""What an endpoint may ask for, in the order in which a call has them."""

TOLD_AS: Mapping[str, str] = {
    "call.ringing": RINGING,
    "call.answered": STARTED,
    "call.transferred": TRANSFERRED,
    "call.takeover": TAKEN_OVER,
    "call.ended": ENDED,
    "voicemail.received": VOICEMAIL,
    "action_item.updated": ACTION_ITEM,
}
"""The journal's types (`domains.calls.models.CallEvent`) in these words. Others are not told."""
