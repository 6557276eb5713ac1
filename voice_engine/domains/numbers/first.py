"""An installation's first number: its operator's, so that there is one to call before anybody has asked for one."""

import datetime as dt
from collections.abc import Callable

import phonenumbers

from voice_engine.domains.numbers.entering import enter, number_row, urls
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.purchases import Order, Purchases
from voice_engine.domains.numbers.repository import numbers
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.numbers.stock import Wish
from voice_engine.errors import Conflict
from voice_engine.ports.telephony import NumberTelephony, OwnedNumber
from voice_engine.store.engine import Store
from voice_engine.store.idempotency import KeyedRequest
from voice_engine.store.uow import UnitOfWork

ROUTE = "first number"
"""The name under which a first number is bought once."""


class FirstNumbers:
    """Gives an organization a number unless it has one. `now` is the wall clock, in UTC."""

    def __init__(
        self,
        store: Store,
        telephony: NumberTelephony,
        purchases: Purchases,
        settings: NumberSettings,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._purchases = purchases
        self._settings = settings
        self._now = now

    async def provision_first(
        self, organization_id: str, country: str, *, owned: str | None = None, user_id: str | None = None
    ) -> PhoneNumber:
        """The organization's number; bought when it has none.

        Args:
            organization_id: whose number it becomes.
            country: where to buy, ISO 3166-1 alpha-2.
            owned: a number that the carrier's account has already (the built-in carrier's own). It is taken over,
                its calls sent to us, unless it was ever anybody's here. Numbers that are not named are left alone:
                an account may serve something else, too.
            user_id: whose doing it is.

        Several may ask for the same organization at once: they get one number.

        Raises:
            Conflict: `first_number_released`: it had one and gave it up; another is its owner's to choose.
            as `Purchases.provision`; `idempotency_conflict` while somebody else buys it.
        """
        number = await self._known(organization_id)
        if number is None and owned is not None:
            number = await self._take_over(organization_id, owned, user_id) or await self._known(organization_id)
        if number is not None:
            return number
        order = Order(wish=Wish(country=country), user_id=user_id)
        once = KeyedRequest(user_id=organization_id, route=ROUTE, key=organization_id, body_hash="")
        return (await self._purchases.provision(organization_id, order, key=once)).number

    async def _known(self, organization_id: str) -> PhoneNumber | None:
        """Asked again after a number that was spoken for: somebody else may just have taken it for us."""
        async with self._store.read(organization_id) as work:
            return await _first_of(work)

    async def _take_over(self, organization_id: str, e164: str, user_id: str | None) -> PhoneNumber | None:
        """The account's number as the organization's; None when the account lacks it or it is spoken for."""
        found = await self._telephony.find_number(e164)
        if found is None or await self._was_anybodys(found):
            return None
        pointed = await self._telephony.configure_number(found.number_sid, urls(self._settings))
        region = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
        async with self._store.begin(organization_id) as work:
            row = number_row(
                self._settings,
                pointed,
                organization_id=organization_id,
                country=region or "US",
                sms=pointed.sms,
                user_id=user_id,
                now=self._now(),
            )
            await numbers.lock(work)
            if (known := await _first_of(work)) is not None:
                return known
            if await numbers.is_bought(work, e164):
                return None
            await enter(work, row, actor=user_id or "first start", now=self._now())
        return row

    async def _was_anybodys(self, number: OwnedNumber) -> bool:
        """A number that was released may be on its way back to the carrier."""
        async with self._store.system("whose number of the account it is", writes=False) as work:
            return number.number_sid in await numbers.list_known_sids(work, [number.number_sid])


async def _first_of(work: UnitOfWork) -> PhoneNumber | None:
    """A number that the organization bought. Raises Conflict `first_number_released` when all are given up."""
    had = await numbers.list_bought_ever(work)
    live = [number for number in had if number.released_at is None]
    if had and not live:
        raise Conflict(
            "first_number_released", "its number was given up; provision another one under /v1/phone-numbers"
        )
    return live[0] if live else None
