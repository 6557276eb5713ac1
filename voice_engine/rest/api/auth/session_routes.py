"""Signing in and out as the published client library does it (next-auth 4): its addresses, answers and cookies."""

from contextlib import aclosing
from typing import Any, TypeVar

import orjson
from fastapi import Request, Response
from pydantic import ValidationError
from starlette.responses import JSONResponse, RedirectResponse

from voice_engine.domains.identity.oauth import Parameters
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.sign_in import SignedIn
from voice_engine.domains.identity.standing import find_standing
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.rest.api.auth.cookies import clear_session, keep_private, set_csrf, set_session
from voice_engine.rest.api.auth.doors import DASHBOARD, base_of, destination, end_session, start_session
from voice_engine.rest.api.auth.routes import doors_of
from voice_engine.rest.api.auth.schemas import (
    AuthProvider,
    CredentialsLogin,
    CsrfTokenResponse,
    SessionResponse,
    SessionUser,
    SignoutRequest,
    UrlResponse,
)
from voice_engine.rest.api.router import ANY_BODY, api_router, operation, surface_of
from voice_engine.rest.api.session import token_of
from voice_engine.rest.v1.auth.forms import FORM, MOST_BYTES
from voice_engine.rest.v1.errors import validation_error
from voice_engine.rest.v1.router import address_of
from voice_engine.rest.wire import RequestBody

router = api_router("Session (NextAuth)")

Form = TypeVar("Form", bound=RequestBody)


@router.get("/api/auth/csrf", openapi_extra=operation("public"))
async def give_csrf_token(request: Request) -> Response:
    """The token that forms send back, and its cookie."""
    csrf = doors_of(request).csrf
    token = csrf.token_of(request)
    response = JSONResponse(CsrfTokenResponse(csrfToken=token).model_dump())
    set_csrf(response, csrf.cookie_value(token), secure=surface_of(request).is_secure)
    keep_private(response)
    return response


@router.get("/api/auth/providers", openapi_extra=operation("public"))
async def list_providers(request: Request) -> dict[str, AuthProvider]:
    """The one way to sign in by form."""
    base = surface_of(request).public_url
    return {
        "credentials": AuthProvider(
            id="credentials",
            name="Credentials",
            type="credentials",
            signinUrl=f"{base}/api/auth/signin/credentials",
            callbackUrl=f"{base}/api/auth/callback/credentials",
        )
    }


@router.post("/api/auth/callback/credentials", openapi_extra=operation("public", body_types=ANY_BODY))
async def sign_in(request: Request) -> Response:
    """Sign in by e-mail address and password."""
    form = await _read(request, CredentialsLogin)
    doors, surface = doors_of(request), surface_of(request)
    as_json, base = form.json_ == "true", base_of(request, surface.public_url)
    if not doors.csrf.holds(request, form.csrfToken):
        return _go(f"{base}/api/auth/signin?csrf=true", as_json=as_json)
    try:
        signed_in = await _business_of(doors.identity, form, address=address_of(request))
    except NotAllowed:
        refused = f"{base}/api/auth/error?error=CredentialsSignin&provider=credentials"
        return _go(refused, as_json=as_json, status=401)
    response = _go(destination(form.callbackUrl, base=base, default=DASHBOARD), as_json=as_json)
    await start_session(request, response, doors.identity, signed_in, secure=surface.is_secure)
    return response


@router.get("/api/auth/session", openapi_extra=operation("public"))
async def show_session(request: Request) -> Response:
    """Who is signed in, `{}` for nobody. Looking moves the session's end on."""
    identity, surface = doors_of(request).identity, surface_of(request)
    token = token_of(request, secure=surface.is_secure)
    found = None if token is None else await session_of(identity, token)
    response = JSONResponse({} if found is None else found.model_dump(mode="json"))
    keep_private(response)
    if found is not None and token is not None:
        set_session(response, token, expires_at=found.expires, now=identity.now(), secure=surface.is_secure)
    elif token is not None:
        clear_session(response, request, secure=surface.is_secure)
    return response


@router.post("/api/auth/signout", openapi_extra=operation("public", body_types=ANY_BODY))
async def sign_out(request: Request) -> Response:
    """End this browser's session."""
    form = await _read(request, SignoutRequest)
    doors, surface = doors_of(request), surface_of(request)
    as_json, base = form.json_ == "true", base_of(request, surface.public_url)
    if not doors.csrf.holds(request, form.csrfToken):
        return _go(f"{base}/api/auth/signout?csrf=true", as_json=as_json)
    await end_session(request, doors.identity, secure=surface.is_secure)
    response = _go(destination(form.callbackUrl, base=base, default="/"), as_json=as_json)
    clear_session(response, request, secure=surface.is_secure)
    return response


async def _business_of(identity: Identity, form: CredentialsLogin, *, address: str) -> SignedIn:
    """Whoever has this password, when they have a business. Raises NotAllowed, QuotaExceeded `rate_limited`."""
    signed_in = await identity.sign_in.with_password(form.email, form.password, address=address)
    async with identity.store.read(signed_in.user.organization_id) as work:
        if await find_standing(work, signed_in.user.id, now=identity.now()) is None:
            raise NotAllowed("credentials_wrong", "e-mail address or password is wrong")
    return signed_in


async def session_of(identity: Identity, token: str) -> SessionResponse | None:
    """The session behind a cookie; None when it is nobody's."""
    caller = await identity.sessions.find(token)
    if caller is None or caller.expires_at is None:
        return None
    async with identity.store.read(caller.organization_id) as work:
        standing = await find_standing(work, caller.user_id, caller.organization_id, now=identity.now())
    if standing is None:
        return None
    user = SessionUser(
        id=standing.user_id,
        name=standing.name,
        email=standing.email,
        organizationId=standing.organization_id,
        organizationName=standing.organization_name,
        role=standing.role,
        plan=standing.tier,
        onboardingCompleted=standing.completed_at is not None,
        mustChangePassword=standing.must_change_password,
    )
    return SessionResponse(user=user, expires=caller.expires_at)


async def _read(request: Request, schema: type[Form]) -> Form:
    """A body that is a form or JSON. These operations know no 400: what cannot be read does not fit either.

    Raises:
        InvalidInput: `validation_error`.
    """
    body = bytearray()
    async with aclosing(request.stream()) as stream:
        async for chunk in stream:
            body += chunk
            if len(body) > MOST_BYTES:
                raise InvalidInput("validation_error", f"the form is longer than {MOST_BYTES // 1024} kB")
    try:
        return schema.model_validate(_values(request, bytes(body)))
    except ValidationError as error:
        raise validation_error([dict(fault) for fault in error.errors(include_url=False)]) from error
    except ValueError as error:
        raise InvalidInput("validation_error", "send a form or a JSON object") from error


def _values(request: Request, body: bytes) -> dict[str, Any]:
    """Raises ValueError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        form = Parameters(body)
        return {name: form.text(name) for name in form.names}
    values = orjson.loads(body)
    if not isinstance(values, dict):
        raise ValueError("no object")
    return values


def _go(url: str, *, as_json: bool, status: int = 200) -> Response:
    """Where the browser goes: told in JSON (with `status`) or by a redirect."""
    response: Response
    if as_json:
        response = JSONResponse(UrlResponse(url=url).model_dump(), status_code=status)
    else:
        response = RedirectResponse(url, status_code=302)
    keep_private(response)
    return response
