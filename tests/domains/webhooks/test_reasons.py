"""The other engine's reasons, of which it has hundreds, in our few words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.calls.states import ENDS, EndedReason
from voice_engine.domains.webhooks.reasons import outcome_words, read_reason, state_of


@pytest.mark.parametrize(
    ("word", "reason", "talked"),
    [
        (None, "completed", True),
        ("customer-ended-call", "respondent_hung_up", True),
        ("customer-ended-call-during-transfer", "respondent_hung_up", True),
        ("assistant-said-end-call-phrase", "completed", True),
        ("assistant-forwarded-call", "transferred", True),
        ("call.ringing.hook-executed-transfer", "transferred", True),
        ("call.forwarding.no-answer", "completed", True),
        ("call.in-progress.twilio-completed-call", "completed", True),
        ("assistant-request-failed", "engine_failed", False),
        ("assistant-request-returned-no-assistant", "engine_failed", False),
        ("call.start.error-get-assistant", "engine_failed", False),
        ("call.in-progress.error-vapifault-openai-voice-failed", "engine_failed", True),
        ("pipeline-error-eleven-labs-voice-not-found", "engine_failed", True),
        ("call.in-progress.error-sip-outbound-call-failed-to-connect", "carrier_failed", False),
        ("vonage-failed-to-connect-call", "carrier_failed", False),
        ("scheduled-call-deleted", "cancelled", False),
        ("manually-canceled", "cancelled", True),
        ("exceeded-max-duration", "max_duration", True),
    ],
)
def test_reasons_of_each_family(word: str | None, reason: str, talked: bool) -> None:
    reading = read_reason(word)

    assert (reading.reason, reading.talked) == (reason, talked)


@given(st.text(), st.sampled_from(["inbound", "outbound"]))
def test_every_reason_is_an_end(word: str, direction: str) -> None:
    reason = read_reason(word).reason

    assert state_of(reason, direction) in ENDS


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_every_end_has_the_engines_words(direction: str) -> None:
    told = {
        read_reason(word).reason for word in ("customer-busy", "voicemail", "call-deleted", "x", "error", "sip-x")
    }
    for reason in {*told, EndedReason.NO_ANSWER, EndedReason.WRONG_NUMBER}:
        status, disposition = outcome_words(state_of(reason, direction), reason)

        assert (status.value, disposition.value) == (state_of(reason, direction).value, reason.value)
