"""Holds, charges and refunds: each once, in the right period."""

import asyncio
import datetime as dt
import signal
import subprocess
import sys
from decimal import Decimal

import pytest

from tests.domains.usage.rig import START, Rig, open_rig
from voice_engine.domains.usage.models import SubscriptionState
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.prices import Action
from voice_engine.domains.usage.service import how_long_may_it_last
from voice_engine.errors import Conflict, NotFound, QuotaExceeded
from voice_engine.store.engine import Store

D = Decimal
FEBRUARY = dt.datetime(2026, 2, 28, 12, 0, tzinfo=dt.UTC)


async def reserve(rig: Rig, call_id: str = "call-1", *, attempt: int = 1) -> int:
    """Hold a call; how long it may last."""
    async with rig.unit() as work:
        held = await rig.usage.reserve_call(work, call_id, description="Phone call to Nobu", attempt=attempt)
    return how_long_may_it_last(held)


async def settle(rig: Rig, seconds: float | None, call_id: str = "call-1") -> Decimal:
    """End a call; what it cost."""
    async with rig.unit() as work:
        return (await rig.usage.settle_call(work, call_id, seconds)).charged


async def charge(rig: Rig, source_id: str = "search-1", action: Action = Action.SEARCH) -> Decimal:
    async with rig.unit() as work:
        return (await rig.usage.charge(work, action, source_id, description="Search")).charged


async def refund(rig: Rig, source_id: str = "call-1", credits: str | None = None) -> Decimal:
    async with rig.unit() as work:
        amount = None if credits is None else D(credits)
        return await rig.usage.refund(work, source_id, description="Our fault", credits=amount)


async def amounts(rig: Rig) -> dict[str, Decimal]:
    """What a client would read."""
    balance = (await rig.running()).balance
    return {
        "allocated": balance.allocated,
        "used": balance.used,
        "held": balance.held,
        "remaining": balance.remaining,
    }


async def test_a_new_account_begins_with_its_plans_credits(store: Store) -> None:
    rig = await open_rig(store, plan=PlanType.PRO)

    assert await amounts(rig) == {"allocated": 600, "used": 0, "held": 0, "remaining": 600}
    assert [(entry.kind, entry.credits) for entry in await rig.entries()] == [("plan_grant", D("600.00"))]


async def test_a_call_holds_fifteen_minutes_and_is_charged_what_it_took(store: Store) -> None:
    rig = await open_rig(store)

    assert await reserve(rig) == 900
    assert await amounts(rig) == {"allocated": 200, "used": 0, "held": D("2.5"), "remaining": 200}

    assert await settle(rig, 95.2) == D("1.2")
    assert await amounts(rig) == {"allocated": 200, "used": D("1.2"), "held": 0, "remaining": D("198.8")}


async def test_a_call_that_never_connected_is_free(store: Store) -> None:
    rig = await open_rig(store)
    await reserve(rig)

    assert await settle(rig, None) == 0
    assert (await amounts(rig))["remaining"] == 200


async def test_a_call_lasts_as_long_as_the_free_credits_pay(store: Store) -> None:
    rig = await open_rig(store, credits="1.35")

    assert await reserve(rig) == 180
    assert (await amounts(rig))["held"] == D("1.3")


async def test_a_call_is_never_charged_beyond_its_hold(store: Store) -> None:
    """Hanging up takes a moment after the limit; the account does not go below zero for it."""
    rig = await open_rig(store, credits="1.1")
    await reserve(rig)

    assert await settle(rig, 60.4) == D("1.1")
    assert (await amounts(rig))["remaining"] == 0


async def test_less_than_a_minute_free_starts_no_call(store: Store) -> None:
    rig = await open_rig(store, credits="1.09")

    with pytest.raises(QuotaExceeded) as caught:
        await reserve(rig)

    assert caught.value.code == "quota_exceeded"
    details = caught.value.details
    assert (details["plan_type"], details["minutes_allocated"], details["minutes_used"]) == ("starter", 0, 0.0)
    assert details["upgrade_url"].startswith("http")
    assert (details["credits_required"], details["credits_remaining"]) == (1.1, 1.09)
    assert (await amounts(rig))["held"] == 0


async def test_the_refusal_counts_real_minutes(store: Store) -> None:
    rig = await open_rig(store, credits="3.2")
    await reserve(rig)
    await settle(rig, 630)

    with pytest.raises(QuotaExceeded) as caught:
        await reserve(rig, "call-2")
        await reserve(rig, "call-3")

    assert (caught.value.details["minutes_allocated"], caught.value.details["minutes_used"]) == (12, 10.5)


