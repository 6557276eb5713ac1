"""One request to a page: who looks, the checks before every page in one order, and how answers are made.

1. the session, 2. for changes: our own Origin and the session's form token, 3. a password that is due,
4. a suspended organization, 5. kind and plan of the organization, 6. the person's rate.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import orjson
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.domains.minutes.plans import Tier
from voice_engine.errors import InvalidInput, NotAllowed, VoiceEngineError
from voice_engine.rest.api.router import require_plan
from voice_engine.rest.api.session import CHANGING, check_origin
from voice_engine.rest.requests import MOST_BODY_BYTES, allow_body, correlation_id
from voice_engine.rest.security import OutOfScope
from voice_engine.rest.services import Services
from voice_engine.rest.v1.errors import status_of
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.formats import Formats
from voice_engine.web.dashboard.site import EVERYBODY, Site
from voice_engine.web.dashboard.viewer import Viewer, find_viewer
from voice_engine.web.dashboard.words import Language

SIGN_IN = "/v1/auth/login"
CSRF_HEADER = "x-csrf-token"
MOST_JSON = 64 * 1024
"""Bytes of a JSON body; files have routes that count while they read."""
BUG = 500
"""Statuses from here on are looked up in the server's log: their page has the reference."""
MOST_FORM = 4 * MOST_BODY_BYTES
"""Bytes of a form: the longest text of knowledge, each letter beyond ASCII in up to twelve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A request of somebody who is signed in. `area` says whose words its templates use."""

    request: Request
    site: Site
    viewer: Viewer
    area: str

    # What is asked.

    @property
    def services(self) -> Services:
        """The domains' services."""
        return self.site.services

    @property
    def store(self) -> Store:
        """The database."""
        return self.site.services.store

    @property
    def organization_id(self) -> str:
        """The tenant: every unit of work begins with it."""
        return self.viewer.organization_id

    @property
    def language(self) -> Language:
        """The page's language: the person's own, unless the address asks for another."""
        asked = self.request.query_params.get("lang", "") or self.viewer.person.locale
        return "es" if asked.lower().startswith("es") else "en"

    @property
    def words(self) -> dict[str, str]:
        """The words of this page."""
        return self.site.words(self.area, self.language)

    @property
    def formats(self) -> Formats:
        """How dates and amounts are written here."""
        return Formats(self.language, self.viewer.person.timezone)

    def plan_name(self, plan: str) -> str:
        """What a plan of either kind of organization is called."""
        return self.words.get(f"plan_{plan.lower()}", plan)

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    async def form(self) -> FormData:
        """The form's fields, without signs that no database keeps (NUL). The body is read first, to its bound: what
        goes beyond leaves no half-written file."""
        await self.request.body()
        form = await self.request.form(max_files=1, max_fields=200)
        return FormData([(name, _storable(value)) for name, value in form.multi_items()])

    async def json(self) -> dict[str, Any]:
        """A JSON object. Raises InvalidInput `validation_error`."""
        body = bytearray()
        async with aclosing(self.request.stream()) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > MOST_JSON:
                    raise InvalidInput("validation_error", f"send at most {MOST_JSON} bytes")
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise InvalidInput("validation_error", "the body is not JSON") from error
        if not isinstance(value, dict):
            raise InvalidInput("validation_error", "send a JSON object")
        return {name: _storable(each) for name, each in value.items()}

    # What is answered.

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A whole page, or a fragment: what the template says."""
        nonce = secrets.token_urlsafe(16)
        text = self.site.environment.get_template(template).render(
            w=self.words,
            view=self,
            viewer=self.viewer,
            person=self.viewer.person,
            f=self.formats,
            nonce=nonce,
            menu=[item for item in self.site.menu if self.viewer.person.kind in item.kinds],
            now=self.services.now(),
            **values,
        )
        return protect(HTMLResponse(text, status_code=status), nonce)

    def go(self, path: str) -> Response:
        """Send the browser on, by htmx's way for its requests."""
        if self.is_fragment:
            return Response(status_code=200, headers={"HX-Redirect": path, "Cache-Control": "no-store"})
        return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})

    def answer(self, value: object, *, status: int = 200) -> Response:
        """JSON for a script of ours."""
        return Response(
            orjson.dumps(value),
            status_code=status,
            media_type="application/json",
            headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        )


Handler = Callable[[View], Awaitable[Response]]


