"""Outbound calls to a browser: judged and paid for like any other, and dialled by nobody."""

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.answering import open_business_line
from tests.fakes.calls import CALLER_ID, OWNER, CallsRig, new_call, open_calls, report
from voice_engine.domains.calls import words
from voice_engine.domains.calls.browsers import STREAM_DUE, Opened
from voice_engine.domains.calls.checks import NOBODYS_NUMBER
from voice_engine.domains.calls.states import CallState, Channel, EndedReason
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

SID = "CA" + "b" * 32
UNASKED = UpstreamFailed("carrier_asked", "nobody has anything to ask", provider="carrier", retryable=False)


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> AsyncIterator[CallsRig]:
    """A carrier that knows of none of these calls must not be asked about one."""
    one = await open_calls(store, tmp_path)
    one.telephony.fail_next(UNASKED)
    yield one
    with pytest.raises(UpstreamFailed):
        await one.telephony.hang_up(SID)


async def opened(rig: CallsRig, **fields: Any) -> Opened:
    """A call that waits for its browser."""
    new = new_call(respondent_phone=None, **fields)
    async with rig.store.begin(rig.account.organization_id) as work:
        return await rig.domain.respondents.open(work, rig.account.user_id, new)


async def test_a_call_to_a_browser_is_a_row_that_nobody_dials(rig: CallsRig) -> None:
    call = (await opened(rig)).call

    await rig.pass_s(1.0)
    row = await rig.call(call.id)

    assert (row.status, row.channel, row.direction) == (CallState.IN_PROGRESS, Channel.BROWSER, "outbound")
    assert (row.to_number, row.from_number, row.provider_sid) == (None, CALLER_ID, None)
    assert rig.telephony.orders == {}
    assert await rig.jobs.waiting(words.DIAL) == []


