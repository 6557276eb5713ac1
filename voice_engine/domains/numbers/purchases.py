"""Buying: from a wish to a number that answers, bought once.

```
begin (unit) ─▶ OPEN ─▶ pick (unit) ─▶ carrier is asked ─▶ BOUGHT          the number is the organization's
                 │          │                ├─ somebody else has it ─▶ pick the next, or FAILED
                 │          │                └─ answer lost ─┐
                 └─ crash ──┴───────── crash ────────────────┴─▶ settle (job): BOUGHT, or FAILED
```
The purchase's row is kept before the carrier is asked, and its id is the number's name there: whatever got lost,
the number is known as this purchase's. What is bought after all when the purchase was given up is given back.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.numbers import words
from voice_engine.domains.numbers.entering import enter, found_facts, number_row, urls
from voice_engine.domains.numbers.models import NumberPurchase, PhoneNumber, PurchaseState
from voice_engine.domains.numbers.repository import numbers, purchases
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.numbers.stock import Stock, Wish, check_shape
from voice_engine.domains.usage.models import SubscriptionState
from voice_engine.domains.usage.service import UsageService
from voice_engine.errors import Conflict, InvalidInput, NotFound, UpstreamFailed, VoiceEngineError
from voice_engine.ports.telephony import OUTCOME_UNKNOWN, AvailableNumber, NumberTelephony, OwnedNumber
from voice_engine.store import idempotency, outbox
from voice_engine.store.engine import Store
from voice_engine.store.idempotency import KeyedRequest
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

SUBSCRIBED = frozenset({SubscriptionState.ACTIVE, SubscriptionState.TRIALING})
SETTLING_S = 10
"""How long a client waits before it asks again for a purchase that is under way."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request for a number: any of the wish, or `e164`."""

    wish: Wish
    e164: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """A number that was bought. `repeated`: an earlier request with the same key had asked for it."""

    number: PhoneNumber
    repeated: bool


