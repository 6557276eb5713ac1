"""A new installation has a number to call before anybody asked for one."""

import asyncio

import pytest

from tests.domains.numbers.rig import PUBLIC_URL, NumbersRig, open_numbers, settings
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.service import NewAccount
from voice_engine.domains.numbers.repository import find_by_e164
from voice_engine.errors import Conflict, UpstreamFailed
from voice_engine.ports.telephony import NumberSettings
from voice_engine.store.engine import Store

CARRIERS_OWN = "+14155550110"


async def own_already(rig: NumbersRig) -> None:
    """The built-in carrier starts with a number of its own; nothing answers on it yet."""
    await rig.telephony.buy_number(CARRIERS_OWN, NumberSettings())


async def test_the_accounts_number_is_taken_over_and_answers_here(rig: NumbersRig) -> None:
    await own_already(rig)

    number = await rig.numbers.first.provision_first(rig.ada.organization_id, "US", owned=CARRIERS_OWN)

    [at_carrier] = await rig.telephony.list_numbers()
    assert (number.e164, number.is_default_outbound) == (CARRIERS_OWN, True)
    assert at_carrier.voice_url == f"{PUBLIC_URL}/v1/webhooks/twilio/voice"
    async with rig.store.system("an inbound call") as work:
        found = await find_by_e164(work, CARRIERS_OWN)
    assert found is not None
    assert found.organization_id == rig.ada.organization_id


async def test_a_second_start_changes_nothing(rig: NumbersRig) -> None:
    first = await rig.numbers.first.provision_first(rig.ada.organization_id, "US")
    again = await rig.numbers.first.provision_first(rig.ada.organization_id, "US")

    assert first.id == again.id
    assert len(await rig.telephony.list_numbers()) == 1


async def test_without_a_number_of_the_accounts_one_is_bought(rig: NumbersRig) -> None:
    number = await rig.numbers.first.provision_first(rig.ada.organization_id, "US", owned="+14155559999")

    assert number.e164 in {bought.e164 for bought in await rig.telephony.list_numbers()}


async def test_numbers_of_the_account_that_were_not_named_are_left_alone(rig: NumbersRig) -> None:
    """The account may serve something else, whose calls would be hijacked."""
    await own_already(rig)

    number = await rig.numbers.first.provision_first(rig.ada.organization_id, "US")

    assert number.e164 != CARRIERS_OWN
    untouched = await rig.telephony.find_number(CARRIERS_OWN)
    assert untouched is not None
    assert untouched.voice_url is None


async def test_somebodys_number_is_not_taken_over(rig: NumbersRig) -> None:
    await own_already(rig)
    await rig.numbers.first.provision_first(rig.bob.organization_id, "US", owned=CARRIERS_OWN)

    number = await rig.numbers.first.provision_first(rig.ada.organization_id, "US", owned=CARRIERS_OWN)

    assert number.e164 != CARRIERS_OWN


async def test_a_number_on_its_way_back_is_not_taken_over(rig: NumbersRig) -> None:
    """Its release is queued: it would vanish under its new owner."""
    await own_already(rig)
    first = await rig.numbers.first.provision_first(rig.ada.organization_id, "US", owned=CARRIERS_OWN)
    async with rig.unit() as work:
        await rig.numbers.service.release(work, first.id, actor="test")

    second = await rig.numbers.first.provision_first(rig.bob.organization_id, "US", owned=CARRIERS_OWN)
    await rig.later(minutes=0)

    assert second.e164 != CARRIERS_OWN
    assert [number.e164 for number in await rig.telephony.list_numbers()] == [second.e164]


async def test_who_gave_the_first_number_up_is_not_given_another_at_each_start(rig: NumbersRig) -> None:
    first = await rig.numbers.first.provision_first(rig.ada.organization_id, "US")
    async with rig.unit() as work:
        await rig.numbers.service.release(work, first.id, actor="test")
    await rig.later(minutes=0)

    with pytest.raises(Conflict) as refusal:
        await rig.numbers.first.provision_first(rig.ada.organization_id, "US")

    assert refusal.value.code == "first_number_released"
    assert list(await rig.telephony.list_numbers()) == []


@pytest.mark.parametrize("owned", [CARRIERS_OWN, None])
async def test_two_processes_that_greet_one_operator_give_one_number(rig: NumbersRig, owned: str | None) -> None:
    """The server and the worker both notice the first account."""
    await own_already(rig)
    before = len(await rig.telephony.list_numbers())
    given: list[str] = []

    async def greet() -> None:
        try:
            number = await rig.numbers.first.provision_first(rig.ada.organization_id, "US", owned=owned)
        except Conflict as error:
            assert error.code == "idempotency_conflict"
        else:
            given.append(number.e164)

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(greet())

    assert len(set(given)) == 1
    assert [number.e164 for number in await rig.listed()] == given[:1]
    assert len(await rig.telephony.list_numbers()) == before + (owned is None)


async def join(rig: NumbersRig, email: str, *, operator: bool = True) -> str:
    """Somebody's account, made as sign-in makes it; the organization's id."""
    async with rig.store.system("sign-in") as work:
        account = NewAccount(email=email, is_operator=operator)
        return (await accounts.create(work, account, now=rig.now, actor="test")).organization_id


async def test_the_first_operator_has_the_carriers_number_as_soon_as_they_join(store: Store) -> None:
    """Nothing is bought for whoever joins later: their plan's number is theirs to choose."""
    rig = await open_numbers(store, given=settings(first_number=CARRIERS_OWN))
    await own_already(rig)
    guest, first, second = [
        await join(rig, email, operator=operator)
        for email, operator in (("g@example.com", False), ("o@example.com", True), ("p@example.com", True))
    ]

    ran = await rig.later(minutes=0)

    assert [job.error for job in ran] == [None, None]
    async with rig.store.system("an inbound call") as work:
        found = await find_by_e164(work, CARRIERS_OWN)
    assert found is not None
    assert found.organization_id == first
    for nobody in (guest, second):
        async with rig.store.read(nobody) as work:
            assert await rig.numbers.service.list_all(work) == []


async def test_without_a_carrier_of_ones_own_nothing_is_bought_unasked(rig: NumbersRig) -> None:
    await join(rig, "o@example.com")

    assert [job.error for job in await rig.later(minutes=0)] == [None]
    assert list(await rig.telephony.list_numbers()) == []


async def test_the_first_number_waits_for_a_carrier_that_is_not_up_yet(store: Store) -> None:
    rig = await open_numbers(store, given=settings(first_number=CARRIERS_OWN))
    await own_already(rig)
    await join(rig, "o@example.com")
    rig.telephony.fail_next(UpstreamFailed("carrier_unavailable", "no", provider="twilio", retryable=True))

    [job] = await rig.later(minutes=0)

    assert (job.attempts, job.error) == (2, None)
