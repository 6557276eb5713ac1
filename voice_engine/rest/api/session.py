"""Who is signed in: the session cookie, what it stands for, and whether a request comes from our own pages."""

from dataclasses import dataclass
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request

from voice_engine.domains.minutes.plans import Tier
from voice_engine.rest.security import OutOfScope, Principal, Unauthenticated

COOKIE = "next-auth.session-token"
SECURE_COOKIE = f"__Secure-{COOKIE}"
"""Over HTTPS: browsers take it by https only. The plain name is not read there, as a neighbouring host or a page by
plain HTTP could have planted it."""

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session, and what the checks before every operation need to know of its account."""

    principal: Principal
    plan: Tier
    must_change_password: bool = False
    is_suspended: bool = False


class SessionReader(Protocol):
    """Reads a session cookie."""

    async def read(self, token: str) -> SignedIn | None:
        """Whose session it is; None when it is unknown, over or revoked."""
        ...


def token_of(request: Request, *, secure: bool) -> str | None:
    """The session token that the browser sent; None without one. `secure`: browsers reach us over HTTPS."""
    return request.cookies.get(SECURE_COOKIE if secure else COOKIE) or None


async def signed_in(request: Request, sessions: SessionReader, *, secure: bool) -> SignedIn:
    """The session of a request. Raises Unauthenticated `unauthenticated`."""
    token = token_of(request, secure=secure)
    found = None if token is None else await sessions.read(token)
    if found is None:
        raise Unauthenticated("unauthenticated", "sign in first: there is no session, or it is over")
    return found


def check_origin(request: Request, own: frozenset[str]) -> None:
    """Refuse a change that another site's page asks for.

    A program sends no Origin and has no cookie that it was not given. A browser sends it with every change; it must
    be one of `own`, or the very host that the request came to (whose cookie it is).

    Raises:
        OutOfScope: `bad_origin`.
    """
    if request.method not in CHANGING:
        return
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site") == "cross-site":
            raise _foreign()
        return
    if origin not in own and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise _foreign()


def _foreign() -> OutOfScope:
    return OutOfScope("bad_origin", "this request comes from a page of another site")


def _session(request: Request) -> SignedIn:
    session: object = request.scope["state"].get("session")
    assert isinstance(session, SignedIn), "an open route has no session"
    return session


Session = Annotated[SignedIn, Depends(_session)]
"""A route's parameter: who is signed in, with the plan of their organization."""