def route(
    path: str,
    handler: Handler,
    *,
    area: str,
    methods: Collection[str] = ("GET",),
    kinds: Collection[OrganizationKind] = EVERYBODY,
    least: Tier = Tier.FREE,
    while_password_is_due: bool = False,
) -> Route:
    """A route behind the checks. `least` is the smallest plan of a business that may use it."""

    async def checked(request: Request) -> Response:
        site = cast("Site", request.app.state.site)
        identity = site.services.identity
        assert identity is not None, "the web app needs the sign-in"
        viewer = await find_viewer(identity, request)
        if viewer is None:
            return ask_to_sign_in(request)
        view = View(request=request, site=site, viewer=viewer, area=area)
        allow_body(request, MOST_FORM)
        try:
            await _check(view, kinds, least, while_password_is_due=while_password_is_due)
            return await handler(view)
        except VoiceEngineError as error:
            if error.code == "password_change_required" and request.method == "GET":
                return view.go("/app/password")
            return show_error(view, error)

    return Route(path, checked, methods=list(methods))


async def _check(
    view: View, kinds: Collection[OrganizationKind], least: Tier, *, while_password_is_due: bool
) -> None:
    request, person, api = view.request, view.viewer.person, view.services.api
    if request.method in CHANGING:
        check_origin(request, api.own_origins if api else frozenset())
        await _check_token(view)
    if person.must_change_password and not while_password_is_due:
        raise NotAllowed("password_change_required", view.words["error_password_due"])
    if person.is_suspended:
        raise NotAllowed("organization_suspended", view.words["error_suspended"])
    if person.kind not in kinds:
        raise NotAllowed("forbidden", view.words["error_not_found"])
    if person.tier is not None:
        require_plan(person.tier, least)
    view.services.limits.count_user(person.user_id)


async def _check_token(view: View) -> None:
    given = view.request.headers.get(CSRF_HEADER)
    if given is None and view.request.headers.get("content-type", "").startswith(
        "application/x-www-form-urlencoded"
    ):
        given = str((await view.form()).get("csrf", ""))
    if given is None or not view.viewer.holds_csrf(given):
        raise OutOfScope("form_stale", view.words["error_form_stale"])


def _storable(value: Any) -> Any:
    """A text without NUL; whatever else as it is."""
    return value.replace("\0", "") if isinstance(value, str) else value


def ask_to_sign_in(request: Request) -> Response:
    """To the sign-in page and back; a script is told with 401."""
    if wants_json(request):
        error = {"error": {"code": "unauthenticated", "message": "sign in first"}}
        return JSONResponse(error, status_code=401, headers={"Cache-Control": "no-store"})
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = f"{SIGN_IN}?{urlencode({'continue': here if request.method == 'GET' else '/app'})}"
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": target, "Cache-Control": "no-store"})
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def wants_json(request: Request) -> bool:
    """Whether a script of ours asks, rather than a person or htmx."""
    return "application/json" in request.headers.get("accept", "")


def show_error(view: View, error: VoiceEngineError) -> Response:
    """What went wrong: JSON for a script, an alert for htmx (into `#notice`), a page for a person."""
    status = status_of(error)
    headers = {"Cache-Control": "no-store"}
    if "retry_after_seconds" in error.details:
        headers["Retry-After"] = str(error.details["retry_after_seconds"])
    if wants_json(view.request):
        body = {"error": {"code": error.code, "message": error.message, "details": dict(error.details)}}
        return JSONResponse(body, status_code=status, headers=headers)
    words = view.words
    message = words.get(f"error_{error.code}", "") or _plan_words(view, error) or error.message
    reference = correlation_id() if status >= BUG else ""
    template = "_alert.html" if view.is_fragment else "error.html"
    response = view.page(template, status=status, code=error.code, message=message, reference=reference)
    response.headers.update(headers)
    if view.is_fragment:
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _plan_words(view: View, error: VoiceEngineError) -> str | None:
    plan = error.details.get("requiredPlan")
    return view.words["error_plan"].format(plan=view.plan_name(str(plan))) if plan else None


def protect(response: Response, nonce: str) -> Response:
    """The headers of every page: nothing from elsewhere, no frame, no cache, no referrer to strangers.

    The nonce is for the one library that styles its own shadow tree (wavesurfer); scripts have none.
    """
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Cookie, HX-Request"
    return response
