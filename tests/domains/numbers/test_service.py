"""Numbers are forwarded without circles, named, shown, and given up for good."""

import asyncio
import datetime as dt

import pytest

from tests.domains.numbers.rig import COMMON, MOBILE, NumbersRig, open_numbers
from tests.fakes.statements import counted_statements
from voice_engine.domains.calls.models import Call
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.repository import find_by_e164
from voice_engine.domains.numbers.service import Use
from voice_engine.domains.numbers.views import Target
from voice_engine.domains.usage.plans import PlanType
from voice_engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, UpstreamFailed, VoiceEngineError
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

LANDLINE = "+15559876544"


async def forward(rig: NumbersRig, number: PhoneNumber, to: object) -> PhoneNumber:
    async with rig.store.begin(number.organization_id) as work:
        return await rig.numbers.service.set_forwarding(work, number.id, to)


async def release(rig: NumbersRig, number: PhoneNumber) -> PhoneNumber:
    async with rig.store.begin(number.organization_id) as work:
        return await rig.numbers.service.release(work, number.id, actor=rig.ada.user_id)


async def configure(rig: NumbersRig, use: Use) -> PhoneNumber:
    async with rig.unit() as work:
        return await rig.numbers.service.configure(work, use)


async def add_target(rig: NumbersRig, raw: object, *, label: str | None = None, default: bool = True) -> Target:
    async with rig.unit() as work:
        return await rig.numbers.service.add_target(work, raw, label=label, is_default=default)


async def targets(rig: NumbersRig) -> list[Target]:
    async with rig.unit() as work:
        return list(await rig.numbers.service.list_targets(work))


async def shown(rig: NumbersRig) -> str:
    async with rig.unit() as work:
        return await rig.numbers.service.caller_id_for(work)


# -- forwarding ----------------------------------------------------------------------------------------------


async def test_forwarding_is_set_and_removed_twice(rig: NumbersRig) -> None:
    number = await rig.buy()

    assert (await forward(rig, number, "+1 (555) 987-6543")).forwarding_number == MOBILE
    for _ in range(2):
        async with rig.unit() as work:
            assert (await rig.numbers.service.remove_forwarding(work, number.id)).forwarding_number is None


async def test_a_number_does_not_forward_to_itself_or_to_a_number_of_ones_own(rig: NumbersRig) -> None:
    first, second = await rig.buy(), await rig.buy()

    for target in (first.e164, second.e164):
        with pytest.raises(InvalidInput) as refusal:
            await forward(rig, first, target)
        assert refusal.value.code == "validation_error"
        assert refusal.value.details["fields"][0]["field"] == "forwarding_number"


async def test_a_circle_through_somebody_elses_numbers_is_seen(rig: NumbersRig) -> None:
    """Ada → Bob → Ada: neither sees the other's rows, and the second half is refused."""
    hers, his = await rig.buy(), await rig.buy(who=rig.bob)
    await forward(rig, hers, his.e164)

    with pytest.raises(InvalidInput, match="circle"):
        await forward(rig, his, hers.e164)


async def test_both_halves_of_a_circle_at_once_leave_one(rig: NumbersRig) -> None:
    hers, his = await rig.buy(), await rig.buy(who=rig.bob)
    refused: list[VoiceEngineError] = []

    async def half(number: PhoneNumber, to: str) -> None:
        try:
            await forward(rig, number, to)
        except VoiceEngineError as error:
            refused.append(error)

    async with asyncio.TaskGroup() as group:
        group.create_task(half(hers, his.e164))
        group.create_task(half(his, hers.e164))

    forwarded = [number.forwarding_number for who in (rig.ada, rig.bob) for number in await rig.listed(who)]
    assert sorted(number is None for number in forwarded) == [False, True]
    assert len(refused) == 1


