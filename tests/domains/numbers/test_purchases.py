"""A number is bought once, by one, whatever gets lost on the way."""

import asyncio

import pytest
import sqlalchemy as sa

from tests.domains.numbers.rig import ANY_AMERICAN, PUBLIC_URL, NumbersRig, open_numbers
from tests.fakes.telephony import FakeTelephony
from voice_engine.domains.numbers.models import NumberPurchase, PhoneNumber, PurchaseState
from voice_engine.domains.numbers.purchases import Order, Provisioned, name_of
from voice_engine.domains.numbers.repository import find_by_e164, purchases
from voice_engine.domains.numbers.stock import Wish
from voice_engine.domains.usage.models import SubscriptionState
from voice_engine.domains.usage.plans import PlanType
from voice_engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, UpstreamFailed, VoiceEngineError
from voice_engine.ports.telephony import AvailableNumber, NumberSettings, OwnedNumber
from voice_engine.store.engine import Store
from voice_engine.store.idempotency import KeyedRequest

WANTED = "+14155550105"
THIS = Order(wish=Wish(country="US"), e164=WANTED)


def down() -> UpstreamFailed:
    return UpstreamFailed("carrier_unavailable", "no answer", provider="twilio", retryable=True)


def keyed(rig: NumbersRig, body: str = "same") -> KeyedRequest:
    return KeyedRequest(user_id=rig.ada.user_id, route="POST /v1/phone-numbers/provision", key="k", body_hash=body)


async def the_purchases(rig: NumbersRig) -> list[NumberPurchase]:
    async with rig.store.system("test", writes=False) as work:
        rows = await work.session.scalars(sa.select(NumberPurchase).order_by(NumberPurchase.created_at))
        return list(rows)


async def owned(rig: NumbersRig) -> list[str]:
    return sorted(number.e164 for number in await rig.telephony.list_numbers())


async def test_a_bought_number_is_listed_and_answers_here(rig: NumbersRig) -> None:
    """Its webhooks are ours from the purchase on, and it is what the organization's calls show."""
    number = await rig.buy()

    at_carrier = await rig.telephony.find_number(number.e164)
    assert at_carrier is not None
    assert (at_carrier.voice_url, at_carrier.status_url) == (
        f"{PUBLIC_URL}/v1/webhooks/twilio/voice",
        f"{PUBLIC_URL}/v1/webhooks/twilio/status",
    )
    assert [known.id for known in await rig.listed()] == [number.id]
    assert number.provider_sid == at_carrier.number_sid
    assert (number.is_default_outbound, number.is_verified, number.area_code) == (True, True, "415")
    async with rig.store.system("an inbound call") as work:
        found = await find_by_e164(work, number.e164)
    assert found is not None
    assert found.organization_id == rig.ada.organization_id


async def test_a_second_number_does_not_become_the_default(rig: NumbersRig) -> None:
    await rig.buy()

    assert not (await rig.buy()).is_default_outbound


async def test_a_certain_number_is_bought_and_no_other(rig: NumbersRig) -> None:
    assert (await rig.buy(THIS)).e164 == WANTED
    assert await owned(rig) == [WANTED]


async def test_a_number_that_somebody_here_has_is_taken(rig: NumbersRig) -> None:
    await rig.buy(THIS, who=rig.bob)

    with pytest.raises(Conflict, match="not for sale") as refusal:
        await rig.buy(THIS)
    assert refusal.value.code == "phone_number_unavailable"


async def test_a_number_that_the_carrier_does_not_sell_is_taken(rig: NumbersRig) -> None:
    with pytest.raises(Conflict) as refusal:
        await rig.buy(Order(wish=Wish(country="US"), e164="+14155559999"))

    assert refusal.value.code == "phone_number_unavailable"
    assert [purchase.state for purchase in await the_purchases(rig)] == [PurchaseState.FAILED]


