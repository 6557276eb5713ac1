"""Choosing what calls show. A phone that is somebody's is shown only where the carrier knows that, too."""

from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.service import NumberService, Use
from voice_engine.errors import Conflict
from voice_engine.ports.telephony import NumberTelephony
from voice_engine.store.engine import Store


class Showing:
    """Opens units of its own: the carrier is asked between two of them."""

    def __init__(self, store: Store, telephony: NumberTelephony, service: NumberService) -> None:
        self._store = store
        self._telephony = telephony
        self._service = service

    async def configure(self, organization_id: str, use: Use) -> PhoneNumber:
        """Use a proven number, as `NumberService.configure`; a phone as caller id only if the carrier lets it.

        Raises:
            NotFound: `phone_number_not_found`.
            Conflict: `phone_number_not_verified`, also where only the carrier does not know the phone.
            InvalidInput: as there.
            UpstreamFailed: the carrier does not answer.
        """
        if use.as_caller_id:
            async with self._store.read(organization_id) as work:
                number = await self._service.find_proven(work, use.e164)
            if number.is_own and not await self._telephony.may_show(number.e164):
                raise Conflict(
                    "phone_number_not_verified",
                    "the carrier lets no call show this phone: add it to the verified caller ids of the carrier's "
                    "account (Twilio's console: Phone Numbers, Verified Caller IDs), then try again",
                )
        async with self._store.begin(organization_id) as work:
            return await self._service.configure(work, use)