async def test_a_chain_that_ends_elsewhere_is_no_circle(rig: NumbersRig) -> None:
    hers, his = await rig.buy(), await rig.buy(who=rig.bob)
    await forward(rig, his, MOBILE)

    assert (await forward(rig, hers, his.e164)).forwarding_number == his.e164


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "missing_phone_number"),
        (17, "missing_phone_number"),
        ("9-1-1", "emergency_number"),
        ("5551234567", "invalid_phone_number"),
        ("+19005551234", "toll_number"),
        ("+861012345678", "unsupported_country"),
    ],
)
async def test_forwarding_passes_the_number_gate(rig: NumbersRig, raw: object, code: str) -> None:
    number = await rig.buy()

    with pytest.raises((InvalidInput, NotAllowed)) as refusal:
        await forward(rig, number, raw)
    assert refusal.value.code == code


async def test_a_trial_forwards_within_its_own_region(store: Store) -> None:
    rig = await open_numbers(store, plan=PlanType.TRIAL)
    number = await rig.buy()

    with pytest.raises(NotAllowed) as refusal:
        await forward(rig, number, "+34910123456")
    assert refusal.value.code == "country_restriction"


async def test_calls_to_a_phone_of_ones_own_cannot_be_forwarded_here(rig: NumbersRig) -> None:
    own = await rig.prove()

    with pytest.raises(InvalidInput, match="do not come here"):
        await forward(rig, own, LANDLINE)


# -- release -------------------------------------------------------------------------------------------------


async def test_a_released_number_is_gone_here_at_once_and_at_the_carrier_by_a_job(rig: NumbersRig) -> None:
    number = await rig.buy()
    await forward(rig, number, MOBILE)

    released = await release(rig, number)

    assert (released.status, released.released_at, released.forwarding_number) == ("released", rig.now, None)
    assert await rig.listed() == []
    async with rig.store.system("an inbound call") as work:
        assert await find_by_e164(work, number.e164) is None
    assert [number.e164 for number in await rig.telephony.list_numbers()] == [number.e164]
    assert [job.kind for job in await rig.later(minutes=0)] == ["number.release"]
    assert list(await rig.telephony.list_numbers()) == []


async def test_a_number_is_released_once(rig: NumbersRig) -> None:
    number = await rig.buy()
    await release(rig, number)

    with pytest.raises(NotFound) as refusal:
        await release(rig, number)
    assert refusal.value.code == "phone_number_not_found"


async def test_a_release_outlives_a_carrier_that_is_down(rig: NumbersRig) -> None:
    number = await rig.buy()
    await release(rig, number)
    for _ in range(3):
        rig.telephony.fail_next(UpstreamFailed("carrier_unavailable", "no", provider="twilio", retryable=True))

    ran = await rig.later(minutes=0)

    assert [(job.attempts, job.error) for job in ran] == [(4, None)]
    assert list(await rig.telephony.list_numbers()) == []


async def test_what_refers_to_a_number_is_unbound_with_it_or_not_at_all(store: Store) -> None:
    """The rule's unbinding fails: the number is still there, and nothing goes to the carrier."""
    unbound: list[str] = []

    async def unbind(_work: UnitOfWork, number_id: str) -> None:
        unbound.append(number_id)
        if len(unbound) == 1:
            raise Conflict("rule_busy", "not now")

    rig = await open_numbers(store, unbind=[unbind])
    number = await rig.buy()

    with pytest.raises(Conflict):
        await release(rig, number)
    assert [known.id for known in await rig.listed()] == [number.id]
    assert await rig.later(minutes=0) == []

    await release(rig, number)
    assert unbound == [number.id, number.id]


async def test_a_domain_that_is_put_together_later_is_told_too(rig: NumbersRig) -> None:
    unbound: list[str] = []

    async def unbind(_work: UnitOfWork, number_id: str) -> None:
        unbound.append(number_id)

    rig.numbers.service.follow(unbind)
    number = await rig.buy()

    await release(rig, number)

    assert unbound == [number.id]


async def test_a_released_number_can_be_bought_again_by_somebody_else(rig: NumbersRig) -> None:
    number = await rig.buy()
    await release(rig, number)
    await rig.later(minutes=0)

    again = await rig.buy(who=rig.bob)

    assert (again.e164, again.id == number.id) == (number.e164, False)


