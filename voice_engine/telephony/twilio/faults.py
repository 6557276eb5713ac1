"""Twilio's answers and silences as our errors: its numeric codes → our stable words.

Codes: Twilio, "Error and warning dictionary", and for codes from 60200 on "Verify: return and error codes".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from voice_engine.errors import Conflict, NotFound, QuotaExceeded, UpstreamFailed, VoiceEngineError
from voice_engine.ports.telephony import OUTCOME_UNKNOWN
from voice_engine.telephony.twilio.http import AnswerLost, Refused, Unreachable

PROVIDER: Final = "twilio"

NOT_IN_PROGRESS: Final = 21220
"""The call is not in a state that permits this: over, or not yet up."""

NOT_FOUND: Final = 20404
NUMBER_TAKEN: Final = 21422
MAX_CHECKS: Final = 60202
MAX_SENDS: Final = 60203

WORDS: Mapping[int, str] = MappingProxyType(
    {
        20003: "carrier_login_refused",
        20005: "carrier_account_inactive",
        10004: "carrier_busy",
        20429: "carrier_busy",
        13223: "invalid_phone_number",
        13224: "invalid_phone_number",
        21201: "invalid_phone_number",
        21211: "invalid_phone_number",
        21214: "invalid_phone_number",
        21217: "invalid_phone_number",
        21401: "invalid_phone_number",
        21421: "invalid_phone_number",
        60205: "invalid_phone_number",
        21203: "destination_not_allowed",
        21215: "destination_not_allowed",
        21216: "destination_not_allowed",
        21219: "destination_not_verified",
        21210: "caller_id_not_allowed",
        21212: "caller_id_not_allowed",
        21213: "caller_id_not_allowed",
        21205: "callback_url_refused",
        21402: "callback_url_refused",
        21404: "number_limit_reached",
        21451: "invalid_area_code",
        21452: "no_numbers_in_area",
        21613: "address_required",
        21631: "address_required",
        21649: "address_required",
        60200: "verification_refused",
        60238: "verification_blocked",
        60410: "verification_blocked",
    }
)
"""What a refusal means to us; a code that is not listed is `carrier_refused`."""

_BUSY = frozenset({10004, 20429})


def translate(
    error: Refused | Unreachable | AnswerLost,
    *,
    creates: bool = False,
    missing: str = "carrier_resource_not_found",
) -> VoiceEngineError:
    """The error to raise. `creates`: repeating the request could create a second thing. `missing`: code of a 404.

    A creating request that was answered by a 5xx, or not at all, may have taken effect: its outcome is unknown,
    and it is not retryable.
    """
    match error:
        case Unreachable():
            return _failed("carrier_unreachable", f"no connection to the carrier: {error}", retryable=True)
        case AnswerLost():
            return _lost(f"the carrier did not answer: {error}", creates=creates)
        case Refused() if error.status >= 500:
            return _lost(f"the carrier failed with {error.status}: {error.message}", creates=creates)
        case Refused():
            return _refusal(error, missing)


def _lost(what: str, *, creates: bool) -> VoiceEngineError:
    if creates:
        return _failed(OUTCOME_UNKNOWN, f"{what}; look whether it took effect before trying again", retryable=False)
    return _failed("carrier_unavailable", what, retryable=True)


def _refusal(refused: Refused, missing: str) -> VoiceEngineError:
    code = refused.code if refused.code is not None else 0
    if code == NUMBER_TAKEN:
        return Conflict("phone_number_unavailable", "that number is not for sale any more; choose another")
    if code == NOT_IN_PROGRESS:
        return Conflict("call_not_active", "the call is not up")
    if code == MAX_CHECKS:
        return QuotaExceeded("verification_check_limit", "five wrong codes; ask for another one in ten minutes")
    if code == MAX_SENDS:
        return QuotaExceeded("verification_send_limit", "too many codes were sent there; wait ten minutes")
    if code == NOT_FOUND or refused.status == 404:
        return NotFound(missing, f"the carrier does not know it: {refused.message}")
    busy = refused.status == 429 or code in _BUSY
    word = "carrier_busy" if busy else _word(refused, code)
    return _failed(word, f"the carrier refused: {refused.message} (code {code or refused.status})", retryable=busy)


def _word(refused: Refused, code: int) -> str:
    fallback = "carrier_login_refused" if refused.status == 401 else "carrier_refused"
    return WORDS.get(code, fallback)


def _failed(code: str, message: str, *, retryable: bool) -> UpstreamFailed:
    return UpstreamFailed(code, message, provider=PROVIDER, retryable=retryable)
