"""From a bearer token to the request's principal: identity's answer in the words of `rest.security`."""

from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.service import Identity
from voice_engine.errors import NotAllowed
from voice_engine.rest.security import Principal, Unauthenticated

AUTHENTICATION_CODES = frozenset({"missing_token", "invalid_token", "token_expired"})


class IdentityAuthenticator:
    """`rest.security.Authenticator` over identity. An access token costs no query, an API token one."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def authenticate(self, token: str) -> Principal:
        """Who the token speaks for. Raises Unauthenticated: `invalid_token`, `token_expired`."""
        try:
            caller = await self._identity.verify_access_token(token)
        except NotAllowed as error:
            raise as_unauthenticated(error) from error
        return principal_of_caller(caller)


def principal_of_caller(caller: Caller) -> Principal:
    """The same person as routes see them."""
    return Principal(
        user_id=caller.user_id,
        organization_id=caller.organization_id,
        scopes=caller.scopes,
        client_id=caller.client_id,
        token_id=caller.token_id,
    )


def as_unauthenticated(error: NotAllowed) -> Unauthenticated:
    """A credential's refusal as the surface tells it."""
    assert error.code in AUTHENTICATION_CODES, error.code
    return Unauthenticated(error.code, error.message, details=error.details)