class Purchases:
    """Buys numbers. `now` is the wall clock, in UTC."""

    def __init__(
        self,
        store: Store,
        telephony: NumberTelephony,
        stock: Stock,
        usage: UsageService,
        settings: NumberSettings,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._stock = stock
        self._usage = usage
        self._settings = settings
        self._now = now

    async def provision(
        self, organization_id: str, order: Order, *, key: KeyedRequest | None = None
    ) -> Provisioned:
        """Buy a number for the organization, its calls sent to us from the first moment.

        Args:
            key: names the request, so that its repetition gets the same number.

        Raises:
            InvalidInput: `validation_error`, `no_active_subscription`.
            Conflict: `idempotency_conflict`, `phone_number_unavailable`, `phone_number_limit_reached`,
                `already_provisioned`.
            NotAllowed: `unsupported_country`.
            NotFound: `no_numbers_available`.
            UpstreamFailed: the carrier does not answer, or its answer got lost (then a job finds out).
        """
        check_shape(order.wish)
        purchase_id = new_id()
        async with self._store.begin(organization_id) as work:
            if key is not None:
                earlier = await idempotency.claim(work, key, now=self._now())
                if earlier is not None:
                    assert earlier.resource_id is not None, "a key and its purchase are written together"
                    return Provisioned(number=await self._earlier(work, earlier.resource_id), repeated=True)
                await idempotency.attach(work, key, resource_id=purchase_id)
            await self._check(work, order)
            await self._begin(work, purchase_id, order)
        try:
            bought = await self._buy(purchase_id, organization_id, order)
        except VoiceEngineError as error:
            if not _may_be_bought(error):
                await self._give_up(purchase_id, organization_id, error.code)
            raise
        number = await self.finish(purchase_id, organization_id, bought)
        if number is None:
            raise _not_for_sale()
        return Provisioned(number=number, repeated=False)

    async def finish(self, purchase_id: str, organization_id: str, bought: OwnedNumber) -> PhoneNumber | None:
        """The account has the number: it becomes the organization's. None when the purchase was given up before;
        the number is then given back."""
        async with self._store.begin(organization_id) as work:
            purchase = await purchases.find(work, purchase_id, lock=True)
            assert purchase is not None and purchase.e164 == bought.e164, "a purchase buys the number it picked"
            if purchase.number_id is not None:
                return await numbers.find_by_id(work, purchase.number_id)
            if purchase.state != PurchaseState.OPEN:
                await outbox.enqueue(work, words.release(bought.number_sid))
                return None
            number = self._row(purchase, bought)
            organization = await accounts.get_organization(work, work.organization_id)
            number.assistant_id = organization.primary_assistant_id
            ended = {"number_id": number.id, "ended_at": self._now()}
            await purchases.end(work, purchase_id, PurchaseState.BOUGHT, **ended)
            await enter(work, number, actor=purchase.user_id or "settle", now=self._now())
            await outbox.cancel(work, key=words.settle_key(purchase_id))
        return number

    async def settle(self, purchase_id: str, organization_id: str) -> None:
        """Find out what a purchase came to that nobody finished; no-op when it has ended.

        Raises:
            UpstreamFailed: the carrier does not answer; to be tried again.
        """
        async with self._store.read(organization_id) as work:
            purchase = await purchases.find(work, purchase_id)
        if purchase is None or purchase.state != PurchaseState.OPEN:
            return
        found = None if purchase.e164 is None else await self._telephony.find_number(purchase.e164)
        if found is not None and found.friendly_name == name_of(purchase_id):
            await self.finish(purchase_id, organization_id, found)
            _log.info("number.purchase_recovered", purchase_id=purchase_id)
            return
        await self._give_up(purchase_id, organization_id, "not_bought")

    # -- inside ----------------------------------------------------------------------------------------------

    async def _earlier(self, work: UnitOfWork, purchase_id: str) -> PhoneNumber:
        purchase = await purchases.find(work, purchase_id)
        assert purchase is not None, "purchases are not deleted"
        number = None if purchase.number_id is None else await numbers.find_by_id(work, purchase.number_id)
        if number is None:
            raise Conflict(
                "idempotency_conflict",
                "the first request with this Idempotency-Key still runs; ask again in a moment",
                details={"retry_after_seconds": SETTLING_S},
            )
        return number

    async def _check(self, work: UnitOfWork, order: Order) -> None:
        """What can be told before the carrier is asked, in the contract's order. Locks the billing account (a
        business: itself), so that two requests do not both take the plan's last number."""
        organization = await accounts.get_organization(work, work.organization_id)
        if organization.kind == OrganizationKind.BUSINESS:
            await self._check_business(work)
            return
        running = await self._usage.accounts.running(work)
        if order.e164 is not None and await numbers.is_bought(work, order.e164):
            raise _not_for_sale()
        most = self._settings.numbers_by_plan.get(running.plan.type, 0)
        if await purchases.count_taken(work) >= most:
            raise Conflict(
                "phone_number_limit_reached",
                f"your plan has {most} number{'' if most == 1 else 's'}; release one, or choose a larger plan",
                details={"limit": most},
            )
        self._stock.country(order.wish.country)
        if running.account.status not in SUBSCRIBED:
            raise InvalidInput("no_active_subscription", "a number needs an active subscription; choose a plan")

    async def _check_business(self, work: UnitOfWork) -> None:
        """A business has one number, whatever its plan."""
        await assistants.organization(work, lock=True)
        if await purchases.count_taken(work) > 0:
            raise Conflict("already_provisioned", "the organization has its number already")

    async def _begin(self, work: UnitOfWork, purchase_id: str, order: Order) -> None:
        now = self._now()
        purchase = NumberPurchase(
            id=purchase_id,
            organization_id=work.organization_id,
            user_id=order.user_id,
            state=PurchaseState.OPEN,
            country=order.wish.country,
            area_code=order.wish.area_code,
            created_at=now,
        )
        await purchases.add(work, purchase)
        due = now + self._settings.settle_after
        await outbox.enqueue(work, words.settle(purchase_id, work.organization_id, due_at=due))

    async def _buy(self, purchase_id: str, organization_id: str, order: Order) -> OwnedNumber:
        """Pick and buy. Raises as `provision`."""
        asked = 0
        for candidate in await self._candidates(order):
            if asked == self._settings.picks:
                break
            if not await self._pick(purchase_id, organization_id, candidate):
                continue
            asked += 1
            try:
                return await self._order(purchase_id, candidate.e164)
            except Conflict:
                continue
        if order.e164 is not None or asked:
            raise _not_for_sale()
        raise NotFound("no_numbers_available", "there is no such number to be had now; try another area or country")

    async def _pick(self, purchase_id: str, organization_id: str, candidate: AvailableNumber) -> bool:
        """Take the number before anybody else here does."""
        async with self._store.begin(organization_id) as work:
            taken = await purchases.take(work, purchase_id, candidate.e164, found_facts(candidate))
            return taken and not await numbers.is_bought(work, candidate.e164)

    async def _candidates(self, order: Order) -> Sequence[AvailableNumber]:
        if order.e164 is not None:
            found = await self._stock.find(order.wish.country, order.e164)
            return () if found is None else (found,)
        some = await self._stock.search(order.wish, limit=4 * self._settings.picks)
        return [number for number in some if not number.address_required]

    async def _order(self, purchase_id: str, e164: str) -> OwnedNumber:
        """Ask the carrier. A lost answer is looked for once; then the job does.

        Raises:
            Conflict: `phone_number_unavailable`.
            UpstreamFailed: `carrier_outcome_unknown`, ….
        """
        name = name_of(purchase_id)
        try:
            return await self._telephony.buy_number(e164, urls(self._settings, name=name))
        except UpstreamFailed as error:
            if error.code == "address_required":
                raise _not_for_sale() from error
            if error.code != OUTCOME_UNKNOWN:
                raise
            _log.warning("number.answer_lost", purchase_id=purchase_id)
            found = await self._look_for(e164)
            if found is None or found.friendly_name != name:
                raise
            return found

    async def _look_for(self, e164: str) -> OwnedNumber | None:
        try:
            return await self._telephony.find_number(e164)
        except UpstreamFailed:
            return None

    async def _give_up(self, purchase_id: str, organization_id: str, reason: str) -> None:
        """Close the purchase; its key is free for another try."""
        async with self._store.begin(organization_id) as work:
            closed = {"error": reason[:64], "ended_at": self._now()}
            if await purchases.end(work, purchase_id, PurchaseState.FAILED, **closed):
                await idempotency.withdraw(work, resource_id=purchase_id)
                await outbox.cancel(work, key=words.settle_key(purchase_id))

    def _row(self, purchase: NumberPurchase, bought: OwnedNumber) -> PhoneNumber:
        found = purchase.found or {}
        return number_row(
            self._settings,
            bought,
            organization_id=purchase.organization_id,
            country=str(found.get("country") or purchase.country),
            sms=bool(found.get("sms", bought.sms)),
            user_id=purchase.user_id,
            now=self._now(),
        )


def name_of(purchase_id: str) -> str:
    """How a purchase's number is called at the carrier, so that it is known again."""
    return f"voice_engine {purchase_id}"


def _may_be_bought(error: VoiceEngineError) -> bool:
    return isinstance(error, UpstreamFailed) and error.code == OUTCOME_UNKNOWN


def _not_for_sale() -> Conflict:
    return Conflict("phone_number_unavailable", "this number is not for sale any more; choose another")
