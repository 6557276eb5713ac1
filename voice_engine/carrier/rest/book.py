"""The exchange's book of calls: their statuses, and the callbacks that tell of every change.

A status callback has the words of Twilio's page: `answered` arrives with CallStatus in-progress, `completed` with
the status that the call ended in, and SequenceNumber counts those that were sent.
"""

import math
import secrets
from collections.abc import Mapping

from voice_engine.carrier.record import CallRecord
from voice_engine.carrier.rest.answers import rfc2822
from voice_engine.carrier.rest.call import SIP_CODES, Call, Direction, Webhook
from voice_engine.carrier.rest.parts import ExchangeParts
from voice_engine.ports.telephony import CallStatus

KEPT_CALLS = 10_000
"""Calls that are listed; beyond it the oldest finished ones are forgotten."""


def new_sid(prefix: str) -> str:
    """A fresh id: the prefix and 32 hexadecimal digits."""
    return f"{prefix}{secrets.token_hex(16)}"


class CallBook:
    """Every call of the exchange."""

    def __init__(self, parts: ExchangeParts) -> None:
        self._parts = parts
        self._calls: dict[str, Call] = {}

    def open(self, *, to: str, from_number: str, direction: Direction, parent_sid: str | None = None) -> Call:
        """Enter a new call, queued."""
        record = CallRecord(
            call_sid=new_sid("CA"),
            to=to,
            direction="inbound" if direction == "inbound" else "outbound",
            status=CallStatus.QUEUED.value,
        )
        call = Call(
            record=record,
            account_sid=self._parts.account_sid,
            to=to,
            from_number=from_number,
            direction=direction,
            created_at=self._parts.now(),
            parent_sid=parent_sid,
        )
        self._calls[call.sid] = call
        self._forget()
        return call

    def find(self, sid: str) -> Call | None:
        """A call by its id."""
        return self._calls.get(sid)

    def all(self) -> list[Call]:
        """All calls, newest first."""
        return list(self._calls.values())[::-1]

    def dialling(self, call: Call) -> None:
        """The call leaves the queue."""
        self._tell(call, "initiated", CallStatus.INITIATED, {})

    def move(self, call: Call, status: CallStatus, *, sip_code: int | None = None) -> None:
        """A call's status changes, and its callbacks hear of it; an ended call stays as it is."""
        if call.status.over:
            return
        if status.over:
            self._end(call, status, sip_code or SIP_CODES[status])
            return
        self._set(call, status)
        if status is CallStatus.RINGING:
            self._tell(call, "ringing", status, {})
        elif status is CallStatus.IN_PROGRESS:
            call.started_at = self._parts.now()
            call.record.answered_at_ms = self._parts.clock.now_ms()
            self._tell(call, "answered", status, {})

    def post(self, hook: Webhook, form: Mapping[str, str], *, event: str, order: str) -> None:
        """Send a callback in the background."""
        self._parts.callbacks.tell(hook.url, form, event=event, order=order, method=hook.method)

    def _end(self, call: Call, status: CallStatus, sip_code: int) -> None:
        call.ended_at = self._parts.now()
        ended_ms = call.record.ended_at_ms = self._parts.clock.now_ms()
        began_ms = call.record.answered_at_ms
        self._set(call, status)
        call.duration_s = None if began_ms is None else max(1, round((ended_ms - began_ms) / 1000))
        seconds = call.duration_s or 0
        extra = {"SipResponseCode": str(sip_code), "CallDuration": str(seconds)}
        if call.duration_s is not None:
            extra["Duration"] = str(math.ceil(seconds / 60))
        self._tell(call, "completed", status, extra)
        call.running = None

    def _set(self, call: Call, status: CallStatus) -> None:
        call.status = status
        call.record.status = status.value
        call.updated_at = self._parts.now()

    def _tell(self, call: Call, event: str, status: CallStatus, extra: Mapping[str, str]) -> None:
        if call.status_hook is None or event not in call.status_events:
            return
        form = call.form() | {
            "CallStatus": status.value,
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
            "Timestamp": rfc2822(self._parts.now()) or "",
        }
        call.sequence += 1
        self.post(call.status_hook, form | dict(extra), event=event, order=call.sid)

    def _forget(self) -> None:
        while len(self._calls) > KEPT_CALLS:
            oldest = next((sid for sid, call in self._calls.items() if call.status.over), None)
            if oldest is None:
                return
            del self._calls[oldest]
