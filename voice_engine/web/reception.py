"""The web surface's inbound desk: what reception decides, in the webhooks' words."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Protocol, assert_never

from voice_engine.domains.answering.dashboard import CLIENT
from voice_engine.domains.inbound.decisions import (
    Announce,
    Converse,
    Decision,
    Forward,
    LeaveMessage,
    Nobody,
    Over,
    Reject,
)
from voice_engine.domains.inbound.reception import NOT_IN_SERVICE
from voice_engine.web.calls import ConnectTo, HangUp, IncomingCall, Plan, Refuse, Say, TakeVoicemail, Talk

TALKED = frozenset({"completed", "answered"})
"""Dial outcomes of which somebody was on the other end (Twilio, TwiML Dial, "DialCallStatus")."""


class Receives(Protocol):
    """What the desk needs of `domains.inbound.reception.Reception`."""

    async def receive(
        self,
        call_sid: str,
        caller: str,
        called: str,
        *,
        at: dt.datetime,
        answered_elsewhere: bool | None = None,
        talked_s: int | None = None,
    ) -> Decision:
        """As there."""
        ...


class Browsers(Protocol):
    """What the desk needs of `domains.answering.dashboard.DashboardCalls`."""

    async def receive(self, caller: str, called: str) -> Decision:
        """As there."""
        ...


class Keeps(Protocol):
    """What the desk needs of `domains.inbound.voicemails.VoicemailIntake`."""

    async def recorded(self, form: Mapping[str, str]) -> None:
        """As there."""
        ...


class ReceptionDesk:
    """`InboundDesk` over the service. `now` is the wall clock, in UTC."""

    def __init__(
        self, reception: Receives, voicemails: Keeps, *, browsers: Browsers, now: Callable[[], dt.datetime]
    ) -> None:
        self._reception = reception
        self._browsers = browsers
        self._voicemails = voicemails
        self._now = now

    async def plan(self, call: IncomingCall) -> Plan:
        """What to do with a call that came in, or whose forwarding has rung."""
        if call.caller.startswith(CLIENT):
            return as_plan(await self._browsers.receive(call.caller, call.callee))
        after_dial = call.query.get("after") == "dial"
        talked = after_dial and call.form.get("DialCallStatus") in TALKED
        decision = await self._reception.receive(
            call.call_sid,
            call.caller,
            call.callee,
            at=self._now(),
            answered_elsewhere=talked if after_dial else None,
            talked_s=_seconds(call.form.get("DialCallDuration")) if talked else None,
        )
        return as_plan(decision)

    async def recorded(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """A message was left, or was not."""
        await self._voicemails.recorded(form)


def as_plan(decision: Decision) -> Plan:
    """A decision in the webhooks' words."""
    match decision:
        case Converse(spec=spec):
            return Talk(spec=spec)
        case Forward(number=number, caller_id=caller_id, ring_s=ring_s, ask_after=ask_after):
            return ConnectTo(number=number, caller_id=caller_id, ring_s=ring_s, ask_after=ask_after)
        case LeaveMessage(greeting=greeting, language=language, max_seconds=max_seconds):
            return TakeVoicemail(greeting=greeting, language=language, max_seconds=max_seconds)
        case Announce(text=text, language=language):
            return Say(text=text, language=language)
        case Reject(reason=reason):
            return Refuse(reason=reason)
        case Nobody():
            return Say(text=NOT_IN_SERVICE["en"], language="en")
        case Over():
            return HangUp()
        case other:
            assert_never(other)


def _seconds(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0
