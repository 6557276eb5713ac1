"""How often an organization may ask for what costs money, counted in the database."""

from fastapi import Request

from voice_engine.domains.identity.ratelimit import Rule
from voice_engine.rest.api.session import SignedIn
from voice_engine.rest.v1.router import services_of


async def count_organization(request: Request, session: SignedIn, rule: Rule) -> None:
    """Count one request of the organization. Raises QuotaExceeded `rate_limited`."""
    identity = services_of(request).identity
    assert identity is not None, "a process with sessions has identities"
    await identity.attempts.count(rule, session.principal.organization_id)
