"""From the session cookie to who is signed in: two short reads, one by the token, one of the business."""

from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.standing import find_standing
from voice_engine.rest.api.session import SignedIn
from voice_engine.rest.v1.auth.authenticator import principal_of_caller


class BusinessSessions:
    """`rest.api.session.SessionReader` over identity. Sessions of people without a business are none here."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def read(self, token: str) -> SignedIn | None:
        """Whose session it is; None when it is unknown, over or revoked, or its account is closed."""
        caller = await self._identity.sessions.find(token)
        if caller is None:
            return None
        async with self._identity.store.read(caller.organization_id) as work:
            standing = await find_standing(work, caller.user_id, caller.organization_id, now=self._identity.now())
        if standing is None:
            return None
        return SignedIn(
            principal=principal_of_caller(caller),
            plan=standing.tier,
            must_change_password=standing.must_change_password,
            is_suspended=standing.status == OrganizationStatus.SUSPENDED,
        )
