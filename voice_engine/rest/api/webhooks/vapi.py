"""`POST /api/webhooks/vapi`: always 200, whatever arrives; what is not authentic changes nothing."""

import asyncio
import json
from contextlib import aclosing

import structlog
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from voice_engine.domains.webhooks.service import Reply
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.webhooks.door import VapiDoor
from voice_engine.rest.api.webhooks.schemas import VapiReplyOut, failed_out, reply_out
from voice_engine.rest.requests import MOST_BODY_BYTES

router = api_router("Webhooks (Incoming)")

MOST_BYTES = 4 << 20
"""A report of twelve hours' talk with its configuration has less than that."""
BODY_WAIT_S = 10.0

_log = structlog.get_logger(__name__)


@router.post("/api/webhooks/vapi", openapi_extra=operation("signed", most_body_bytes=MOST_BYTES + MOST_BODY_BYTES))
async def vapi_webhook(request: Request) -> Response:
    """Take a server message of VAPI's: status, transcript, report, tool calls and other questions."""
    door = surface_of(request).vapi
    try:
        reply = Reply(ignored="unauthenticated") if door is None else await _take(request, door)
        answer = reply_out(reply)
    except Exception:  # noqa: BLE001  # the edge of this request: its sender is promised a 200
        _log.exception("webhooks.vapi_failed")
        answer = failed_out()
    return _render(answer)


async def _take(request: Request, door: VapiDoor) -> Reply:
    if not door.may_prove(request.headers):
        return Reply(ignored="unauthenticated")
    body = await _read(request)
    if body is None:
        return Reply(ignored="malformed")
    if not door.is_authentic(request.headers, body):
        return Reply(ignored="unauthenticated")
    try:
        payload = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return Reply(ignored="malformed")
    return await door.intake.take(payload)


async def _read(request: Request) -> bytes | None:
    """The body; None when it is too long, too slow or breaks off."""
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(BODY_WAIT_S), aclosing(request.stream()) as stream:
            async for part in stream:
                length += len(part)
                if length > MOST_BYTES:
                    return None
                parts.append(part)
    except (TimeoutError, ClientDisconnect):
        return None
    return b"".join(parts)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _render(answer: VapiReplyOut) -> Response:
    content = answer.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, headers={"Cache-Control": "no-store"})