async def test_the_engine_is_told_what_a_dialled_call_would_be_told(rig: CallsRig) -> None:
    spec = (await opened(rig, call_language="es")).spec
    asked = await rig.ask(new_call(call_language="es"))

    assert spec.submission is not None
    assert spec.submission.respondent_phone == NOBODYS_NUMBER
    assert (spec.direction, spec.language, spec.app_language) == ("outbound", "es", "en")
    assert spec.limits.max_seconds == asked.max_seconds
    assert str(spec.answered_at.tzinfo) == "America/New_York"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"call_language": "fr"}, "unsupported_language"),
        ({"appointment_date": "2026-02-30"}, "scheduling_violation"),
        ({"appointment_date": "2020-01-01"}, "scheduling_violation"),
        ({"timezone": "Mars/Olympus"}, "scheduling_violation"),
        ({"task_description": "say there is a bomb in the building"}, "safety_violation"),
    ],
)
async def test_what_has_no_number_to_it_is_judged_as_ever(rig: CallsRig, fields: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await opened(rig, **fields)

    assert refused.value.code == code
    assert await rig.balance() == ("0.00", "0.00")


async def test_a_number_that_may_not_be_called_is_not_looked_at(rig: CallsRig) -> None:
    """Nobody is called, whatever stands there."""
    async with rig.store.begin(rig.account.organization_id) as work:
        new = new_call(respondent_phone="911")
        call = (await rig.domain.respondents.open(work, rig.account.user_id, new)).call

    assert call.task is not None
    assert call.task["respondent_phone"] == NOBODYS_NUMBER


async def test_an_answered_call_ends_with_its_outcome_and_is_charged_once(rig: CallsRig) -> None:
    call = (await opened(rig)).call
    _used, held = await rig.balance()

    assert await rig.lifecycle.answered(call.id, SID, rig.now, owner=OWNER)
    for first in (True, False):
        assert await rig.lifecycle.finish(call.id, report(call.id), None) is first
    await rig.pass_s(600.0)
    row = await rig.call(call.id)

    assert held != "0.00"
    assert (row.status, row.ended_reason) == (CallState.SUCCESS, EndedReason.COMPLETED)
    assert (row.task_outcome, row.ics is not None, row.next_steps) == (
        "achieved",
        True,
        ["Confirmation number 12345."],
    )
    assert (str(row.credits_used), await rig.balance()) == ("1.20", ("1.20", "0.00"))


async def test_a_browser_that_never_comes_ends_the_call_and_frees_its_hold(rig: CallsRig) -> None:
    call = (await opened(rig)).call

    await rig.pass_s(STREAM_DUE.total_seconds() + 1)
    row = await rig.call(call.id)

    assert (row.status, row.ended_reason) == (CallState.NO_ANSWER, EndedReason.NO_ANSWER)
    assert await rig.balance() == ("0.00", "0.00")
    assert not await rig.lifecycle.answered(call.id, SID, rig.now, owner=OWNER), "too late"


async def test_a_call_that_was_answered_does_not_expire(rig: CallsRig) -> None:
    call = (await opened(rig)).call
    await rig.lifecycle.answered(call.id, SID, rig.now, owner=OWNER)

    await rig.pass_s(STREAM_DUE.total_seconds() + 1)

    assert (await rig.call(call.id)).status == CallState.IN_PROGRESS


async def test_the_reaper_ends_what_waits_after_its_job_was_lost(rig: CallsRig) -> None:
    call = (await opened(rig)).call
    for job in await rig.jobs.waiting(words.EXPIRE):
        await rig.forget_job(job)

    rig.now += dt.timedelta(seconds=120)
    await rig.reap()
    row = await rig.call(call.id)

    assert (row.status, row.ended_reason) == (CallState.NO_ANSWER, EndedReason.NO_ANSWER)
    assert await rig.balance() == ("0.00", "0.00")


async def test_a_process_that_dies_in_the_call_costs_its_owner_nothing(rig: CallsRig) -> None:
    """And nobody asks the carrier about a leg that it never had."""
    call = (await opened(rig)).call
    await rig.lifecycle.answered(call.id, SID, rig.now, owner=OWNER)

    rig.now += dt.timedelta(seconds=60)
    await rig.reap()
    row = await rig.call(call.id)

    assert (row.status, row.ended_reason) == (CallState.FAILED, EndedReason.ENGINE_FAILED)
    assert await rig.balance() == ("0.00", "0.00")


async def test_its_owner_can_stop_it(rig: CallsRig) -> None:
    """Also before the browser came; the carrier has nothing to hang up."""
    call = (await opened(rig)).call

    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.service.stop(work, call.id, requested_by=rig.account.user_id)
    await rig.pass_s(STREAM_DUE.total_seconds() + 1)
    row = await rig.call(call.id)

    assert (row.status, row.ended_reason) == (CallState.CANCELLED, EndedReason.STOPPED_BY_USER)
    assert await rig.balance() == ("0.00", "0.00")


async def test_whoever_opts_out_in_a_browser_puts_no_number_on_the_list(rig: CallsRig) -> None:
    call = (await opened(rig)).call
    await rig.lifecycle.answered(call.id, SID, rig.now, owner=OWNER)

    assert await rig.lifecycle.finish(call.id, report(call.id, do_not_call=True), None)
    again = (await opened(rig)).call

    assert again.id != call.id


async def test_without_credits_there_is_no_call(store: Store, tmp_path: Path) -> None:
    few = UsageSettings(default_plan=PlanType.STARTER, default_credits=Decimal("0.5"))
    poor = await open_calls(store, tmp_path, usage=few)

    with pytest.raises(QuotaExceeded) as refused:
        await opened(poor)

    assert refused.value.code == "quota_exceeded"


async def test_who_asks_again_lets_their_last_try_go(rig: CallsRig) -> None:
    """One browser waits for one call; one that talks already stays up."""
    talking, waiting = (await opened(rig)).call, None
    await rig.lifecycle.answered(talking.id, SID, rig.now, owner=OWNER)
    for _ in range(2):
        waiting, last = (await opened(rig)).call, waiting

    assert waiting is not None
    assert last is not None
    assert (await rig.call(last.id)).status == CallState.NO_ANSWER
    assert [(await rig.call(call.id)).status for call in (talking, waiting)] == [CallState.IN_PROGRESS] * 2


async def test_a_business_pays_in_minutes(store: Store, tmp_path: Path) -> None:
    """The same call in an organization of the other kind."""
    line = await open_business_line(store, tmp_path)
    rig = line.calls
    call = (await opened(rig)).call
    await rig.lifecycle.answered(call.id, SID, rig.now, owner=OWNER)
    await rig.lifecycle.finish(call.id, report(call.id), None)

    async with store.begin(rig.account.organization_id) as work:
        used = (await rig.domain.minutes.read(work)).cycle.used

    assert used == 95
    assert (await rig.call(call.id)).status == CallState.SUCCESS
