"""A Call resource of the REST half: what was ordered, how far it came, its JSON and its callbacks' form."""

import asyncio
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from voice_engine.carrier.record import CallRecord
from voice_engine.carrier.rest.amd import AmdSettings
from voice_engine.carrier.rest.answers import API_VERSION, E164, ApiError, Form, rfc2822
from voice_engine.carrier.running import RunningCall
from voice_engine.carrier.switch import Document
from voice_engine.carrier.verbs import STATUS_EVENTS
from voice_engine.ports.telephony import CallStatus

Direction = Literal["inbound", "outbound-api", "outbound-dial"]

MAX_TWIML_CHARS = 4000
"""Of the `Twiml` parameter."""

SIP_CODES: Mapping[CallStatus, int] = MappingProxyType(
    {
        CallStatus.COMPLETED: 200,
        CallStatus.BUSY: 486,
        CallStatus.NO_ANSWER: 487,
        CallStatus.CANCELED: 487,
        CallStatus.FAILED: 404,
    }
)
"""`SipResponseCode` of the last status callback (RFC 3261's codes)."""

_SEND_DIGITS = re.compile(r"[0-9*#wWA-D]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A URL and how it is asked."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """A checked POST /Calls."""

    to: str
    from_number: str
    answer: Webhook | None
    twiml: str | None
    fallback: Webhook | None = None
    status: Webhook | None = None
    status_events: tuple[str, ...] = ("completed",)
    timeout_s: int = 60
    time_limit_s: int = 14_400
    send_digits: str | None = None
    amd: AmdSettings | None = None
    amd_async: bool = False
    amd_callback: Webhook | None = None
    record: bool = False
    record_dual: bool = False
    recording_callback: Webhook | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call; only its own task changes it. `stop` is set to end it while it rings."""

    record: CallRecord
    account_sid: str
    to: str
    from_number: str
    direction: Direction
    created_at: dt.datetime
    status: CallStatus = CallStatus.QUEUED
    updated_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    duration_s: int | None = None
    answered_by: str | None = None
    parent_sid: str | None = None
    number_sid: str | None = None
    status_hook: Webhook | None = None
    status_events: tuple[str, ...] = ("completed",)
    sequence: int = 0
    running: RunningCall | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    before_answer: Document | None = None
    """TwiML that an update gave while the call was still ringing."""

    @property
    def sid(self) -> str:
        """The call's id."""
        return self.record.call_sid

    def form(self) -> dict[str, str]:
        """The parameters that every request about this call carries."""
        return {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.from_number,
            "To": self.to,
            "Caller": self.from_number,
            "Called": self.to,
            "CallStatus": self.status.value,
            "Direction": self.direction,
            "ApiVersion": API_VERSION,
        } | ({"ParentCallSid": self.parent_sid} if self.parent_sid else {})

    def json(self) -> dict[str, Any]:
        """The resource as Twilio writes it."""
        base = f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "parent_call_sid": self.parent_sid,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.from_number,
            "from_formatted": self.from_number,
            "phone_number_sid": self.number_sid,
            "status": self.status.value,
            "direction": self.direction,
            "answered_by": self.answered_by,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.updated_at or self.created_at),
            "start_time": rfc2822(self.started_at),
            "end_time": rfc2822(self.ended_at),
            "duration": None if self.duration_s is None else str(self.duration_s),
            "price": None,
            "price_unit": "USD",
            "api_version": API_VERSION,
            "annotation": None,
            "caller_name": None,
            "forwarded_from": None,
            "group_sid": None,
            "queue_time": "0",
            "trunk_sid": None,
            "uri": f"{base}.json",
            "subresource_uris": {"recordings": f"{base}/Recordings.json"},
        }


def read_order(form: Form) -> CallOrder:
    """Check a POST /Calls as Twilio does. Raises ApiError."""
    to = form.get("To")
    if to is None:
        raise ApiError(400, 21201, "No 'To' number is specified")
    if not E164.fullmatch(to):
        raise ApiError(400, 21211, f"The phone number you are attempting to call, {to}, is not valid.")
    caller = form.get("From")
    if caller is None:
        raise ApiError(400, 21213, "No 'From' number is specified")
    if not E164.fullmatch(caller):
        raise ApiError(400, 21212, f"The 'From' number {caller} is not a valid phone number.")
    url = form.url("Url")
    twiml = form.get("Twiml")
    if url is None and twiml is None:
        raise ApiError(400, 21205, "Url parameter is required.")
    if twiml is not None and len(twiml) > MAX_TWIML_CHARS:
        raise ApiError(400, 21618, f"Twiml is limited to {MAX_TWIML_CHARS} characters")
    send_digits = form.get("SendDigits")
    if send_digits is not None and not _SEND_DIGITS.fullmatch(send_digits):
        raise ApiError(400, 21205, f"SendDigits {send_digits} is not valid")
    return CallOrder(
        to=to,
        from_number=caller,
        answer=None if url is None else Webhook(url=url, method=form.method("Method")),
        twiml=twiml if url is None else None,
        fallback=_hook(form, "FallbackUrl", "FallbackMethod"),
        status=_hook(form, "StatusCallback", "StatusCallbackMethod", code=21609),
        status_events=_status_events(form),
        timeout_s=form.whole("Timeout", 60, least=1, most=600),
        time_limit_s=form.whole("TimeLimit", 14_400, least=1, most=86_400),
        send_digits=send_digits,
        amd=None if send_digits else _amd(form),
        amd_async=form.flag("AsyncAmd"),
        amd_callback=_hook(form, "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod"),
        record=form.flag("Record"),
        record_dual=form.get("RecordingChannels") == "dual",
        recording_callback=_hook(form, "RecordingStatusCallback", "RecordingStatusCallbackMethod"),
    )


def _hook(form: Form, url: str, method: str, *, code: int = 21205) -> Webhook | None:
    target = form.url(url, code=code)
    return None if target is None else Webhook(url=target, method=form.method(method))


def _status_events(form: Form) -> tuple[str, ...]:
    """Repeated fields; one that is joined by spaces is an unknown event, and unknown events are never sent."""
    events = tuple(event for event in form.all("StatusCallbackEvent") if event in STATUS_EVENTS)
    return events if "StatusCallbackEvent" in form else ("completed",)


def _amd(form: Form) -> AmdSettings | None:
    mode = form.get("MachineDetection")
    if mode is None:
        return None
    if mode not in ("Enable", "DetectMessageEnd"):
        raise ApiError(400, 21230, "MachineDetection must be Enable or DetectMessageEnd")
    return AmdSettings(
        message_end=mode == "DetectMessageEnd",
        speech_ms=form.whole("MachineDetectionSpeechThreshold", 2_400, least=1_000, most=6_000),
        silence_after_speech_ms=form.whole("MachineDetectionSpeechEndThreshold", 1_200, least=500, most=5_000),
        silence_ms=form.whole("MachineDetectionSilenceTimeout", 5_000, least=2_000, most=10_000),
        timeout_ms=1_000 * form.whole("MachineDetectionTimeout", 30, least=3, most=59),
    )
