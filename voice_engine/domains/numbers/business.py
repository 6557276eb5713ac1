"""The one number of a business: looked for, bought, answered by its assistant."""

from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers

from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.purchases import Order, Purchases
from voice_engine.domains.numbers.repository import numbers
from voice_engine.domains.numbers.stock import Stock, Wish
from voice_engine.errors import Conflict, NotAllowed, NotFound
from voice_engine.ports.telephony import AvailableNumber
from voice_engine.store.engine import Store
from voice_engine.store.idempotency import KeyedRequest
from voice_engine.store.uow import UnitOfWork

NANP = "US"
"""Area codes are searched in this country's shelf (published business API: NANP area codes)."""

MOST_SEARCHED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberView:
    """The number and who answers it; None where there is none."""

    number: PhoneNumber | None
    assistant: Assistant | None


class BusinessNumbers:
    """Search and purchase for businesses."""

    def __init__(self, store: Store, purchases: Purchases, stock: Stock) -> None:
        self._store = store
        self._purchases = purchases
        self._stock = stock

    async def read(self, work: UnitOfWork) -> NumberView:
        """The number that the organization is called on: the oldest that it bought."""
        number = next((row for row in await numbers.list_live(work) if not row.is_own), None)
        if number is None:
            return NumberView(number=None, assistant=None)
        organization = await assistants.organization(work)
        for assistant_id in (number.assistant_id, organization.primary_assistant_id):
            found = None if assistant_id is None else await assistants.find(work, assistant_id)
            if found is not None:
                return NumberView(number=number, assistant=found)
        return NumberView(number=number, assistant=None)

    async def search(self, *, area_code: str | None, locality: str | None, limit: int) -> Sequence[AvailableNumber]:
        """At most `limit` (1 to `MOST_SEARCHED`) free numbers. Raises UpstreamFailed."""
        found = await self._stock.search(Wish(country=NANP, area_code=area_code, locality=locality), limit=limit)
        return found[:limit]

    async def provision(
        self,
        organization_id: str,
        user_id: str,
        *,
        area_code: str | None,
        e164: str | None,
        key: KeyedRequest | None = None,
    ) -> PhoneNumber:
        """Buy a number, or this one, and have the primary assistant answer it.

        It is bought and bound in one purchase: what cannot be entered here is given back to the carrier. `key`
        names the request, so that its repetition gets the same number.

        Raises:
            NotFound: `no_active_assistant`, `no_numbers_available`.
            Conflict: `already_provisioned`; `idempotency_conflict` while the first request with the key runs.
            InvalidInput: `validation_error`.
            UpstreamFailed: the carrier does not answer.
        """
        async with self._store.read(organization_id) as work:
            organization = await assistants.organization(work)
            primary = organization.primary_assistant_id
            if primary is None or await assistants.find(work, primary) is None:
                raise NotFound(
                    "no_active_assistant", "there is no assistant yet: create one with POST /api/assistants"
                )
        wish = Wish(country=_country(e164), area_code=None if e164 else area_code)
        try:
            order = Order(wish=wish, e164=e164, user_id=user_id)
            bought = await self._purchases.provision(organization_id, order, key=key)
        except (Conflict, NotAllowed) as refusal:
            if refusal.code not in {"phone_number_unavailable", "unsupported_country"}:
                raise
            raise NotFound("no_numbers_available", "this number cannot be had; search for another") from refusal
        return bought.number


def _country(e164: str | None) -> str:
    """Where a number is sold; None: any of `NANP`."""
    if e164 is None:
        return NANP
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or NANP
    except phonenumbers.NumberParseException:
        return NANP