async def test_a_repeated_reservation_is_the_first_one(store: Store) -> None:
    rig = await open_rig(store, credits="4")

    assert [await reserve(rig), await reserve(rig)] == [900, 900]
    assert (await amounts(rig))["held"] == D("2.5")


async def test_a_repeated_settlement_changes_nothing(store: Store) -> None:
    rig = await open_rig(store)
    await reserve(rig)

    assert [await settle(rig, 61), await settle(rig, 600), await settle(rig, None)] == [D("1.2")] * 3
    assert (await amounts(rig))["used"] == D("1.2")


async def test_release_and_settlement_have_one_winner(store: Store) -> None:
    rig = await open_rig(store)
    await reserve(rig)
    async with rig.unit() as work:
        released = await rig.usage.release(work, "call-1")

    assert (released.charged, released.repeated) == (D(0), False)
    assert await settle(rig, 61) == 0


async def test_an_ended_reservation_is_not_reopened_but_by_another_attempt(store: Store) -> None:
    rig = await open_rig(store)
    await reserve(rig)
    await settle(rig, None)

    with pytest.raises(Conflict, match="has ended"):
        await reserve(rig)
    assert await reserve(rig, attempt=2) == 900


async def test_what_was_never_held_cannot_end(store: Store) -> None:
    rig = await open_rig(store)

    with pytest.raises(NotFound) as caught:
        await settle(rig, 10)
    assert caught.value.code == "reservation_not_found"


async def test_fixed_prices_are_charged_once_a_source(store: Store) -> None:
    rig = await open_rig(store)

    assert [await charge(rig), await charge(rig)] == [D("0.5"), D("0.5")]
    assert await charge(rig, "mail-1", Action.EMAIL_SEND) == D("0.3")
    assert (await amounts(rig))["used"] == D("0.8")


async def test_a_refund_takes_its_charge_back_once(store: Store) -> None:
    rig = await open_rig(store)
    await reserve(rig)
    await settle(rig, 95.2)

    assert [await refund(rig), await refund(rig)] == [D("1.2"), D("1.2")]
    assert await amounts(rig) == {"allocated": 200, "used": 0, "held": 0, "remaining": 200}


async def test_a_refund_is_never_more_than_the_charge(store: Store) -> None:
    rig = await open_rig(store)
    await charge(rig)

    assert await refund(rig, "search-1", credits="9") == D("0.5")


async def test_nothing_is_refunded_that_was_not_charged(store: Store) -> None:
    rig = await open_rig(store)
    await reserve(rig)
    await settle(rig, None)

    with pytest.raises(NotFound) as caught:
        await refund(rig)
    assert caught.value.code == "charge_not_found"


async def test_a_charge_belongs_to_the_period_of_its_hold(store: Store) -> None:
    """A call held at 11:59 and over at 12:10 of the renewal's day costs the old period."""
    rig = await open_rig(store)
    rig.now = START
    await rig.running()
    rig.now = FEBRUARY - dt.timedelta(minutes=1)
    await reserve(rig)
    rig.now = FEBRUARY + dt.timedelta(minutes=10)

    assert await settle(rig, 660) == D("2.1")

    assert await amounts(rig) == {"allocated": 200, "used": 0, "held": 0, "remaining": 200}


async def test_bonus_credits_are_used_last_and_outlive_the_period(store: Store) -> None:
    rig = await open_rig(store, credits="2")
    async with rig.unit() as work:
        given = [await rig.usage.grant_bonus(work, "ref-1", D(15), description="Friend") for _ in range(2)]
    await reserve(rig)
    await settle(rig, 840)
    assert (given, await amounts(rig)) == (
        [True, False],
        {"allocated": 17, "used": D("2.4"), "held": 0, "remaining": D("14.6")},
    )

    rig.now = FEBRUARY

    assert await amounts(rig) == {"allocated": D("16.6"), "used": 0, "held": 0, "remaining": D("16.6")}


async def test_a_hold_that_is_released_late_gives_its_bonus_credits_back(store: Store) -> None:
    rig = await open_rig(store, credits="0")
    async with rig.unit() as work:
        await rig.usage.grant_bonus(work, "ref-1", D(15), description="Friend")
    await reserve(rig)
    rig.now = FEBRUARY
    before = (await amounts(rig))["remaining"]

    await settle(rig, None)

    assert (before, (await amounts(rig))["remaining"]) == (D("12.5"), D(15))


