"""The error envelope of `/api`: `{"error": sentence, "code": machine word, "details": {}, "requestId": id}`.

A `validation_error` names every field at fault in `details.fields`: `{"path", "message", "rule"}`.
`error` is a string because the published clients read it so. Statuses follow from the kind of the error, but for
the codes in `STATUS_BY_CODE`; a code that this surface does not publish is told as the general one of its status.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice_engine.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    QuotaExceeded,
    UpstreamFailed,
    VoiceEngineError,
)
from voice_engine.rest.api.codes import PUBLISHED
from voice_engine.rest.requests import BodyTooLarge, correlation_id
from voice_engine.rest.security import OutOfScope, Unauthenticated
from voice_engine.rest.v1.errors import validation_error

STATUS_BY_CODE: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "malformed_request",
            "wrong_password",
            "invalid_or_expired_token",
            "acknowledgement_required",
            "downgrade_not_allowed",
            "already_on_plan",
            "onboarding_completed",
            "calendar_key_rejected",
            "event_type_not_found",
        ),
        400,
    ),
    **dict.fromkeys(("minutes_exhausted", "a2p_payment_required"), 402),
    "method_not_allowed": 405,
    "file_too_large": 413,
    "unsupported_file_type": 415,
    "rate_limited": 429,
    **dict.fromkeys(("database_busy", "internal_error", "voice_preview_failed"), 500),
}
"""Codes whose status does not follow from their kind."""

STATUS_BY_KIND: Mapping[type[VoiceEngineError], int] = {
    Unauthenticated: 401,
    OutOfScope: 403,
    InvalidInput: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    QuotaExceeded: 402,
    UpstreamFailed: 502,
}

GENERAL: Mapping[int, str] = {
    400: "malformed_request",
    401: "unauthenticated",
    402: "minutes_exhausted",
    403: "number_blocked",
    404: "not_found",
    405: "not_found",
    413: "file_too_large",
    415: "unsupported_file_type",
    422: "validation_error",
    429: "rate_limited",
    502: "provider_error",
}
"""What a status is called when our own word for the fault is not among the published ones."""

SYNONYMS: Mapping[str, str] = {
    "email_invalid": "validation_error",
    "blocked_number": "number_blocked",
    "suppression_violation": "number_blocked",
    "country_restriction": "number_blocked",
    "unsupported_country": "number_blocked",
    "emergency_number": "number_not_callable",
    "toll_number": "number_not_callable",
    "quota_exceeded": "minutes_exhausted",
}
"""Our domains' words, in this surface's. Statuses are those of the published word."""


JUDGED = frozenset({"value_error", "assertion_error"})
"""Faults that a whole body has although each of its fields is well-formed."""

ANY_RULE = "invalid"
RULES: Mapping[str, str] = {
    "missing": "required",
    "too_short": "length",
    "too_long": "length",
    "pattern": "pattern",
    "literal": "enum",
    "enum": "enum",
    "greater": "range",
    "less": "range",
    "_type": "type",
    "_parsing": "type",
}
"""Parts of pydantic's names of faults, and what clients are told; the first that fits."""


def status_of(error: VoiceEngineError) -> int:
    """The status of an error."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    if error.code in {"emergency_number", "toll_number"}:
        return 422
    return next((status for kind, status in STATUS_BY_KIND.items() if isinstance(error, kind)), 500)


def render(error: VoiceEngineError) -> Response:
    """The answer to a request that failed."""
    status = status_of(error)
    code = SYNONYMS.get(error.code, error.code)
    if code not in PUBLISHED:
        code = GENERAL.get(status, "internal_error")
    facts = dict(error.details)
    if "fields" in facts:
        facts["fields"] = [_entry(field) for field in facts["fields"]]
    headers = {"Cache-Control": "no-store"}
    if "retry_after_seconds" in facts:
        headers["Retry-After"] = str(facts["retry_after_seconds"])
    return JSONResponse(envelope(code, error.message, facts), status_code=status, headers=headers)


def _entry(field: Mapping[str, Any]) -> dict[str, Any]:
    """A field at fault in this surface's words; the domains say `field` where it says `path`."""
    path = field.get("path", field.get("field", "body"))
    return {"path": path, "message": field["message"], "rule": field.get("rule", ANY_RULE)}


def envelope(code: str, message: str, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body."""
    details = {"details": dict(facts)} if facts else {}
    return {"error": message, "code": code, **details, "requestId": correlation_id()}


def render_bug() -> Response:
    """The answer when something broke that nobody foresaw; the log has the trace under the same id."""
    message = "something broke on our side; the request id finds it in the server's log"
    return JSONResponse(envelope("internal_error", message), status_code=500)


async def on_error(_request: Request, error: Exception) -> Response:
    """FastAPI's handler of our own errors."""
    assert isinstance(error, VoiceEngineError)
    return render(error)


async def on_bug(_request: Request, _error: Exception) -> Response:
    """FastAPI's handler of everything else; it raises the error again afterwards, to be logged at the edge."""
    return render_bug()


async def on_invalid(_request: Request, error: Exception) -> Response:
    """FastAPI's handler of requests that do not fit: 400 for a body without sense, else 422 with every field."""
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if any(fault.get("type") == "json_invalid" for fault in faults):
        return render(malformed("the body is not valid JSON"))
    if any(fault.get("loc") == ("body",) and fault.get("type") not in JUDGED for fault in faults):
        return render(malformed("send a JSON object as the body"))
    return render(_named(faults))


def _named(faults: Sequence[Mapping[str, Any]]) -> InvalidInput:
    """One error for all faults, with the rule that each breaks."""
    error = validation_error(faults)
    entries = zip(error.details["fields"], faults, strict=True)
    fields = [{**entry, "rule": _rule(str(fault.get("type", "")))} for entry, fault in entries]
    return InvalidInput(error.code, error.message, details={"fields": fields})


def _rule(kind: str) -> str:
    """A schema's rule, from pydantic's name of the fault."""
    return next((rule for part, rule in RULES.items() if part in kind), ANY_RULE)


async def on_http(_request: Request, error: Exception) -> Response:
    """Starlette's handler of unknown routes and methods."""
    assert isinstance(error, HTTPException)
    if isinstance(error, BodyTooLarge):  # the contract has 413 for files alone
        return render(InvalidInput("validation_error", error.detail, details={"maxBytes": error.most}))
    words = {404: "there is no such path", 405: "this path has no such method"}
    message = words.get(error.status_code, str(error.detail))
    code = GENERAL.get(error.status_code, "malformed_request")
    return JSONResponse(envelope(code, message), status_code=error.status_code, headers=dict(error.headers or {}))


def malformed(message: str) -> InvalidInput:
    """A body that cannot be read."""
    return InvalidInput("malformed_request", message)
