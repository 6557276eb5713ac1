"""The route class of `/api`: one order of checks for every operation, before its body is even parsed.

1. who asks (session, administrator, or nobody: then the address's rate), 2. whether our own page asks (Origin),
3. a forced change of password, 4. a suspended organization, 5. the plan, 6. the user's rate, 7. the media type,
8. the schema.
"""

import hmac
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from voice_engine.domains.minutes.plans import Tier, includes
from voice_engine.errors import NotAllowed
from voice_engine.rest.api.errors import malformed
from voice_engine.rest.api.session import SignedIn, check_origin, signed_in
from voice_engine.rest.api.surface import ApiSurface
from voice_engine.rest.requests import MOST_BODY_BYTES, allow_body
from voice_engine.rest.security import Unauthenticated
from voice_engine.rest.v1.router import address_of, services_of

Auth = Literal["session", "public", "admin", "signed"]
"""Who may ask. `signed`: machines that prove themselves, often many messages a second; all is their route's."""

AUTH_KEY = "x-auth"
PLAN_KEY = "x-min-plan"
BODY_TYPES_KEY = "x-body-types"
ALWAYS_KEY = "x-while-password-is-due"
BODY_BYTES_KEY = "x-most-body-bytes"
JSON = "application/json"
ANY_BODY: tuple[str, ...] = ()
"""The route reads its body, and judges the media type, itself."""
ADMIN_HEADER = "x-admin-key"


class ApiRoute(APIRoute):
    """A route that knows who may use it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the checks."""
        handle = super().get_route_handler()
        extra = self.openapi_extra or {}
        auth: Auth = extra[AUTH_KEY]
        least, body_types = Tier(extra[PLAN_KEY]), frozenset(extra[BODY_TYPES_KEY])

        async def checked(request: Request) -> Response:
            services, surface = services_of(request), surface_of(request)
            allow_body(request, extra[BODY_BYTES_KEY])
            match auth:
                case "signed":
                    return await handle(request)
                case "public":
                    services.limits.count_address(address_of(request))
                case "admin":
                    services.limits.count_address(address_of(request))
                    check_admin(request, surface.admin_key)
                case "session":
                    session = await signed_in(request, surface.sessions, secure=surface.is_secure)
                    _check_session(request, session, surface, least, always=extra[ALWAYS_KEY])
                    services.limits.count_user(session.principal.user_id)
                    request.scope["state"]["session"] = session
            _check_media_type(request, body_types)
            return await handle(request)

        return checked


def operation(
    auth: Auth = "session",
    *,
    plan: Tier = Tier.FREE,
    body_types: tuple[str, ...] = (JSON,),
    while_password_is_due: bool = False,
    most_body_bytes: int = MOST_BODY_BYTES,
) -> dict[str, Any]:
    """A route's `openapi_extra`: who may ask, from which plan up, with which media types of a body, of how much."""
    return {
        AUTH_KEY: auth,
        PLAN_KEY: plan,
        BODY_TYPES_KEY: body_types,
        ALWAYS_KEY: while_password_is_due,
        BODY_BYTES_KEY: most_body_bytes,
    }


def api_router(tag: str) -> APIRouter:
    """A router of one resource; its routes carry their full `/api` paths."""
    return APIRouter(route_class=ApiRoute, tags=[tag])


def surface_of(request: Request) -> ApiSurface:
    """What the routes of `/api` reach."""
    surface = services_of(request).api
    assert surface is not None, "this process serves no business surface"
    return surface


def check_admin(request: Request, key: str | None) -> None:
    """Let administrators in. Without a configured key nobody is one.

    Raises:
        Unauthenticated: `unauthenticated`.
    """
    given = request.headers.get(ADMIN_HEADER, "")
    if not key or not hmac.compare_digest(given.encode(), key.encode()):
        raise Unauthenticated("unauthenticated", f"send the administrator's key in {ADMIN_HEADER}")


def require_plan(plan: Tier, least: Tier) -> None:
    """Raise NotAllowed `plan_upgrade_required` unless the plan is `least` or larger."""
    if not includes(plan, least):
        raise NotAllowed(
            "plan_upgrade_required",
            f"this needs the {least} plan or a larger one; yours is {plan}",
            details={"requiredPlan": least, "currentPlan": plan},
        )


def _check_session(request: Request, session: SignedIn, surface: ApiSurface, least: Tier, *, always: bool) -> None:
    check_origin(request, surface.own_origins)
    if session.must_change_password and not always:
        raise NotAllowed("password_change_required", "choose a new password first: PUT /api/auth/password")
    if session.is_suspended:
        raise NotAllowed("organization_suspended", "this organization is suspended; ask whoever runs this server")
    require_plan(session.plan, least)


def _check_media_type(request: Request, wanted: frozenset[str]) -> None:
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and wanted and given not in wanted:
        raise malformed(f"send the body as {' or '.join(sorted(wanted))} (Content-Type is {given or 'missing'})")
