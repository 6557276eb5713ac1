"""The cookies of a signed-in browser, by the names and rules of the client library that the contract follows
(next-auth 4): `core/lib/cookie.ts` for names and flags, `core/lib/csrf-token.ts` for the token's form."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from voice_engine.rest.api.session import COOKIE, SECURE_COOKIE

CSRF_COOKIE = "next-auth.csrf-token"
SECURE_CSRF_COOKIE = f"__Host-{CSRF_COOKIE}"
"""Over HTTPS: browsers take it from this very host only."""
NO_STORE = "private, no-cache, no-store"

_TOKEN = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Csrf:
    """Makes and checks `token|sha256(token + secret)`: who sends the token back has read our answer.

    `is_secure`: browsers reach us over HTTPS, and only the cookie that is bound to this host counts.
    """

    def __init__(self, secret: bytes, *, is_secure: bool) -> None:
        self._secret = secret.hex()
        self._cookie = SECURE_CSRF_COOKIE if is_secure else CSRF_COOKIE

    def token_of(self, request: Request) -> str:
        """The token of this browser, as its cookie has it; a new one without a good cookie."""
        return self._known(request) or secrets.token_hex(32)

    def cookie_value(self, token: str) -> str:
        """The cookie that goes with a token."""
        return quote(f"{token}|{self._hash(token)}", safe="")

    def holds(self, request: Request, given: str) -> bool:
        """Whether the form's token is that of the browser's cookie."""
        known = self._known(request)
        return known is not None and hmac.compare_digest(known.encode(), given.encode("utf-8", "surrogatepass"))

    def _known(self, request: Request) -> str | None:
        cookie = request.cookies.get(self._cookie, "")
        token, _, mac = unquote(cookie).partition("|")
        if not _TOKEN.fullmatch(token):
            return None
        return (
            token if hmac.compare_digest(mac.encode("utf-8", "surrogatepass"), self._hash(token).encode()) else None
        )

    def _hash(self, token: str) -> str:
        return hashlib.sha256(f"{token}{self._secret}".encode()).hexdigest()


def set_csrf(response: Response, value: str, *, secure: bool) -> None:
    """Give the browser its token's cookie, until it is closed."""
    response.set_cookie(
        SECURE_CSRF_COOKIE if secure else CSRF_COOKIE,
        value,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def set_session(response: Response, token: str, *, expires_at: dt.datetime, now: dt.datetime, secure: bool) -> None:
    """Give the browser its session's cookie until the session ends, by date and, for a wrong clock, by age."""
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        token,
        expires=expires_at,
        max_age=max(0, int((expires_at - now).total_seconds())),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_session(response: Response, request: Request, *, secure: bool) -> None:
    """Take the session's cookie away, under whichever name the browser sent it."""
    ours = SECURE_COOKIE if secure else COOKIE
    for name in {ours, *(name for name in (COOKIE, SECURE_COOKIE) if name in request.cookies)}:
        response.set_cookie(
            name,
            "",
            max_age=0,
            path="/",
            secure=secure or name == SECURE_COOKIE,
            httponly=True,
            samesite="lax",
        )


def keep_private(response: Response) -> None:
    """No cache keeps the answer, no referrer tells its address."""
    response.headers["Cache-Control"] = NO_STORE
    response.headers["Referrer-Policy"] = "no-referrer"
