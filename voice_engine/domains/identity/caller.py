"""Who a credential stands for, and the refusals that every surface gives for a bad one."""

import datetime as dt
from dataclasses import dataclass

from voice_engine.errors import NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The bearer of a verified credential. `expires_at` None: it holds until it is revoked.

    `token_id` names the credential in logs and audit: an access token's `jti`, an API token's or a session's id.
    """

    user_id: str
    organization_id: str
    scopes: frozenset[str]
    client_id: str
    token_id: str
    expires_at: dt.datetime | None


def missing_token() -> NotAllowed:
    """No credential was sent."""
    return NotAllowed("missing_token", "send an access token in the header `Authorization: Bearer …`")


def invalid_token() -> NotAllowed:
    """The credential is malformed, unknown, revoked or signed by somebody else."""
    return NotAllowed("invalid_token", "the token is not valid here; sign in again or send another one")


def token_expired() -> NotAllowed:
    """The credential was good once."""
    return NotAllowed("token_expired", "the token has expired; refresh it or sign in again")
