"""Durable work of numbers: purchases that nobody finished, numbers on their way back to the carrier."""

from collections.abc import Mapping
from typing import Any

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.numbers.first import FirstNumbers
from voice_engine.domains.numbers.purchases import Purchases
from voice_engine.domains.numbers.repository import numbers
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import NumberTelephony
from voice_engine.store.engine import Store


class SettlePurchase:
    """`JobHandler` of `number.settle_purchase`: looks for what was bought; no-op when the purchase has ended."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases = purchases

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Settle one purchase. Raises UpstreamFailed; it is tried again."""
        await self._purchases.settle(str(payload["purchase_id"]), str(payload["organization_id"]))


class GreetOperator:
    """`JobHandler` of `account.operator_joined`: the built-in carrier's number becomes the first operator's."""

    def __init__(self, store: Store, first: FirstNumbers, number: str | None) -> None:
        self._store = store
        self._first = first
        self._number = number

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Give one operator the number, if there is one to give. Raises UpstreamFailed; it is tried again."""
        if self._number is None:
            return
        organization_id = str(payload["organization_id"])
        async with self._store.system("whether anybody has the first number", writes=False) as work:
            taken = await numbers.is_bought(work, self._number)
            organization = await accounts.get_organization(work, organization_id)
        if not taken:
            await self._first.provision_first(
                organization_id, organization.country, owned=self._number, user_id=str(payload["user_id"])
            )


class ReleaseNumber:
    """`JobHandler` of `number.release`: gives a number back; one that is gone is no error."""

    def __init__(self, telephony: NumberTelephony) -> None:
        self._telephony = telephony

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Release one number. Raises UpstreamFailed; it is tried again."""
        await self._telephony.release_number(str(payload["provider_sid"]))
