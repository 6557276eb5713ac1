"""The carrier's voice webhooks: checked signature in, TwiML out."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import assert_never
from urllib.parse import parse_qs, urlencode

import structlog
from starlette.requests import Request
from starlette.responses import Response

from voice_engine.telephony.twilio import twiml
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.calls import (
    BRIDGE,
    LEG,
    Admitted,
    Answer,
    CallbackKind,
    CallHandler,
    ConnectTo,
    HangUp,
    IncomingCall,
    JoinRoom,
    PlayDigits,
    Reconnect,
    Refuse,
    Say,
    TakeVoicemail,
)
from voice_engine.web.dialects import dialect_of
from voice_engine.web.gate import TICKET_PARAMETER
from voice_engine.web.room import Room
from voice_engine.web.settings import CALLBACK_PATHS, NEXT_PATH, VOICE_PATHS, WebSettings
from voice_engine.web.tickets import Tickets

MAX_BODY_BYTES = 64 * 1024
"""Our cap on a webhook's body; the carrier's own have about 1 kB."""

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}", re.ASCII)
_log = structlog.get_logger(__name__)

Form = Mapping[str, Sequence[str]]


class VoiceWebhooks:
    """`voice`: a call came in. `next`: its stream ended, what now?"""

    def __init__(self, handler: CallHandler, tickets: Tickets, room: Room, settings: WebSettings) -> None:
        self._handler = handler
        self._tickets = tickets
        self._room = room
        self._settings = settings
        self._validator = SignatureValidator(settings.auth_token, settings.public_url)

    async def voice(self, request: Request) -> Response:
        """Answer a new call: with a ticketed stream, a transfer, a voicemail box, or a busy signal."""
        dialect = dialect_of(request.url.path)
        form = await self._signed_form(request)
        if isinstance(form, Response):
            return form
        call = _incoming(form, dict(request.query_params))
        return dialect.without_call() if call is None else dialect.document(await self._take(call))

    async def _take(self, call: IncomingCall) -> str:
        if self._handler.is_live(call.call_sid):  # the carrier repeats a webhook whose answer it did not get
            return twiml.connect_stream(self._target(call))
        # A leg of a call that is up is no new call.
        if call.bridge is None and (refusal := self._room.refusal(dialled=call.dialled is not None)):
            _log.warning("call.refused", call_sid=call.call_sid, reason=refusal)
            self._handler.count_refusal(refusal)
            if call.dialled is None:
                return twiml.reject("busy")
            await self._handler.turn_away(call)  # it was answered: too late to be busy
            return twiml.hang_up()
        with self._room.planning():
            return self._answer(call, await self._handler.admit(call))

    def _answer(self, call: IncomingCall, answer: Answer) -> str:
        match answer:
            case Admitted(call=admitted):
                return twiml.connect_stream(self._target(admitted))
            case ConnectTo(number=number, caller_id=caller_id, ring_s=ring_s, ask_after=ask_after):
                again = f"{self._settings.public_url}{VOICE_PATHS[0]}?after=dial" if ask_after else None
                return twiml.dial(number, caller_id=caller_id, timeout_s=ring_s, action=again)
            case TakeVoicemail(greeting=greeting, language=language, max_seconds=seconds):
                url = f"{self._settings.public_url}{CALLBACK_PATHS['recording'][0]}?kind=voicemail"
                return twiml.voicemail(greeting, language=language, max_seconds=seconds, status_url=url)
            case Say(text=text, language=language):
                return twiml.notice(text, language=language)
            case HangUp():
                return twiml.hang_up()
            case Refuse(reason=reason):
                _log.warning("call.refused", call_sid=call.call_sid, reason=f"engine_{reason}")
                return twiml.reject(reason)
            case other:
                assert_never(other)

    def callback(self, kind: CallbackKind) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of one kind of report. The answer is an empty document: the carrier may run it."""

        async def receive(request: Request) -> Response:
            form = await self._signed_form(request)
            if isinstance(form, Response):
                return form
            await self._handler.callback(kind, dict(request.query_params), _flat(form))
            return dialect_of(request.url.path).noted()

        return receive

    async def next(self, request: Request) -> Response:
        """A stream ended: play digits, transfer, or connect again while the call is up; else hang up."""
        form = await self._signed_form(request)
        if isinstance(form, Response):
            return form
        call = _incoming(form, {})
        document = twiml.hang_up() if call is None else self._go_on(call)
        return dialect_of(request.url.path).document(document)

    def _go_on(self, call: IncomingCall) -> str:
        match self._handler.what_next(call.call_sid):
            case Reconnect():
                return twiml.connect_stream(self._target(call))
            case PlayDigits(digits=digits):
                return twiml.play_digits(digits, self._target(call))
            case ConnectTo(number=number, caller_id=caller_id, ring_s=ring_s):
                return twiml.dial(number, caller_id=caller_id, timeout_s=ring_s)
            case JoinRoom(name=name):
                url = f"{self._settings.public_url}{CALLBACK_PATHS['conference'][0]}"
                return twiml.conference(name, status_url=url)
            case HangUp():
                return twiml.hang_up()
            case other:
                assert_never(other)

    def _target(self, call: IncomingCall) -> twiml.StreamTarget:
        ticket = self._tickets.issue(call)
        return twiml.StreamTarget(
            url=self._settings.stream_url,
            parameters={**call.parameters, TICKET_PARAMETER: ticket},
            action=f"{self._settings.public_url}{NEXT_PATH}",
            status_url=f"{self._settings.public_url}{CALLBACK_PATHS['stream'][0]}{_ids(call)}",
        )

    async def _signed_form(self, request: Request) -> Form | Response:
        """The form of a request that the carrier signed, or the refusal."""
        body = await _bounded_body(request)
        if body is None:
            return dialect_of(request.url.path).too_large()
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        signature = request.headers.get("x-twilio-signature", "")
        if not self._validator.webhook(request.url.path, request.url.query, form, signature):
            _log.warning("webhook.refused", reason="bad_signature", path=request.url.path)
            return dialect_of(request.url.path).unsigned()
        return form


def _ids(call: IncomingCall) -> str:
    """Our own name of a call, as a query: what the carrier tells of its streams comes back with it."""
    if call.bridge is not None:
        return f"?{urlencode({BRIDGE: call.bridge, LEG: call.query.get(LEG, '')})}"
    return "" if call.spec is None else f"?{urlencode({'call_id': call.spec.call_id})}"


def _flat(form: Form) -> dict[str, str]:
    return {name: values[0] for name, values in form.items()}


def _incoming(form: Form, query: Mapping[str, str]) -> IncomingCall | None:
    said = _flat(form)
    if not _CALL_SID.fullmatch(said.get("CallSid", "")):
        return None
    return IncomingCall(
        call_sid=said["CallSid"],
        account_sid=said.get("AccountSid", ""),
        caller=said.get("From", ""),
        callee=said.get("To", ""),
        direction=said.get("Direction", ""),
        query=query,
        form=said,
    )


async def _bounded_body(request: Request) -> bytes | None:
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return None
    return bytes(body)