async def test_an_empty_shelf_is_told(rig: NumbersRig) -> None:
    with pytest.raises(NotFound) as refusal:
        await rig.buy(Order(wish=Wish(country="US", area_code="212")))

    assert refusal.value.code == "no_numbers_available"


class Racing(FakeTelephony):
    """Both buyers are at the carrier at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.searches = asyncio.Barrier(2)

    async def search_numbers(self, *args: object, **named: object) -> list[AvailableNumber]:
        found = await super().search_numbers(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        await self.searches.wait()
        return list(found)


async def race(store: Store, order: Order) -> tuple[list[Provisioned | VoiceEngineError], Racing]:
    rig = await open_numbers(store)
    telephony = Racing()
    rig.numbers.purchases._telephony = rig.numbers.stock._telephony = telephony
    outcomes: list[Provisioned | VoiceEngineError] = []

    async def buy(organization_id: str) -> None:
        try:
            outcomes.append(await rig.numbers.purchases.provision(organization_id, order))
        except VoiceEngineError as error:
            outcomes.append(error)

    async with asyncio.TaskGroup() as group:
        for who in (rig.ada, rig.bob):
            group.create_task(buy(who.organization_id))
    return outcomes, telephony


async def test_two_organizations_want_one_number_and_one_has_it(store: Store) -> None:
    outcomes, telephony = await race(store, THIS)

    bought = [one for one in outcomes if isinstance(one, Provisioned)]
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    assert [one.number.e164 for one in bought] == [WANTED]
    assert [one.code for one in refused] == ["phone_number_unavailable"]
    assert len(await telephony.list_numbers()) == 1


async def test_two_organizations_want_any_number_and_both_have_one(store: Store) -> None:
    """The second to pick passes over what the first has picked."""
    outcomes, telephony = await race(store, ANY_AMERICAN)

    numbers = {one.number.e164 for one in outcomes if isinstance(one, Provisioned)}
    assert numbers == {number.e164 for number in await telephony.list_numbers()}
    assert len(numbers) == 2


async def test_a_lost_answer_is_looked_for_at_once(rig: NumbersRig) -> None:
    rig.telephony.lose_next_answer()

    number = await rig.buy(THIS)

    assert number.e164 == WANTED
    assert await owned(rig) == [WANTED]


class Crash(BaseException):
    """The process is killed here."""


class CrashingAfterPurchase(FakeTelephony):
    """The carrier sells; whoever asked does not live to hear it."""

    async def buy_number(self, e164: str, settings: NumberSettings) -> OwnedNumber:
        await super().buy_number(e164, settings)
        raise Crash


async def crash(rig: NumbersRig, *, key: KeyedRequest | None = None) -> None:
    crashing = CrashingAfterPurchase(now=lambda: rig.now)
    crashing._numbers = rig.telephony._numbers
    whole, rig.numbers.purchases._telephony = rig.numbers.purchases._telephony, crashing
    with pytest.raises(Crash):
        await rig.numbers.purchases.provision(rig.ada.organization_id, THIS, key=key)
    rig.telephony._numbers = crashing._numbers
    rig.numbers.purchases._telephony = whole


async def test_a_crash_between_purchase_and_commit_loses_nothing(rig: NumbersRig) -> None:
    """The job finds the number by its name at the carrier; it is bought once."""
    await crash(rig)
    assert await rig.listed() == []

    ran = await rig.later(minutes=2)

    assert [(job.kind, job.error) for job in ran] == [("number.settle_purchase", None)]
    assert [number.e164 for number in await rig.listed()] == [WANTED]
    assert await owned(rig) == [WANTED]


async def test_a_purchase_under_way_counts_and_holds_its_number(store: Store) -> None:
    rig = await open_numbers(store, plan=PlanType.STARTER)
    await crash(rig)

    with pytest.raises(Conflict) as full:
        await rig.buy()
    with pytest.raises(Conflict) as taken:
        await rig.buy(THIS, who=rig.bob)

    assert full.value.code == "phone_number_limit_reached"
    assert taken.value.code == "phone_number_unavailable"


async def test_a_key_gets_the_number_of_its_first_request(rig: NumbersRig) -> None:
    first = await rig.numbers.purchases.provision(rig.ada.organization_id, ANY_AMERICAN, key=keyed(rig))
    again = await rig.numbers.purchases.provision(rig.ada.organization_id, ANY_AMERICAN, key=keyed(rig))

    assert (first.repeated, again.repeated) == (False, True)
    assert first.number.id == again.number.id
    assert len(await owned(rig)) == 1


async def test_a_key_with_another_body_is_refused(rig: NumbersRig) -> None:
    await rig.numbers.purchases.provision(rig.ada.organization_id, ANY_AMERICAN, key=keyed(rig))

    with pytest.raises(Conflict) as refusal:
        await rig.numbers.purchases.provision(rig.ada.organization_id, THIS, key=keyed(rig, "other"))
    assert refusal.value.code == "idempotency_conflict"


async def test_a_key_whose_purchase_crashed_gets_the_number_once_it_is_found(rig: NumbersRig) -> None:
    await crash(rig, key=keyed(rig))

    with pytest.raises(Conflict) as early:
        await rig.numbers.purchases.provision(rig.ada.organization_id, THIS, key=keyed(rig))
    await rig.later(minutes=2)
    found = await rig.numbers.purchases.provision(rig.ada.organization_id, THIS, key=keyed(rig))

    assert (early.value.code, early.value.details) == ("idempotency_conflict", {"retry_after_seconds": 10})
    assert (found.number.e164, found.repeated) == (WANTED, True)
    assert await owned(rig) == [WANTED]


async def test_a_key_is_free_again_when_nothing_was_bought(rig: NumbersRig) -> None:
    rig.telephony.fail_next(down())
    with pytest.raises(UpstreamFailed):
        await rig.numbers.purchases.provision(rig.ada.organization_id, ANY_AMERICAN, key=keyed(rig))

    again = await rig.numbers.purchases.provision(rig.ada.organization_id, ANY_AMERICAN, key=keyed(rig))

    assert not again.repeated
    assert await rig.later(minutes=2) == [], "nothing is left to settle"


async def test_what_was_never_bought_is_given_up(rig: NumbersRig) -> None:
    """The process died before the carrier was asked: the number is free for others again."""
    purchase_id = "11111111-2222-4333-8444-555555555555"
    async with rig.unit() as work:
        await rig.numbers.purchases._begin(work, purchase_id, THIS)
        assert await purchases.take(work, purchase_id, WANTED, {})

    await rig.later(minutes=2)

    assert [row.state for row in await the_purchases(rig)] == [PurchaseState.FAILED]
    assert (await rig.buy(THIS, who=rig.bob)).e164 == WANTED


async def test_a_number_that_the_account_had_before_is_not_taken_for_a_purchase(rig: NumbersRig) -> None:
    """Only the name that the purchase gave counts, not that the account has the number."""
    await rig.telephony.buy_number(WANTED, NumberSettings(friendly_name="the operator's own"))
    purchase_id = "11111111-2222-4333-8444-555555555555"
    async with rig.unit() as work:
        await rig.numbers.purchases._begin(work, purchase_id, THIS)
        await purchases.take(work, purchase_id, WANTED, {})

    await rig.numbers.purchases.settle(purchase_id, rig.ada.organization_id)

    assert await rig.listed() == []
    assert await owned(rig) == [WANTED]


async def test_what_is_bought_after_it_was_given_up_is_given_back(rig: NumbersRig) -> None:
    """A request that hangs longer than the job waits must not leave a number that nobody has and somebody pays."""
    purchase_id = "11111111-2222-4333-8444-555555555555"
    async with rig.unit() as work:
        await rig.numbers.purchases._begin(work, purchase_id, THIS)
        await purchases.take(work, purchase_id, WANTED, {})
    await rig.numbers.purchases.settle(purchase_id, rig.ada.organization_id)
    late = await rig.telephony.buy_number(WANTED, NumberSettings(friendly_name=name_of(purchase_id)))

    assert await rig.numbers.purchases.finish(purchase_id, rig.ada.organization_id, late) is None
    await rig.later(minutes=0)

    assert await owned(rig) == []


async def test_settling_waits_for_a_carrier_that_is_down(rig: NumbersRig) -> None:
    await crash(rig)
    rig.telephony.fail_next(down())

    ran = await rig.later(minutes=2)

    assert [(job.attempts, job.error) for job in ran] == [(2, None)]
    assert len(await rig.listed()) == 1


@pytest.mark.parametrize(("plan", "most"), [(PlanType.TRIAL, 1), (PlanType.STARTER, 1), (PlanType.PRO, 3)])
async def test_a_plan_has_so_many_numbers(store: Store, plan: PlanType, most: int) -> None:
    rig = await open_numbers(store, plan=plan)
    for _ in range(most):
        await rig.buy()

    with pytest.raises(Conflict) as refusal:
        await rig.buy()

    assert (refusal.value.code, refusal.value.details) == ("phone_number_limit_reached", {"limit": most})


async def test_parallel_requests_do_not_exceed_the_plan(store: Store) -> None:
    rig = await open_numbers(store, plan=PlanType.STARTER)
    outcomes: list[PhoneNumber | VoiceEngineError] = []

    async def buy() -> None:
        try:
            outcomes.append(await rig.buy())
        except VoiceEngineError as error:
            outcomes.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(buy())

    assert (
        sorted(getattr(one, "code", "bought") for one in outcomes)
        == ["bought"] + ["phone_number_limit_reached"] * 3
    )
    assert len(await owned(rig)) == 1


@pytest.mark.parametrize("status", [SubscriptionState.CANCELED, SubscriptionState.PAST_DUE, SubscriptionState.NONE])
async def test_a_number_needs_a_subscription(rig: NumbersRig, status: SubscriptionState) -> None:
    await rig.subscribe(PlanType.PRO, status)

    with pytest.raises(InvalidInput) as refusal:
        await rig.buy()

    assert refusal.value.code == "no_active_subscription"
    assert await owned(rig) == []


async def test_other_countries_have_no_numbers_here(rig: NumbersRig) -> None:
    with pytest.raises(NotAllowed) as refusal:
        await rig.buy(Order(wish=Wish(country="JP")))

    assert refusal.value.code == "unsupported_country"


async def test_numbers_that_need_an_address_are_passed_over(store: Store) -> None:
    shelf = [
        AvailableNumber(e164="+14155550101", country="US", kind="local", address_required=True),
        AvailableNumber(e164="+14155550102", country="US", kind="local"),
    ]
    rig = await open_numbers(store, for_sale=shelf)

    assert (await rig.buy()).e164 == "+14155550102"


class SoldMeanwhile(FakeTelephony):
    """The first number that is asked for went to somebody else a moment ago."""

    async def buy_number(self, e164: str, settings: NumberSettings) -> OwnedNumber:
        if self.for_sale:
            self.for_sale, others = {}, self.for_sale
            self.others = {number: others[number] for number in others if number != e164}
            raise Conflict("phone_number_unavailable", "sold")
        self.for_sale = self.others
        return await super().buy_number(e164, settings)


async def test_a_number_that_was_sold_meanwhile_is_passed_over(rig: NumbersRig) -> None:
    first, second, *_ = rig.telephony.for_sale
    telephony = SoldMeanwhile(now=lambda: rig.now)
    rig.numbers.purchases._telephony = rig.numbers.stock._telephony = telephony

    number = await rig.buy()

    assert (number.e164, first in telephony.for_sale) == (second, False)
