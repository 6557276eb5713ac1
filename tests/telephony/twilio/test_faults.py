"""Twilio's codes and silences as our errors."""

import pytest

from voice_engine.errors import Conflict, NotFound, QuotaExceeded, UpstreamFailed
from voice_engine.ports.telephony import OUTCOME_UNKNOWN
from voice_engine.telephony.twilio.faults import WORDS, translate
from voice_engine.telephony.twilio.http import AnswerLost, Refused, Unreachable


def refused(status: int, code: int | None) -> Refused:
    return Refused(status=status, code=code, message="no")


@pytest.mark.parametrize(
    ("status", "code", "word", "retryable"),
    [
        (400, 21211, "invalid_phone_number", False),
        (400, 21215, "destination_not_allowed", False),
        (400, 21210, "caller_id_not_allowed", False),
        (400, 21631, "address_required", False),
        (401, 20003, "carrier_login_refused", False),
        (401, None, "carrier_login_refused", False),
        (403, 60410, "verification_blocked", False),
        (429, 20429, "carrier_busy", True),
        (429, None, "carrier_busy", True),
        (400, 10004, "carrier_busy", True),
        (400, 99999, "carrier_refused", False),
        (500, 20500, "carrier_unavailable", True),
        (503, None, "carrier_unavailable", True),
    ],
)
def test_refusals_have_stable_words(status: int, code: int | None, word: str, retryable: bool) -> None:
    error = translate(refused(status, code))

    assert isinstance(error, UpstreamFailed)
    assert (error.code, error.retryable, error.provider) == (word, retryable, "twilio")


def test_some_refusals_are_ours_to_answer_for() -> None:
    kinds = [translate(refused(400, code)) for code in (21422, 21220, 60202, 60203)]

    assert [(type(error), error.code) for error in kinds] == [
        (Conflict, "phone_number_unavailable"),
        (Conflict, "call_not_active"),
        (QuotaExceeded, "verification_check_limit"),
        (QuotaExceeded, "verification_send_limit"),
    ]


@pytest.mark.parametrize(("status", "code"), [(404, 20404), (404, None), (400, 20404)])
def test_what_is_missing_has_the_caller_s_word(status: int, code: int | None) -> None:
    error = translate(refused(status, code), missing="carrier_call_not_found")

    assert isinstance(error, NotFound)
    assert error.code == "carrier_call_not_found"


@pytest.mark.parametrize("lost", [AnswerLost("slow"), refused(500, 20500), refused(503, None)])
def test_a_creating_request_without_an_answer_is_unknown_and_not_to_be_repeated(lost: AnswerLost | Refused) -> None:
    creating, reading = translate(lost, creates=True), translate(lost)

    assert isinstance(creating, UpstreamFailed)
    assert isinstance(reading, UpstreamFailed)
    assert (creating.code, creating.retryable) == (OUTCOME_UNKNOWN, False)
    assert (reading.code, reading.retryable) == ("carrier_unavailable", True)


def test_what_was_never_sent_may_be_sent_again() -> None:
    error = translate(Unreachable("refused"), creates=True)

    assert isinstance(error, UpstreamFailed)
    assert (error.code, error.retryable) == ("carrier_unreachable", True)


def test_words_are_stable_snake_case() -> None:
    assert all(word.replace("_", "").isalpha() and word == word.lower() for word in WORDS.values())