async def test_releasing_a_phone_of_ones_own_ends_forwarding_to_it(rig: NumbersRig) -> None:
    own, number = await rig.prove(), await rig.buy()
    await configure(rig, Use(e164=MOBILE, as_target=True))
    await forward(rig, number, MOBILE)

    await release(rig, own)

    assert await targets(rig) == []
    assert [known.forwarding_number for known in await rig.listed()] == [None]
    assert await rig.later(minutes=0) == [], "the carrier never had it"


# -- what calls show -----------------------------------------------------------------------------------------


async def test_calls_show_the_common_number_until_there_is_one_of_ones_own(rig: NumbersRig) -> None:
    assert await shown(rig) == COMMON

    number = await rig.buy()

    assert await shown(rig) == number.e164


async def test_the_default_passes_on_when_it_is_released(rig: NumbersRig) -> None:
    first, second = await rig.buy(), await rig.buy()

    await release(rig, first)

    assert await shown(rig) == second.e164
    assert [known.is_default_outbound for known in await rig.listed()] == [True]


async def test_a_chosen_number_is_shown(rig: NumbersRig) -> None:
    await rig.buy()
    rig.now += dt.timedelta(minutes=1)
    second = await rig.buy()

    chosen = await configure(rig, Use(e164=second.e164, as_caller_id=True))

    assert chosen.is_default_outbound
    assert await shown(rig) == second.e164
    assert sum(known.is_default_outbound for known in await rig.listed()) == 1


async def test_a_chosen_phone_is_shown_until_it_is_not_chosen_any_more(rig: NumbersRig) -> None:
    number = await rig.buy()
    await rig.prove()
    await configure(rig, Use(e164=MOBILE, as_caller_id=True))

    assert await shown(rig) == MOBILE

    await configure(rig, Use(e164=MOBILE, as_caller_id=False))
    assert await shown(rig) == number.e164


async def test_a_proven_phone_that_nobody_chose_is_not_shown(rig: NumbersRig) -> None:
    await rig.prove()

    assert await shown(rig) == COMMON


async def test_a_caller_id_name_needs_a_proven_number(rig: NumbersRig) -> None:
    await rig.numbers.proofs.start(rig.ada.organization_id, rig.ada.user_id, MOBILE, "sms")
    [pending] = await rig.listed()
    bought = await rig.buy()

    async with rig.unit() as work:
        named = await rig.numbers.service.set_caller_id_name(work, bought.id, "John's Office")
        with pytest.raises(Conflict) as refusal:
            await rig.numbers.service.set_caller_id_name(work, pending.id, "Me")

    assert named.caller_id_name == "John's Office"
    assert refusal.value.code == "phone_number_not_verified"


# -- targets -------------------------------------------------------------------------------------------------


async def test_there_is_one_default_target(rig: NumbersRig) -> None:
    first = await add_target(rig, MOBILE, default=False)
    second = await add_target(rig, LANDLINE, label="Desk")

    assert first.row.is_default, "the first is the default, asked for or not"
    assert second.row.is_default
    assert [(target.row.e164, target.row.is_default) for target in await targets(rig)] == [
        (LANDLINE, True),
        (MOBILE, False),
    ]
    async with rig.unit() as work:
        assert await rig.numbers.service.default_target(work) == LANDLINE


async def test_a_target_is_added_once_and_gets_its_new_label(rig: NumbersRig) -> None:
    first = await add_target(rig, MOBILE, label="Old")
    again = await add_target(rig, MOBILE, label="New")

    assert (again.row.id, again.row.label) == (first.row.id, "New")
    assert len(await targets(rig)) == 1


async def test_a_target_tells_whether_it_is_proven_and_who_uses_it(rig: NumbersRig) -> None:
    number = await rig.buy()
    await forward(rig, number, MOBILE)
    before = await add_target(rig, MOBILE)
    await rig.prove()

    [after] = await targets(rig)

    assert (before.verified, before.used_by) == (False, [number.id])
    assert after.verified


async def test_targets_are_ones_own(rig: NumbersRig) -> None:
    """Bob's proof of the same phone proves nothing for Ada, and her targets are not his."""
    await add_target(rig, MOBILE)
    await rig.prove(who=rig.bob)

    assert [target.verified for target in await targets(rig)] == [False]
    async with rig.unit(rig.bob) as work:
        assert await rig.numbers.service.list_targets(work) == []


