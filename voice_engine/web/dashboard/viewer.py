"""Who looks: the session behind a request's cookie, of either sign-in, and the person in their organization."""

import hashlib
import hmac
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.viewing import Person, find_person
from voice_engine.rest.api.session import COOKIE, SECURE_COOKIE
from voice_engine.rest.v1.auth.browser import HOST_PREFIX, SESSION_COOKIE

COOKIES = (COOKIE, SESSION_COOKIE)
"""Sessions of the business sign-in and of the built-in one are rows of one table."""
SECURE_COOKIES = (HOST_PREFIX + SESSION_COOKIE, SECURE_COOKIE)
"""Over HTTPS: what no page by plain HTTP can plant, first what no neighbouring host can either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A signed-in person, with the session they came by."""

    caller: Caller
    person: Person
    session_token: str = field(repr=False)
    cookie: str

    @property
    def organization_id(self) -> str:
        """The tenant of everything that is shown."""
        return self.person.organization_id

    @property
    def user_id(self) -> str:
        """The person."""
        return self.person.user_id

    @property
    def is_business(self) -> bool:
        """Whether the organization is a business (its own plans, minutes, an assistant) or a person."""
        return self.person.kind is OrganizationKind.BUSINESS

    @property
    def csrf(self) -> str:
        """What a form of this session carries: made from the cookie, which no other site can read."""
        return hashlib.sha256(b"app form:" + self.session_token.encode()).hexdigest()[:40]

    def holds_csrf(self, given: str) -> bool:
        """Whether a form is one that this session was given."""
        return hmac.compare_digest(self.csrf.encode(), given.encode("utf-8", "replace"))


async def find_viewer(identity: Identity, request: HTTPConnection) -> Viewer | None:
    """Who looks; None when nobody is signed in (any more)."""
    for cookie in SECURE_COOKIES if identity.settings.is_secure else COOKIES:
        token = request.cookies.get(cookie)
        caller = await identity.sessions.find(token) if token else None
        if token is None or caller is None:
            continue
        async with identity.store.read(caller.organization_id) as work:
            person = await find_person(work, caller.user_id, caller.organization_id, now=identity.now())
        if person is not None:
            return Viewer(caller=caller, person=person, session_token=token, cookie=cookie)
    return None
