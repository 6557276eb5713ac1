"""What the sign-in routes reach, and where browsers are sent."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from voice_engine.domains.identity.recovery import Recovery
from voice_engine.domains.identity.redirects import own_page
from voice_engine.domains.identity.registration import Registration
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.sign_in import SignedIn
from voice_engine.domains.mail.service import Outgoing
from voice_engine.rest.api.auth.cookies import Csrf, set_session
from voice_engine.rest.api.session import token_of

DASHBOARD = "/dashboard"
LOGIN = "/login"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Ways into the business surface."""

    identity: Identity
    registration: Registration
    recovery: Recovery
    csrf: Csrf
    outgoing: Outgoing


def base_of(request: Request, public_url: str) -> str:
    """Our address as this browser has it: on one machine `localhost` and `127.0.0.1` are two sites with one server.

    Any other host that a request names is not believed.
    """
    parts, host = urlsplit(public_url), request.headers.get("host", "").lower()
    ours = (
        {f"{name}:{parts.port}" for name in LOOPBACK} if parts.port and parts.hostname in LOOPBACK_HOSTS else set()
    )
    return f"{parts.scheme}://{host}" if host in ours else public_url


def destination(asked: str | None, *, base: str, default: str) -> str:
    """Where a form's `callbackUrl` leads: a page below `base`, whatever was asked for.

    A path of ours stays, a full address only with our very origin; anything else is `default`.
    """
    asked = asked or default
    ours, theirs = urlsplit(base), _split(asked)
    if theirs is not None and (theirs[0], theirs[1]) == (ours.scheme, ours.netloc):
        asked = theirs[2] or "/"
    return base + (own_page(asked) or default)


def _split(address: str) -> tuple[str, str, str] | None:
    """Scheme, authority, and the rest of a full address; None for anything else."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return None
    authority, slash, path = rest.partition("/")
    return scheme.lower(), authority.lower(), slash + path


async def start_session(
    request: Request, response: Response, identity: Identity, signed_in: SignedIn, *, secure: bool
) -> None:
    """Start a session and hand its cookie over. The one that the browser had ends: none is taken over."""
    await end_session(request, identity, secure=secure)
    user = signed_in.user
    started = await identity.sessions.start(
        user_id=user.id, organization_id=user.organization_id, method=signed_in.method, rolls=True
    )
    set_session(response, started.token, expires_at=started.expires_at, now=identity.now(), secure=secure)


async def end_session(request: Request, identity: Identity, *, secure: bool) -> None:
    """End the session that the browser has, if it has one."""
    token = token_of(request, secure=secure)
    caller = None if token is None else await identity.sessions.find(token)
    if caller is not None:
        await identity.sessions.end(caller)
