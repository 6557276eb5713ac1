"""Why the other engine says that a call ended, in our words.

Source: the `endedReason` values of `vapi_server_sdk` 3.0 (600 of them, most of which name a provider's fault).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from voice_engine.domains.calls.states import CallState, EndedReason
from voice_engine.ports.call import Disposition, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reason means. `talked` False: nobody was ever connected, whatever the times say."""

    reason: EndedReason
    talked: bool = True


_EXACT: Mapping[str, Reading] = {
    "customer-busy": Reading(reason=EndedReason.BUSY, talked=False),
    "customer-did-not-answer": Reading(reason=EndedReason.NO_ANSWER, talked=False),
    "customer-did-not-give-microphone-permission": Reading(reason=EndedReason.NO_ANSWER, talked=False),
    "assistant-join-timed-out": Reading(reason=EndedReason.ENGINE_FAILED, talked=False),
    "call.ringing.sip-inbound-caller-hungup-before-call-connect": Reading(
        reason=EndedReason.NO_ANSWER, talked=False
    ),
    "voicemail": Reading(reason=EndedReason.VOICEMAIL),
    "silence-timed-out": Reading(reason=EndedReason.SILENCE),
    "exceeded-max-duration": Reading(reason=EndedReason.MAX_DURATION),
    "manually-canceled": Reading(reason=EndedReason.CANCELLED),
    "scheduled-call-deleted": Reading(reason=EndedReason.CANCELLED, talked=False),
    "call-deleted": Reading(reason=EndedReason.CANCELLED),
    "vonage-rejected": Reading(reason=EndedReason.CANCELLED, talked=False),
    "worker-shutdown": Reading(reason=EndedReason.ENGINE_FAILED),
    "twilio-reported-customer-misdialed": Reading(reason=EndedReason.CARRIER_FAILED, talked=False),
    "call.forwarding.operator-busy": Reading(reason=EndedReason.COMPLETED),
    "call.forwarding.no-answer": Reading(reason=EndedReason.COMPLETED),
    "sip-outbound-unallocated-number": Reading(reason=EndedReason.CARRIER_FAILED, talked=False),
}

_CARRIER_WORDS = ("twilio", "vonage", "sip", "telnyx", "phone-call-provider", "transport")
_FAULT_WORDS = ("error", "failed", "fault", "invalid", "not-valid", "not-found", "no-available", "pipeline")
_UP_FRONT = ("assistant-request", "call.start", "call.ringing.error")


def read_reason(word: str | None) -> Reading:
    """What a reason means; one that nobody knows yet, or none, is an end like others."""
    if not word:
        return Reading(reason=EndedReason.COMPLETED)
    if word in _EXACT:
        return _EXACT[word]
    if "forwarded-call" in word or word.endswith("hook-executed-transfer"):
        return Reading(reason=EndedReason.TRANSFERRED)
    if word.startswith("customer-ended-call"):
        return Reading(reason=EndedReason.RESPONDENT_HUNG_UP)
    if word.startswith(_UP_FRONT) or "failed-to-connect" in word:
        return Reading(reason=_fault(word), talked=False)
    if any(part in word for part in _FAULT_WORDS):
        return Reading(reason=_fault(word))
    return Reading(reason=EndedReason.COMPLETED)


def _fault(word: str) -> EndedReason:
    carrier = "fault" not in word and any(part in word for part in _CARRIER_WORDS)
    return EndedReason.CARRIER_FAILED if carrier else EndedReason.ENGINE_FAILED


_OUTBOUND: Mapping[EndedReason, CallState] = {
    EndedReason.BUSY: CallState.BUSY,
    EndedReason.NO_ANSWER: CallState.NO_ANSWER,
    EndedReason.VOICEMAIL: CallState.VOICEMAIL,
    EndedReason.CANCELLED: CallState.CANCELLED,
    EndedReason.CARRIER_FAILED: CallState.FAILED,
    EndedReason.ENGINE_FAILED: CallState.FAILED,
}
_INBOUND: Mapping[EndedReason, CallState] = {
    EndedReason.BUSY: CallState.MISSED,
    EndedReason.NO_ANSWER: CallState.MISSED,
    EndedReason.CANCELLED: CallState.REJECTED,
    EndedReason.CARRIER_FAILED: CallState.MISSED,
    EndedReason.ENGINE_FAILED: CallState.MISSED,
}


def state_of(reason: EndedReason, direction: str) -> CallState:
    """The end state of a call, by its direction."""
    if direction == "outbound":
        return _OUTBOUND.get(reason, CallState.SUCCESS)
    return _INBOUND.get(reason, CallState.COMPLETED)


def outcome_words(state: CallState, reason: EndedReason) -> tuple[Status, Disposition]:
    """The same end in the engine's words, for its report."""
    return Status(state.value), Disposition(reason.value)
