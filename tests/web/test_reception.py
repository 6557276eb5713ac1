"""The web surface's inbound desk: reception's decisions in the webhooks' words."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.call_rig import RECEPTIONIST
from tests.web.fakes import call
from voice_engine.domains.inbound.decisions import (
    Converse,
    Decision,
    Forward,
    LeaveMessage,
    Nobody,
    Over,
    Reject,
)
from voice_engine.web.calls import ConnectTo, HangUp, Plan, Refuse, Say, TakeVoicemail, Talk
from voice_engine.web.reception import ReceptionDesk, as_plan

NOW = dt.datetime(2026, 2, 13, 15, 30, tzinfo=dt.UTC)


class Hall:
    """Reception and voicemails that note what they are asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.forms: list[Mapping[str, str]] = []

    async def receive(self, call_sid: str, caller: str, called: str, **facts: Any) -> Decision:
        self.asked.append({"sid": call_sid, "caller": caller, "called": called, **facts})
        return Over()

    async def recorded(self, form: Mapping[str, str]) -> None:
        self.forms.append(form)


class Browsers:
    """Rings whatever a browser names."""

    async def receive(self, caller: str, called: str) -> Decision:
        return Forward(number=called, caller_id="+14155550100", ring_s=45, ask_after=False)


@pytest.mark.parametrize(
    ("decision", "plan"),
    [
        (Converse(spec=RECEPTIONIST), Talk(spec=RECEPTIONIST)),
        (
            Forward(number="+14155551234", caller_id="+14155550100", ring_s=12),
            ConnectTo(number="+14155551234", caller_id="+14155550100", ring_s=12, ask_after=True),
        ),
        (
            LeaveMessage(greeting="Hi", language="es", max_seconds=60),
            TakeVoicemail(greeting="Hi", language="es", max_seconds=60),
        ),
        (Reject(reason="busy"), Refuse(reason="busy")),
        (Nobody(), Say(text="The number you have dialed is not in service. Goodbye.", language="en")),
        (Over(), HangUp()),
    ],
)
def test_every_decision_has_its_plan(decision: Decision, plan: Plan) -> None:
    """One to one."""
    assert as_plan(decision) == plan


@pytest.mark.parametrize(
    ("query", "form", "answered", "talked"),
    [
        ({}, {}, None, None),
        ({"after": "dial"}, {"DialCallStatus": "completed", "DialCallDuration": "42"}, True, 42),
        ({"after": "dial"}, {"DialCallStatus": "answered"}, True, 0),
        ({"after": "dial"}, {"DialCallStatus": "no-answer"}, False, None),
        ({"after": "dial"}, {"DialCallStatus": "busy", "DialCallDuration": "0"}, False, None),
        ({"after": "dial"}, {}, False, None),
        ({"after": "other"}, {"DialCallStatus": "completed"}, None, None),
    ],
)
async def test_a_call_whose_forwarding_has_rung_is_told_apart(
    query: dict[str, str], form: dict[str, str], answered: bool | None, talked: int | None
) -> None:
    """By our own word in the URL, and the carrier's in the form."""
    hall = Hall()
    desk = ReceptionDesk(hall, hall, browsers=Browsers(), now=lambda: NOW)

    plan = await desk.plan(replace(call(), query=query, form=form))

    assert plan == HangUp()
    assert (hall.asked[0]["answered_elsewhere"], hall.asked[0]["talked_s"]) == (answered, talked)
    assert hall.asked[0]["at"] == NOW


async def test_a_recording_goes_to_the_voicemails() -> None:
    """With the carrier's form."""
    hall = Hall()

    await ReceptionDesk(hall, hall, browsers=Browsers(), now=lambda: NOW).recorded(
        {"kind": "voicemail"}, {"CallSid": "CA1"}
    )

    assert hall.forms == [{"CallSid": "CA1"}]


async def test_a_browsers_leg_is_not_a_call_to_our_numbers() -> None:
    """Reception is not asked, and no row is written for it."""
    hall = Hall()
    desk = ReceptionDesk(hall, hall, browsers=Browsers(), now=lambda: NOW)
    leg = replace(call(), caller="client:org_o1:user_u1", callee="+12125550143")
    assert await desk.plan(leg) == ConnectTo(number="+12125550143", caller_id="+14155550100", ring_s=45)
    assert hall.asked == []
