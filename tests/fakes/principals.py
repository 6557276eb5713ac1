"""Tokens that say who they are, for tests of operations."""

import uuid

from voice_engine.rest.security import Principal, Unauthenticated


def principal(name: str, *scopes: str, user_id: str | None = None, organization_id: str | None = None) -> Principal:
    """Somebody. Without ids, ones that follow from the name."""
    made = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
    return Principal(
        user_id=user_id or made,
        organization_id=organization_id or made,
        scopes=frozenset(scopes),
        client_id="test",
        token_id=name,
    )


class KnownTokens:
    """An authenticator that knows a few tokens by name; `expired` has expired, others are unknown."""

    def __init__(self, **known: Principal) -> None:
        self.known = known

    async def authenticate(self, token: str) -> Principal:
        """Who it is."""
        if token == "expired":
            raise Unauthenticated("token_expired", "the token has expired; refresh it")
        if token not in self.known:
            raise Unauthenticated("invalid_token", "the token is not valid")
        return self.known[token]
