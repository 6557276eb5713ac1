"""A verified phone as caller id: chosen, asked of the carrier, and what the next dial then shows."""

from pathlib import Path

import pytest

from tests.domains.numbers.rig import MOBILE, NumbersRig, open_numbers, settings
from tests.fakes.calls import open_calls
from voice_engine.domains.numbers.assembly import build_numbers
from voice_engine.domains.numbers.service import Use
from voice_engine.errors import Conflict, NotFound, UpstreamFailed
from voice_engine.store.engine import Store

SHOW = Use(e164=MOBILE, as_caller_id=True)


@pytest.fixture
async def rig(store: Store) -> NumbersRig:
    return await open_numbers(store)


async def test_the_next_dial_shows_the_verified_phone(store: Store, tmp_path: Path) -> None:
    calls = await open_calls(store, tmp_path)
    who, carrier = calls.account, calls.telephony
    numbers = build_numbers(store, carrier, calls.usage, settings(), now=calls.clock)
    calls.service.caller_id = numbers.service.caller_id_for
    await numbers.proofs.start(who.organization_id, who.user_id, MOBILE, "sms")
    await numbers.proofs.check(who.organization_id, who.user_id, MOBILE, carrier.codes[MOBILE])

    chosen = await numbers.showing.configure(who.organization_id, SHOW)
    _, dial = await calls.dialled()

    assert chosen.is_default_outbound
    assert carrier.orders[dial.provider_sid or ""].from_number == MOBILE


async def test_a_phone_that_only_we_know_is_refused_with_what_to_do(rig: NumbersRig) -> None:
    """Every call with it would fail. A code alone makes no caller id at every carrier."""
    rig.telephony.codes_show = False
    await rig.prove()

    with pytest.raises(Conflict, match="Verified Caller IDs") as refusal:
        await rig.numbers.showing.configure(rig.ada.organization_id, SHOW)

    assert refusal.value.code == "phone_number_not_verified"
    assert [number.is_default_outbound for number in await rig.listed()] == [False]

    rig.telephony.shown.add(MOBILE)
    assert (await rig.numbers.showing.configure(rig.ada.organization_id, SHOW)).is_default_outbound


async def test_while_the_carrier_does_not_answer_nothing_is_claimed(rig: NumbersRig) -> None:
    await rig.prove()
    rig.telephony.fail_next(UpstreamFailed("carrier_unavailable", "no answer", provider="twilio", retryable=True))

    with pytest.raises(UpstreamFailed):
        await rig.numbers.showing.configure(rig.ada.organization_id, SHOW)

    assert [number.is_default_outbound for number in await rig.listed()] == [False]


async def test_the_carrier_is_not_asked_about_bought_numbers_or_other_uses(rig: NumbersRig) -> None:
    number = await rig.buy()
    await rig.prove()
    rig.telephony.fail_next(UpstreamFailed("carrier_unavailable", "no answer", provider="twilio", retryable=True))

    shown = await rig.numbers.showing.configure(rig.ada.organization_id, Use(e164=number.e164, as_caller_id=True))
    await rig.numbers.showing.configure(rig.ada.organization_id, Use(e164=MOBILE, as_target=True))

    assert shown.is_default_outbound


async def test_a_phone_without_its_code_or_of_somebody_else_is_never_asked_about(rig: NumbersRig) -> None:
    await rig.numbers.proofs.start(rig.ada.organization_id, rig.ada.user_id, MOBILE, "sms")

    with pytest.raises(Conflict, match="prove first"):
        await rig.numbers.showing.configure(rig.ada.organization_id, SHOW)
    with pytest.raises(NotFound):
        await rig.numbers.showing.configure(rig.bob.organization_id, SHOW)
