"""Calls of a business are held and measured in minutes, those of a person in credits, through one seam."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.domains.minutes.calls import BusinessCalls, open_business_calls
from tests.fakes.calls import new_call, open_calls, report
from voice_engine.domains.calls import words
from voice_engine.domains.minutes.plans import TIERS, Tier
from voice_engine.domains.usage.models import BillingAccount, Product
from voice_engine.errors import QuotaExceeded, UpstreamFailed
from voice_engine.ports.call import Status
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store

ALLOTTED_S = 60 * TIERS[Tier.ENTERPRISE].minutes
DOWN = UpstreamFailed("carrier_unavailable", "no", provider="twilio", retryable=True)
REFUSED = UpstreamFailed("carrier_refused", "the keys are wrong", provider="carrier", retryable=False)


@pytest.fixture
async def calls(store: Store, tmp_path: Path) -> BusinessCalls:
    return await open_business_calls(store, tmp_path)


async def used(calls: BusinessCalls) -> tuple[int, int]:
    """Seconds used and reserved."""
    cycle = await calls.minutes.cycle()
    return cycle.used, cycle.reserved


async def test_a_call_that_is_asked_for_holds_minutes(calls: BusinessCalls) -> None:
    call = await calls.ask()

    assert call.max_seconds == 900
    assert await used(calls) == (0, 900)


async def test_a_business_has_no_account_of_credits(calls: BusinessCalls) -> None:
    """Whatever of a call asks for one: checks, dial, end."""
    call, _ = await calls.answered()
    await calls.lifecycle.finish(call.id, report(call.id, seconds=95.2), None)

    async with calls.store.system("tests", writes=False) as work:
        products = (await work.session.scalars(sa.select(BillingAccount.product))).all()
    assert products == [Product.EPOCH]


async def test_a_person_pays_in_credits_as_before(store: Store, tmp_path: Path) -> None:
    rig = await open_calls(store, tmp_path)
    call, _ = await rig.answered()
    await rig.lifecycle.finish(call.id, report(call.id, seconds=95.2), None)

    assert await rig.balance() == ("1.20", "0.00")
    assert str((await rig.call(call.id)).credits_used) == "1.20"


async def test_the_engines_word_is_counted_and_costs_no_credits(calls: BusinessCalls) -> None:
    call, _ = await calls.answered()

    await calls.lifecycle.finish(call.id, report(call.id, seconds=95.2), None)

    (line,) = await calls.minutes.lines()
    ended = await calls.call(call.id)
    assert (line.seconds, line.source_id, line.occurred_at) == (95, call.id, ended.answered_at)
    assert (str(ended.credits_used), ended.duration_ms) == ("0.00", 95_200)
    assert await used(calls) == (95, 0)


async def test_a_call_that_nobody_answered_costs_nothing(calls: BusinessCalls) -> None:
    _, dial = await calls.dialled()

    await calls.says(dial, CallStatus.NO_ANSWER)

    assert await used(calls) == (0, 0)
    assert await calls.minutes.lines() == []


async def test_a_call_that_is_withdrawn_frees_its_minutes(calls: BusinessCalls) -> None:
    call = await calls.ask()
    async with calls.store.begin(call.organization_id) as work:
        await calls.service.cancel(work, call.id)

    assert await used(calls) == (0, 0)


async def test_a_call_whose_engine_failed_costs_nothing(calls: BusinessCalls) -> None:
    """It told us so itself; the carrier's length is not asked for."""
    call = await calls.talks()

    await calls.lifecycle.finish(call.id, report(call.id, credits="0", status=Status.FAILED), None)
    await calls.carrier_says(call, 40)
    await calls.pass_s(600)

    assert await used(calls) == (0, 0)
    assert await calls.minutes.lines() == []


async def test_the_carrier_measures_what_the_engine_never_told(calls: BusinessCalls) -> None:
    """Its last word came, the report did not."""
    call, dial = await calls.answered()
    await calls.says(dial, CallStatus.COMPLETED, duration_s=77)
    await calls.pass_s(calls.domain.settings.report_wait_s)

    assert await used(calls) == (77, 0)
    assert (await calls.call(call.id)).duration_ms == 77_000


@pytest.mark.parametrize("late", ["report", "callback", "job"])
async def test_a_call_whose_process_died_is_measured_by_whoever_comes_first(
    calls: BusinessCalls, late: str
) -> None:
    """Until then its minutes stay held; the others that come after change nothing."""
    call, began = await calls.talks(), calls.now
    calls.carrier_ends(call, 40, began=began)
    await calls.dies()
    assert await used(calls) == (0, 900)

    if late == "report":
        await calls.lifecycle.finish(call.id, report(call.id, seconds=40.2), None)
    elif late == "callback":
        await calls.carrier_says(call, 40)
    await calls.pass_s(30)
    await calls.lifecycle.finish(call.id, report(call.id, seconds=99), None)
    await calls.carrier_says(call, 88)

    assert await used(calls) == (40, 0)
    assert (await calls.call(call.id)).duration_ms in {40_000, 40_200}


async def test_what_was_lost_of_a_persons_call_stays_free(store: Store, tmp_path: Path) -> None:
    rig = await open_calls(store, tmp_path)
    call, dial = await rig.answered()
    rig.now += dt.timedelta(seconds=60)
    await rig.reap()

    await rig.lifecycle.finish(call.id, report(call.id), None)
    await rig.says(dial, CallStatus.COMPLETED, duration_s=60)

    assert await rig.balance() == ("0.00", "0.00")
    assert await rig.jobs.waiting(words.MEASURE) == []


async def test_a_carrier_that_is_down_is_asked_again(calls: BusinessCalls) -> None:
    call, began = await calls.talks(), calls.now
    calls.carrier_ends(call, 40, began=began)
    await calls.dies()
    calls.telephony.fail_next(DOWN)

    await calls.pass_s(30)

    assert await used(calls) == (40, 0)


async def test_what_nobody_can_measure_is_not_paid_for(calls: BusinessCalls) -> None:
    """The carrier does not know the call; nothing stays held for ever."""
    call = await calls.talks()
    await calls.dies()
    await calls.forget_at_carrier(call)

    await calls.pass_s(30)

    assert await used(calls) == (0, 0)
    assert await calls.minutes.lines() == []


async def test_a_carrier_that_refuses_to_tell_holds_no_minutes_for_ever(calls: BusinessCalls) -> None:
    """Its keys were withdrawn: it is asked as often as one that is down, and then the minutes are free."""
    await calls.talks()
    await calls.dies()
    held = await used(calls)
    calls.telephony.fail_always(REFUSED)

    await calls.pass_s(30)

    asked = [job.attempts for job in calls.jobs.ran if job.kind == words.MEASURE]
    assert (held, await used(calls), asked) == ((0, 900), (0, 0), [10])


async def test_without_minutes_nothing_is_dialled(store: Store, tmp_path: Path) -> None:
    calls = await open_business_calls(store, tmp_path)
    await calls.minutes.talk(seconds=ALLOTTED_S)

    with pytest.raises(QuotaExceeded) as refused:
        await calls.ask(new_call())

    assert refused.value.code == "minutes_exhausted"
    assert calls.telephony.orders == {}


async def test_the_limit_bounds_the_call(store: Store, tmp_path: Path) -> None:
    calls = await open_business_calls(store, tmp_path)
    await calls.minutes.talk(seconds=ALLOTTED_S - 120)

    assert (await calls.ask()).max_seconds == 120