async def test_a_bought_number_is_no_target(rig: NumbersRig) -> None:
    number = await rig.buy()

    with pytest.raises(InvalidInput, match="circle"):
        await add_target(rig, number.e164)
    with pytest.raises(InvalidInput, match="circle"):
        await configure(rig, Use(e164=number.e164, as_target=True))


async def test_a_phone_that_was_not_proven_cannot_be_configured(rig: NumbersRig) -> None:
    await rig.numbers.proofs.start(rig.ada.organization_id, rig.ada.user_id, MOBILE, "sms")

    with pytest.raises(Conflict) as pending:
        await configure(rig, Use(e164=MOBILE, as_target=True))
    with pytest.raises(NotFound) as unknown:
        await configure(rig, Use(e164=LANDLINE, as_target=True))

    assert pending.value.code == "phone_number_not_verified"
    assert unknown.value.code == "phone_number_not_found"


async def test_a_configured_phone_is_a_target_until_it_is_none(rig: NumbersRig) -> None:
    await rig.prove()

    labelled = await configure(rig, Use(e164=MOBILE, as_target=True, label="Mobile"))
    added = await targets(rig)
    await configure(rig, Use(e164=MOBILE))
    kept = await targets(rig)
    await configure(rig, Use(e164=MOBILE, as_target=False))

    assert labelled.label == "Mobile"
    assert [(target.row.label, target.verified) for target in added] == [("Mobile", True)]
    assert len(kept) == 1
    assert await targets(rig) == []


# -- details, lists ------------------------------------------------------------------------------------------


def call_over(number: PhoneNumber, *, inbound: bool, at: dt.datetime, seconds: int) -> Call:
    return Call(
        id=new_id(),
        product="KALLY",
        direction="inbound" if inbound else "outbound",
        from_number=MOBILE if inbound else number.e164,
        to_number=number.e164 if inbound else MOBILE,
        status="success",
        created_at=at,
        duration_ms=seconds * 1000,
        timezone="UTC",
        language="en",
        app_language="en",
        max_seconds=900,
    )


async def test_details_count_the_calls_since_the_number_is_ones_own(store: Store) -> None:
    async def two_rules(_work: UnitOfWork, _number_id: str) -> int:
        return 2

    rig = await open_numbers(store, count_rules=two_rules)
    number = await rig.buy()
    hour = dt.timedelta(hours=1)
    async with rig.unit() as work:
        work.session.add(call_over(number, inbound=True, at=rig.now + hour, seconds=90))
        work.session.add(call_over(number, inbound=False, at=rig.now + hour, seconds=60))
        work.session.add(call_over(number, inbound=True, at=rig.now - hour, seconds=600))
    async with rig.unit(rig.bob) as work:
        work.session.add(call_over(number, inbound=True, at=rig.now + hour, seconds=600))

    async with rig.unit() as work:
        details = await rig.numbers.service.details(work, number.id)

    assert (details.traffic.inbound, details.traffic.outbound, details.traffic.minutes) == (1, 1, 2.5)
    assert (details.active_rules, details.language) == (2, "en")
    assert details.renews_at == dt.datetime(2026, 3, 13, 15, 30, tzinfo=dt.UTC)


async def test_nobody_sees_anothers_number(rig: NumbersRig) -> None:
    number = await rig.buy(who=rig.bob)

    assert await rig.listed() == []
    async with rig.unit() as work:
        for which in (number.id, "no id at all"):
            with pytest.raises(NotFound):
                await rig.numbers.service.get(work, which)


async def test_lists_cost_as_many_statements_for_many_as_for_one(store: Store) -> None:
    rig = await open_numbers(store, plan=PlanType.BUSINESS)
    costs: list[tuple[int, int]] = []
    for index in range(5):
        await rig.buy()
        await add_target(rig, f"+1555987660{index}")
        with counted_statements(store) as said:
            await rig.listed()
            listed = len(said)
            await targets(rig)
        costs.append((listed, len(said)))

    assert len(set(costs)) == 1
