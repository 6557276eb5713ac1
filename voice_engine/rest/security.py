"""Who asks: the principal of a request, and the check that every route names.

Tokens are made and read by `domains.identity`; this module knows the header and the scopes.
"""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from voice_engine.domains.minutes.plans import LEAST, Feature, Tier, has
from voice_engine.errors import VoiceEngineError

PUBLIC = "none"
"""The scope of an operation that needs no token (the contract's word)."""

ANY = "any"
"""The scope of an operation that needs a token, whichever."""

BEARER = "bearer "


class Unauthenticated(VoiceEngineError):
    """No valid credentials: `missing_token`, `invalid_token`, `token_expired`."""


class OutOfScope(VoiceEngineError):
    """The credentials are good and not enough: `forbidden`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a request acts for. `organization_id` is the tenant of everything it may touch.

    `plan` is a business's; None: an organization that pays in credits, which has every feature.
    """

    user_id: str
    organization_id: str
    scopes: frozenset[str]
    client_id: str
    token_id: str
    plan: Tier | None = None

    def require(self, scope: str) -> None:
        """Raise OutOfScope unless the token has `scope`."""
        if scope != ANY and scope not in self.scopes:
            raise OutOfScope(
                "forbidden",
                f"this token lacks the scope {scope}; ask for it when you sign in",
                details={"reason": "insufficient_scope", "required_scope": scope},
            )

    def may(self, feature: Feature) -> bool:
        """Whether the plan includes the feature."""
        return self.plan is None or has(self.plan, feature)

    def require_feature(self, feature: Feature) -> None:
        """Raise OutOfScope unless the plan includes the feature."""
        if not self.may(feature):
            raise OutOfScope(
                "forbidden",
                f"this needs the {LEAST[feature]} plan or a larger one; yours is {self.plan}",
                details={
                    "reason": "plan_upgrade_required",
                    "requiredPlan": LEAST[feature],
                    "currentPlan": self.plan,
                },
            )


class Authenticator(Protocol):
    """Reads a token."""

    async def authenticate(self, token: str) -> Principal:
        """Who the token speaks for.

        Raises:
            Unauthenticated: `invalid_token`, `token_expired`.
            OutOfScope: `forbidden`, of whoever may do nothing at this time.
        """
        ...


async def principal_of(request: HTTPConnection, authenticator: Authenticator, scope: str) -> Principal | None:
    """The principal of a request to an operation of this scope; None where it is public.

    Raises:
        Unauthenticated: `missing_token`, `invalid_token`, `token_expired`.
        OutOfScope: `forbidden`.
    """
    if scope == PUBLIC:
        return None
    principal = await authenticator.authenticate(bearer_of(request))
    principal.require(scope)
    return principal


def bearer_of(request: HTTPConnection) -> str:
    """The bearer token. Raises Unauthenticated `missing_token`, `invalid_token`."""
    header = request.headers.get("authorization", "")
    if not header.strip():
        raise Unauthenticated("missing_token", "send an access token: Authorization: Bearer <token>")
    token = header[len(BEARER) :].strip()
    if not header.lower().startswith(BEARER) or not token:
        raise Unauthenticated("invalid_token", "the Authorization header must read: Bearer <token>")
    return token


def _caller(request: Request) -> Principal:
    principal: object = request.scope["state"].get("principal")
    assert isinstance(principal, Principal), "a public route has no caller"
    return principal


Caller = Annotated[Principal, Depends(_caller)]
"""A route's parameter: who asks."""
