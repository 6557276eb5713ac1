"""The route class of `/v1`: it holds every operation to one order of checks, before its body is even parsed.

1. the address's rate (open operations), 2. token (whoever is suspended goes no further), 3. scope, 4. the plan,
5. the user's rate, 6. media type, 7. the schema.
What follows (idempotency, the resource, its state, …) is the operation's own.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from voice_engine.domains.minutes.plans import Feature
from voice_engine.errors import InvalidInput
from voice_engine.rest.requests import MOST_BODY_BYTES, allow_body
from voice_engine.rest.security import PUBLIC, principal_of
from voice_engine.rest.services import Services

SCOPE_KEY = "x-scope"
BODY_TYPES_KEY = "x-body-type"
FEATURE_KEY = "x-feature"
BODY_BYTES_KEY = "x-most-body-bytes"
JSON = "application/json"


class CheckedRoute(APIRoute):
    """A route that knows its scope."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the checks."""
        handle = super().get_route_handler()
        extra = self.openapi_extra or {}
        scope, body_type = extra[SCOPE_KEY], extra.get(BODY_TYPES_KEY, JSON)
        feature: Feature | None = extra.get(FEATURE_KEY)

        async def checked(request: Request) -> Response:
            services = services_of(request)
            if scope == PUBLIC:
                services.limits.count_address(address_of(request))
            else:
                principal = await principal_of(request, services.authenticator, scope)
                assert principal is not None
                if feature is not None:
                    principal.require_feature(feature)
                services.limits.count_user(principal.user_id)
                request.scope["state"]["principal"] = principal
            _check_media_type(request, body_type)
            allow_body(request, extra[BODY_BYTES_KEY])
            return await handle(request)

        return checked


def operation(
    scope: str,
    *,
    body_type: str = JSON,
    feature: Feature | None = None,
    most_body_bytes: int = MOST_BODY_BYTES,
) -> dict[str, Any]:
    """A route's `openapi_extra`: the scope it needs ("calls:read", "none", "any"), its body's media type and most
    bytes, and what a business's plan must include."""
    return {
        SCOPE_KEY: scope,
        BODY_TYPES_KEY: body_type,
        FEATURE_KEY: feature,
        BODY_BYTES_KEY: most_body_bytes,
    }


def v1_router(tag: str) -> APIRouter:
    """A router of one resource; its routes carry their full `/v1` paths."""
    return APIRouter(route_class=CheckedRoute, tags=[tag])


def services_of(request: Request) -> Services:
    """The application's services."""
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


def address_of(request: Request) -> str:
    """The peer's address: the socket's. A proxy's header is believed by the server, and only when configured."""
    return request.client.host if request.client else "unknown"


def _check_media_type(request: Request, wanted: str) -> None:
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and given != wanted:
        raise InvalidInput(
            "unsupported_media_type", f"send the body as {wanted} (Content-Type is {given or 'missing'})"
        )
