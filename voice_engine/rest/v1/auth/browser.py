"""A browser's side of the pages: cookies, the proof that a form is ours, headers that keep pages to themselves."""

import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.oauth import Parameters
from voice_engine.domains.identity.opaque import CSRF, new_token
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.sign_in import SignedIn
from voice_engine.errors import NotAllowed, VoiceEngineError
from voice_engine.rest.v1.auth.pages import Frame, Language, Page, Pages
from voice_engine.rest.v1.errors import status_of

SESSION_COOKIE = "ve_session"
CSRF_COOKIE = "ve_csrf"
FLOW_COOKIE = "ve_flow"
CSRF_KEPT_S = 86_400
HOST_PREFIX = "__Host-"
"""Browsers take such a cookie by https from this very host only (RFC 6265bis, 4.1.3.2)."""

QUERY_CHARACTERS = "%!$&'()*+,;=:@/?-._~"
"""What may stand in a query as it is (RFC 3986, 3.4); other bytes that a browser sent raw are encoded."""

_SOURCE = re.compile(r"[a-z][a-z0-9+.-]*:(//[a-z0-9.:\[\]-]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """One request of a browser."""

    request: Request
    identity: Identity
    pages: Pages

    # --- cookies -------------------------------------------------------------------------------------------------

    def cookie(self, name: str) -> str | None:
        """The value of a cookie of ours."""
        return self.request.cookies.get(self._cookie_name(name))

    def set_cookie(self, response: Response, name: str, value: str, *, seconds: int) -> None:
        """Hand the browser a cookie that scripts cannot read; `seconds` 0 takes it away."""
        response.set_cookie(
            self._cookie_name(name),
            value,
            max_age=seconds,
            path="/",
            secure=self.identity.settings.is_secure,
            httponly=True,
            samesite="lax",
        )

    def _cookie_name(self, name: str) -> str:
        return HOST_PREFIX + name if self.identity.settings.is_secure else name

    # --- who it is -----------------------------------------------------------------------------------------------

    async def caller(self) -> Caller | None:
        """Who is signed in with this browser."""
        token = self.cookie(SESSION_COOKIE)
        return await self.identity.sessions.find(token) if token else None

    async def sign_in(self, target: str, signed_in: SignedIn) -> Response:
        """Start a session and go on to `target`. An earlier session of this browser ends: none is taken over."""
        earlier = await self.caller()
        if earlier is not None:
            await self.identity.sessions.end(earlier)
        user = signed_in.user
        started = await self.identity.sessions.start(
            user_id=user.id, organization_id=user.organization_id, method=signed_in.method
        )
        response = self.go(target)
        seconds = int(self.identity.settings.session_ttl.total_seconds())
        self.set_cookie(response, SESSION_COOKIE, started.token, seconds=seconds)
        return response

    # --- forms ---------------------------------------------------------------------------------------------------

    def check_form(self, form: Parameters) -> None:
        """Refuse a form that another site sent.

        Our pages send no referrer, so browsers write `Origin: null`; the token in cookie and form is what proves.

        Raises:
            NotAllowed: `forbidden`.
        """
        origin = self.request.headers.get("origin", "null")
        site = self.request.headers.get("sec-fetch-site", "same-origin")
        if (origin != "null" and not self._is_own(origin)) or site not in {"same-origin", "none"}:
            raise NotAllowed("forbidden", "this form was sent by another site")
        cookie, field = self.cookie(CSRF_COOKIE), form.text("csrf")
        if not cookie or not field or not hmac.compare_digest(cookie.encode(), field.encode()):
            raise NotAllowed("forbidden", "the form is too old, or cookies are off; go back, reload and try again")

    def _is_own(self, origin: str) -> bool:
        """The configured address, or the one that the browser itself used (`localhost` for `127.0.0.1`)."""
        ours = urlsplit(self.identity.settings.issuer)
        host = self.request.headers.get("host", "")
        return origin in {f"{ours.scheme}://{ours.netloc}", f"{self.request.url.scheme}://{host}"}

    # --- answers -------------------------------------------------------------------------------------------------

    @property
    def own_address(self) -> str:
        """This request's path and query, to come back to."""
        query = quote_from_bytes(self.request.scope["query_string"], safe=QUERY_CHARACTERS)
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    @property
    def wants_page(self) -> bool:
        """Whether a person looks, rather than a program."""
        return "text/html" in self.request.headers.get("accept", "")

    def show(
        self,
        page: Page,
        *,
        error: VoiceEngineError | None = None,
        leads_to: str | None = None,
        language: str | None = None,
    ) -> Response:
        """The page, with the status of `error` if it shows one.

        `leads_to`: an address of somebody else's to which the page's form may send the browser in the end.
        """
        csrf = self.cookie(CSRF_COOKIE)
        frame = Frame(language=self.language(language), csrf=csrf or new_token(CSRF))
        response = HTMLResponse(self.pages.render(page, frame), status_code=status_of(error) if error else 200)
        response.headers["Content-Security-Policy"] = content_policy(leads_to)
        response.headers["Content-Language"] = frame.language
        response.headers["Vary"] = "Accept-Language, Cookie"
        if error is not None and "retry_after_seconds" in error.details:
            response.headers["Retry-After"] = str(error.details["retry_after_seconds"])
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = f'Bearer error="{error.code if error else ""}"'
        _protect(response)
        if csrf is None:
            self.set_cookie(response, CSRF_COOKIE, frame.csrf, seconds=CSRF_KEPT_S)
        return response

    def go(self, target: str, *, status: int = 303) -> Response:
        """Send the browser on. 303 makes a GET of a form's POST."""
        response = RedirectResponse(target, status_code=status)
        _protect(response)
        return response

    def language(self, asked: str | None = None) -> Language:
        """The language asked for, else the browser's first one that we speak."""
        wanted = [asked or "", *self.request.headers.get("accept-language", "").split(",")]
        for entry in wanted:
            primary = entry.strip().lower()[:2]
            if primary == "es":
                return "es"
            if primary == "en":
                return "en"
        return "en"


def content_policy(leads_to: str | None) -> str:
    """Nothing but our style sheet; forms go to us, and by our redirect to the client (Chromium checks both)."""
    targets = "'self'"
    source = source_of(leads_to) if leads_to else None
    if source:
        targets += f" {source}"
    return (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
        f"form-action {targets}; frame-ancestors 'none'"
    )


def source_of(uri: str) -> str | None:
    """A checked redirect URI as a source of the policy: scheme and authority, or an app's scheme alone."""
    parts = urlsplit(uri.lower())
    source = f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"
    return source if _SOURCE.fullmatch(source) else None


def authority_of(uri: str) -> str:
    """What a person should look at in an address: its host, or an app's scheme."""
    parts = urlsplit(uri)
    return parts.netloc or f"{parts.scheme}:"


def _protect(response: Response) -> None:
    """Tokens and codes pass through these answers: no cache keeps them, no referrer and no frame shows them."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
