"""A new installation has a number to call before anybody asked for one."""

from tests.domains.numbers.rig import PUBLIC_URL, NumbersRig
from voice_engine.domains.numbers.repository import find_by_e164
from voice_engine.ports.telephony import NumberSettings

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

    second = await rig.numbers.first.provision_first(rig.ada.organization_id, "US", owned=CARRIERS_OWN)
    await rig.later(minutes=0)

    assert second.e164 != CARRIERS_OWN
    assert [number.e164 for number in await rig.telephony.list_numbers()] == [second.e164]
