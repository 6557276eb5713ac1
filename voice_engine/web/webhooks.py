"""The carrier's voice webhooks: checked signature in, TwiML out."""

import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import assert_never
from urllib.parse import parse_qs

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from voice_engine.telephony.twilio import twiml
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.calls import CallHandler, ConnectTo, HangUp, IncomingCall, PlayDigits, Reconnect
from voice_engine.web.drain import Drain
from voice_engine.web.gate import TICKET_PARAMETER
from voice_engine.web.settings import NEXT_PATH, WebSettings
from voice_engine.web.tickets import Tickets

MAX_BODY_BYTES = 64 * 1024
"""Our cap on a webhook's body; the carrier's own have about 1 kB."""

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}", re.ASCII)
_log = structlog.get_logger(__name__)

Form = Mapping[str, Sequence[str]]


class VoiceWebhooks:
    """`voice`: a call came in. `next`: its stream ended, what now?"""

    def __init__(self, handler: CallHandler, tickets: Tickets, drain: Drain, settings: WebSettings) -> None:
        self._handler = handler
        self._tickets = tickets
        self._drain = drain
        self._settings = settings
        self._validator = SignatureValidator(settings.auth_token, settings.public_url)

    async def voice(self, request: Request) -> Response:
        """Answer a new call with a ticketed stream, or with a busy signal when there is no room."""
        form = await self._signed_form(request)
        if isinstance(form, Response):
            return form
        call = _incoming(form)
        if call is None:
            return PlainTextResponse("CallSid is missing", status_code=400)
        if self._handler.is_live(call.call_sid):  # the carrier repeats a webhook whose answer it did not get
            return _xml(twiml.connect_stream(self._target(call)))
        refusal = self._refusal()
        parameters = None if refusal else self._handler.admit(call)
        if parameters is None:
            _log.warning("call.refused", call_sid=call.call_sid, reason=refusal or "engine_busy")
            return _xml(twiml.reject("busy"))
        return _xml(twiml.connect_stream(self._target(replace(call, parameters=dict(parameters)))))

    async def next(self, request: Request) -> Response:
        """A stream ended: play digits, transfer, or connect again while the call is up; else hang up."""
        form = await self._signed_form(request)
        if isinstance(form, Response):
            return form
        call = _incoming(form)
        return _xml(twiml.hang_up() if call is None else self._go_on(call))

    def _go_on(self, call: IncomingCall) -> str:
        match self._handler.what_next(call.call_sid):
            case Reconnect():
                return twiml.connect_stream(self._target(call))
            case PlayDigits(digits=digits):
                return twiml.play_digits(digits, self._target(call))
            case ConnectTo(number=number):
                return twiml.dial(number)
            case HangUp():
                return twiml.hang_up()
            case other:
                assert_never(other)

    def _refusal(self) -> str | None:
        if self._drain.draining:
            return "draining"
        full = self._handler.live + len(self._tickets) >= self._settings.max_calls
        return "full" if full else None

    def _target(self, call: IncomingCall) -> twiml.StreamTarget:
        ticket = self._tickets.issue(call)
        return twiml.StreamTarget(
            url=self._settings.stream_url,
            parameters={**call.parameters, TICKET_PARAMETER: ticket},
            action=f"{self._settings.public_url}{NEXT_PATH}",
        )

    async def _signed_form(self, request: Request) -> Form | Response:
        """The form of a request that the carrier signed, or the refusal."""
        body = await _bounded_body(request)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        signature = request.headers.get("x-twilio-signature", "")
        if not self._validator.webhook(request.url.path, request.url.query, form, signature):
            _log.warning("webhook.refused", reason="bad_signature", path=request.url.path)
            return PlainTextResponse("signature does not match", status_code=403)
        return form


def _incoming(form: Form) -> IncomingCall | None:
    def first(name: str) -> str:
        return form.get(name, [""])[0]

    if not _CALL_SID.fullmatch(first("CallSid")):
        return None
    return IncomingCall(
        call_sid=first("CallSid"),
        account_sid=first("AccountSid"),
        caller=first("From"),
        callee=first("To"),
        direction=first("Direction"),
    )


async def _bounded_body(request: Request) -> bytes | None:
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return None
    return bytes(body)


def _xml(document: str) -> Response:
    return Response(document, media_type="application/xml")