async def test_a_refund_of_a_closed_period_comes_back_as_bonus(store: Store) -> None:
    """The old period's plan credits have lapsed: taking the charge back alone would give nothing."""
    rig = await open_rig(store)
    await reserve(rig)
    await settle(rig, 60)
    rig.now = FEBRUARY

    assert await refund(rig) == D("1.1")

    assert await amounts(rig) == {"allocated": D("201.1"), "used": 0, "held": 0, "remaining": D("201.1")}


async def test_starter_stops_at_zero(store: Store) -> None:
    rig = await open_rig(store, plan=PlanType.STARTER, credits="0.5")
    await charge(rig)

    with pytest.raises(QuotaExceeded):
        await charge(rig, "search-2")


async def test_overage_goes_on_to_the_spending_limit(store: Store) -> None:
    """Pro: 49 dollars at 0.10 a credit are 490 credits beyond the allotment."""
    rig = await open_rig(store, plan=PlanType.PRO, credits="0.5")
    await charge(rig, "search-1")
    await charge(rig, "search-2")

    balance = (await rig.running()).balance
    assert (balance.remaining, balance.overage, balance.overage_dollars) == (D(0), D("0.5"), D("0.05"))
    assert balance.free == D("489.5")


async def test_the_spending_limit_is_hard(store: Store) -> None:
    rig = await open_rig(store, plan=PlanType.PRO, credits="0")
    async with rig.unit() as work:
        (await rig.accounts.running(work)).account.spending_limit_cents = 7
    await charge(rig)

    with pytest.raises(QuotaExceeded):
        await charge(rig, "search-2")


async def test_a_cancelled_account_spends_nothing(store: Store) -> None:
    rig = await open_rig(store, plan=PlanType.PRO)
    await rig.start(PlanType.PRO, status=SubscriptionState.CANCELED)

    with pytest.raises(QuotaExceeded):
        await charge(rig)


async def test_open_holds_are_found_for_the_reaper(store: Store) -> None:
    """A process that dies in mid-call leaves its hold; whoever cleans up finds it across organizations."""
    rigs = [await open_rig(store, name="Ada"), await open_rig(store, name="Bob")]
    for number, rig in enumerate(rigs):
        await reserve(rig, f"call-{number}")
    await settle(rigs[0], 10, "call-0")

    async with store.system("reaper") as work:
        found = await rigs[0].usage.list_open_holds(work, before=START + dt.timedelta(hours=1))

    assert [(hold.organization_id, hold.resource_id) for hold in found] == [(rigs[1].organization_id, "call-1")]


async def test_one_organizations_holds_are_not_anothers(store: Store) -> None:
    ada, bob = await open_rig(store, name="Ada"), await open_rig(store, name="Bob")
    await reserve(ada)

    with pytest.raises(NotFound):
        await settle(bob, 60)
    assert (await amounts(ada))["held"] == D("2.5")


def killed(rig: Rig, moment: str) -> int:
    """Run `killed.py` against the same database; its exit status."""
    url = rig.store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.domains.usage.killed", url, rig.organization_id, moment]
    return subprocess.run(command, check=False, timeout=50).returncode


@pytest.mark.slow
async def test_a_process_killed_before_its_commit_held_nothing(store: Store) -> None:
    rig = await open_rig(store)
    await rig.running()

    status = await asyncio.to_thread(killed, rig, "before")

    assert status == -signal.SIGKILL
    assert (await amounts(rig))["held"] == 0


@pytest.mark.slow
async def test_a_hold_outlives_its_process_and_is_released_once(store: Store) -> None:
    """Killed in mid-call: whoever starts next finds the hold, and what it took is free again."""
    rig = await open_rig(store)
    await rig.running()

    status = await asyncio.to_thread(killed, rig, "after")
    left_behind = (await amounts(rig))["held"]
    async with store.system("reaper") as work:
        found = await rig.usage.list_open_holds(work, before=START + dt.timedelta(hours=1))
    async with rig.unit() as work:
        for _ in range(2):
            await rig.usage.release(work, found[0].source_id)

    assert (status, left_behind, len(found)) == (-signal.SIGKILL, D("2.5"), 1)
    assert await amounts(rig) == {"allocated": 200, "used": 0, "held": 0, "remaining": 200}
