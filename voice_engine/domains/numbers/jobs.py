"""Durable work of numbers: purchases that nobody finished, numbers on their way back to the carrier."""

from collections.abc import Mapping
from typing import Any

from voice_engine.domains.numbers.purchases import Purchases
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import NumberTelephony


class SettlePurchase:
    """`JobHandler` of `number.settle_purchase`: looks for what was bought; no-op when the purchase has ended."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases = purchases

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Settle one purchase. Raises UpstreamFailed; it is tried again."""
        await self._purchases.settle(str(payload["purchase_id"]), str(payload["organization_id"]))


class ReleaseNumber:
    """`JobHandler` of `number.release`: gives a number back; one that is gone is no error."""

    def __init__(self, telephony: NumberTelephony) -> None:
        self._telephony = telephony

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Release one number. Raises UpstreamFailed; it is tried again."""
        await self._telephony.release_number(str(payload["provider_sid"]))
