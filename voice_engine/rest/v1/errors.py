"""The error envelope of `/v1`, and the one table from code to status.

Every answer that is no success has this body: `error.code`, `error.message`, `error.details` (which repeats the
message for clients of the older reference) and `error.correlation_id`.
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
from voice_engine.rest.requests import BodyTooLarge, correlation_id
from voice_engine.rest.security import OutOfScope, Unauthenticated

STATUS_BY_CODE: Mapping[str, int] = {
    **dict.fromkeys(("quota_exceeded", "budget_exceeded", "budget_approval_required", "soft_cap_reached"), 402),
    **dict.fromkeys(
        ("blocked_number", "suppression_violation", "country_restriction", "unsupported_country", "forbidden"), 403
    ),
    **dict.fromkeys(
        (
            "missing_phone_number",
            "emergency_number",
            "invalid_phone_number",
            "toll_number",
            "unsupported_language",
            "scheduling_violation",
            "safety_violation",
            "consent_denied",
            "insufficient_samples",
        ),
        422,
    ),
    **dict.fromkeys(("invalid_client", "invalid_identity_token"), 401),
    **dict.fromkeys(("no_active_subscription", "pending_change_exists", "trial_requires_checkout"), 400),
    **dict.fromkeys(("identity_provider_unavailable", "service_unavailable", "database_busy"), 503),
    **dict.fromkeys(("calendar_sync_failed", "email_send_failed", "search_failed", "internal_error"), 500),
    "no_pending_change": 404,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "unsupported_media_type": 415,
    "rate_limited": 429,
}
"""Codes whose status does not follow from their kind."""

STATUS_BY_KIND: Mapping[type[VoiceEngineError], int] = {
    Unauthenticated: 401,
    OutOfScope: 403,
    InvalidInput: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    QuotaExceeded: 402,
    UpstreamFailed: 503,
}

FORBIDDEN_FOR = frozenset({"plan_upgrade_required", "organization_suspended"})
"""Refusals that the published contract has no code for: told as `forbidden`, with this as `details.reason`."""

CODE_BY_STATUS = {
    400: "validation_error",
    404: "not_found",
    405: "method_not_allowed",
    413: "validation_error",
    415: "unsupported_media_type",
}

LEGACY_KEYS = ("plan_type", "minutes_allocated", "minutes_used", "upgrade_url")
"""An older reference's 402 body: these stand beside `error` when credits are out."""

PUBLISHED_UPSTREAM = frozenset(
    {
        "identity_provider_unavailable",
        "calendar_sync_failed",
        "email_send_failed",
        "search_failed",
        "service_unavailable",
    }
)
"""A provider's other faults are all `service_unavailable` to a client; the log has the exact one."""


def status_of(error: VoiceEngineError) -> int:
    """The status of an error."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next((status for kind, status in STATUS_BY_KIND.items() if isinstance(error, kind)), 500)


def render(error: VoiceEngineError) -> Response:
    """The answer to a request that failed."""
    status, code = status_of(error), error.code
    if isinstance(error, UpstreamFailed) and code not in PUBLISHED_UPSTREAM:
        code = "service_unavailable"
    facts = dict(error.details)
    if code in FORBIDDEN_FOR:
        code, facts["reason"] = "forbidden", code
    beside = {key: facts.pop(key) for key in LEGACY_KEYS if key in facts}
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer" if code == "missing_token" else f'Bearer error="{code}"'
    if "retry_after_seconds" in facts:
        headers["Retry-After"] = str(facts["retry_after_seconds"])
    elif status == 503:
        headers["Retry-After"] = "5"
    return JSONResponse({**envelope(code, error.message, facts), **beside}, status_code=status, headers=headers)


def envelope(code: str, message: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The body."""
    details = {"message": message, "reason": code, **facts}
    return {"error": {"code": code, "message": message, "details": details, "correlation_id": correlation_id()}}


def render_bug() -> Response:
    """The answer when something broke that nobody foresaw; the log has the trace under the same id."""
    message = "something broke on our side; the correlation id finds it in the server's log"
    return JSONResponse(envelope("internal_error", message, {}), status_code=500)


async def on_error(_request: Request, error: Exception) -> Response:
    """FastAPI's handler of our own errors."""
    assert isinstance(error, VoiceEngineError)
    return render(error)


async def on_bug(_request: Request, _error: Exception) -> Response:
    """FastAPI's handler of everything else; it raises the error again afterwards, to be logged at the edge."""
    return render_bug()


async def on_invalid(_request: Request, error: Exception) -> Response:
    """FastAPI's handler of requests that do not fit their schema: all faults together, with 400."""
    assert isinstance(error, RequestValidationError)
    return render(validation_error(error.errors()))


async def on_http(_request: Request, error: Exception) -> Response:
    """Starlette's handler of unknown routes and methods."""
    assert isinstance(error, HTTPException)
    code = CODE_BY_STATUS.get(error.status_code, "invalid_request")
    words = {"not_found": "there is no such path", "method_not_allowed": "this path has no such method"}
    message = words.get(code, str(error.detail))
    headers, facts = dict(error.headers or {}), too_large(error)
    return JSONResponse(envelope(code, message, facts), status_code=error.status_code, headers=headers)


def too_large(error: HTTPException) -> dict[str, Any]:
    """What a body that was too large is told beside the message; nothing of other faults."""
    return {"reason": "body_too_large", "maxBytes": error.most} if isinstance(error, BodyTooLarge) else {}


def validation_error(faults: Sequence[Mapping[str, Any]]) -> InvalidInput:
    """One error that names every field at fault."""
    fields = [{"field": _field(fault), "message": _words(fault)} for fault in faults]
    first = f"{fields[0]['field']} {fields[0]['message']}" if fields else "the request does not fit its schema"
    more = f" (and {len(fields) - 1} more; see details.fields)" if len(fields) > 1 else ""
    return InvalidInput("validation_error", first + more, details={"fields": fields})


def field_error(field: str, message: str) -> InvalidInput:
    """`validation_error` of one field, found after the schema was checked."""
    return InvalidInput(
        "validation_error", f"{field} {message}", details={"fields": [{"field": field, "message": message}]}
    )


def _field(fault: Mapping[str, Any]) -> str:
    place = [str(part) for part in fault.get("loc", ())]
    inner = place[1:] if place and place[0] in {"body", "query", "path", "header"} else place
    return ".".join(inner) or "body"


def _words(fault: Mapping[str, Any]) -> str:
    if fault.get("type") == "json_invalid":
        return "is not valid JSON"
    message = str(fault.get("msg", "is not valid"))
    return message.removeprefix("Value error, ").removeprefix("Input ")
