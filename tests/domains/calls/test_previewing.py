"""What a form is told of a call before it is asked for; nothing is held for it."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.fakes.calls import CALLEE, CallsRig, new_call, report
from voice_engine.domains.calls.asking import NewCall, NewDate
from voice_engine.domains.calls.previewing import USUAL_S, Preview, Previews
from voice_engine.domains.safety.hours import zone
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.call import Category

MANHATTAN = "+12125550142"


async def look(rig: CallsRig, new: NewCall) -> Preview:
    service = rig.service
    previews = Previews(service.settings, service.checks, service.meter)
    async with rig.store.read(rig.account.organization_id) as work:
        return await previews.look(work, rig.account.user_id, new, now=rig.now)


async def test_a_request_that_would_pass_is_fine_and_holds_nothing(rig: CallsRig) -> None:
    seen = await look(rig, new_call(respondent_phone=MANHATTAN, timezone=None))

    assert seen.is_fine
    assert seen.number is not None
    assert seen.number.e164 == MANHATTAN
    assert seen.due is None
    assert await rig.balance() == ("0.00", "0.00")


async def test_the_other_party_s_clock_decides(rig: CallsRig) -> None:
    """San Francisco opens at eight: in half an hour."""
    seen = await look(rig, new_call(timezone=None))

    assert seen.clock is not None
    assert seen.clock.zone == zone("America/Los_Angeles")
    assert seen.due == seen.clock.opens_at == dt.datetime(2026, 2, 13, 16, tzinfo=dt.UTC)


async def test_urgent_calls_do_not_wait_and_the_hours_are_told_all_the_same(rig: CallsRig) -> None:
    seen = await look(rig, new_call(timezone=None, is_urgent=True))

    assert seen.due is None
    assert seen.clock is not None
    assert seen.clock.opens_at is not None


async def test_each_check_has_its_own_word(rig: CallsRig) -> None:
    """A bad number does not hide a bad request."""
    seen = await look(rig, new_call(respondent_phone="911", task_description="Threaten him until he pays"))

    assert (seen.number, seen.clock) == (None, None)
    assert seen.number_refusal is not None
    assert seen.number_refusal.code == "emergency_number"
    assert seen.refusal is not None
    assert seen.refusal.code == "safety_violation"
    assert not seen.is_fine


@pytest.mark.parametrize(
    "fields",
    [
        {"appointment_date": "2020-01-01"},
        {"timezone": "Mars/Olympus"},
        {"call_language": "fr"},
        {"respondent_phone": None},
        {"respondent_phone": "+8613800138000"},
    ],
)
async def test_what_the_request_would_be_refused_for_the_preview_says(
    rig: CallsRig, fields: dict[str, object]
) -> None:
    """Of both the same code."""
    new = new_call(**fields)
    seen = await look(rig, new)

    with pytest.raises(VoiceEngineError) as refused:
        await rig.ask(new)

    assert refused.value.code in {fault.code for fault in (seen.number_refusal, seen.refusal) if fault is not None}


async def test_calls_that_were_held_say_how_long_such_calls_take(rig: CallsRig) -> None:
    first = await look(rig, new_call())
    for seconds in (30.0, 200.0, 420.0):
        call, _ = await rig.answered()
        await rig.lifecycle.finish(call.id, report(call.id, seconds=seconds), None)

    restaurant, clinic = await look(rig, new_call()), await look(rig, new_call(task_category=Category.CLINIC))

    assert first.usual_s == clinic.usual_s == USUAL_S
    assert restaurant.usual_s == 200
    assert restaurant.quote.credits == Decimal("1.4")


async def test_a_call_is_planned_by_the_clock_of_its_zone(rig: CallsRig) -> None:
    later = NewCall(
        asked=new_call(respondent_phone=CALLEE).asked, scheduled_for=NewDate(date="2026-02-13", time="12:00")
    )

    seen, call = await look(rig, later), await rig.ask(later)

    assert call.scheduled_for == seen.due == dt.datetime(2026, 2, 13, 20, tzinfo=dt.UTC)
