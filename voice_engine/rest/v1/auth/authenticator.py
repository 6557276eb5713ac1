"""From a bearer token to the request's principal: identity's answer in the words of `rest.security`.

What holds a person up on the business surface holds their tokens up as well. The contract of `/v1` has one code for
good credentials that are not enough, so each of these is `forbidden`, and `details.reason` says which it is.
"""

from dataclasses import replace

from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.domains.identity.caller import Caller, invalid_token
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.viewing import Person
from voice_engine.errors import NotAllowed
from voice_engine.rest.security import OutOfScope, Principal, Unauthenticated

AUTHENTICATION_CODES = frozenset({"missing_token", "invalid_token", "token_expired"})


class IdentityAuthenticator:
    """`rest.security.Authenticator` over identity.

    An access token costs no query of its own, an API token one; whom it speaks for one more, once in
    `revocation_lag`.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def authenticate(self, token: str) -> Principal:
        """Who the token speaks for.

        Raises:
            Unauthenticated: `invalid_token` (also of a closed account or organization), `token_expired`.
            OutOfScope: `forbidden`: the organization is suspended, or a new password is due.
        """
        try:
            caller = await self._identity.verify_access_token(token)
            person = await self._identity.bearers.find(caller)
            if person is None:
                raise invalid_token()
        except NotAllowed as error:
            raise as_unauthenticated(error) from error
        _check(person)
        return replace(principal_of_caller(caller), plan=person.tier)


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


def _check(person: Person) -> None:
    if person.is_suspended:
        raise OutOfScope(
            "forbidden",
            "this organization is suspended; ask whoever runs this server",
            details={"reason": "organization_suspended"},
        )
    if person.must_change_password and person.kind is OrganizationKind.BUSINESS:
        raise OutOfScope(
            "forbidden",
            "a new password is due: sign in to the web app and choose one",
            details={"reason": "password_change_required"},
        )
