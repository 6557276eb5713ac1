"""Registration, forgotten and changed passwords, the link that signs in."""

from fastapi import Request, Response
from starlette.responses import JSONResponse, RedirectResponse

from voice_engine.domains.identity.recovery import NewPassword
from voice_engine.domains.identity.registration import NewBusiness
from voice_engine.rest.api.auth.cookies import keep_private
from voice_engine.rest.api.auth.doors import DASHBOARD, LOGIN, Doors, start_session
from voice_engine.rest.api.auth.schemas import (
    ChangePasswordRequest,
    EmailOnlyRequest,
    MessageResponse,
    RegisterRequest,
    RegisterResponse,
    ResetPasswordRequest,
    SuccessResponse,
)
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.v1.errors import field_error
from voice_engine.rest.v1.router import address_of

router = api_router("Authentication")

MAGIC_LINK = "/api/auth/magic-link"
BAD_LINK = f"{LOGIN}?error=invalid_link"
LONGEST_TOKEN = 256


def doors_of(request: Request) -> Doors:
    """The ways in."""
    doors = surface_of(request).doors
    assert doors is not None, "this process signs nobody in"
    return doors


@router.post("/api/auth/register", openapi_extra=operation("public"))
async def register(request: Request, body: RegisterRequest) -> RegisterResponse:
    """Make an organization and its owner."""
    business = NewBusiness(
        name=body.name,
        email=body.email,
        password=body.password,
        organization_name=body.organizationName,
        locale=_language(request),
    )
    made = await doors_of(request).registration.register(business, address=address_of(request))
    return RegisterResponse(
        message="Registration successful", organizationId=made.organization_id, userId=made.user_id
    )


@router.post("/api/auth/forgot-password", openapi_extra=operation("public"))
async def forgot_password(request: Request, body: EmailOnlyRequest) -> MessageResponse:
    """Have a link mailed, if there is such an account; nobody learns whether there is."""
    await doors_of(request).recovery.ask_reset(body.email, address=address_of(request))
    return MessageResponse(message="If an account with that email exists, a reset link has been sent.")


@router.post("/api/auth/reset-password", openapi_extra=operation("public"))
async def reset_password(request: Request, body: ResetPasswordRequest) -> MessageResponse:
    """Set a new password by a mailed token."""
    await doors_of(request).recovery.reset_password(body.token, body.password, address=address_of(request))
    return MessageResponse(message="Password has been reset successfully.")


@router.put("/api/auth/password", openapi_extra=operation(while_password_is_due=True))
async def change_password(request: Request, session: Session, body: ChangePasswordRequest) -> SuccessResponse:
    """Set a new password by the old one, or because an administrator asked for it."""
    if body.currentPassword is None and not body.forced:
        raise field_error("currentPassword", "is needed unless forced is true")
    change = NewPassword(new=body.newPassword, current=body.currentPassword, forced=body.forced)
    who = session.principal
    await doors_of(request).recovery.change_password(who.user_id, who.token_id, change)
    return SuccessResponse()


@router.get(MAGIC_LINK, openapi_extra=operation("public"))
async def open_magic_link(request: Request) -> Response:
    """Sign in by a link that works once."""
    doors, token = doors_of(request), request.query_params.get("token", "")
    signed_in = await doors.recovery.spend_magic_link(token) if 0 < len(token) <= LONGEST_TOKEN else None
    if signed_in is None:
        return _go(BAD_LINK)
    response = _go(DASHBOARD)
    await start_session(request, response, doors.identity, signed_in, secure=surface_of(request).is_secure)
    return response


@router.head(MAGIC_LINK, openapi_extra=operation("public"))
async def look_at_magic_link() -> Response:
    """What looks at links before people open them (mail scanners, previews) spends none."""
    return _go(LOGIN)


@router.post(MAGIC_LINK, openapi_extra=operation("public"))
async def ask_magic_link(request: Request, body: EmailOnlyRequest) -> Response:
    """Have a sign-in link mailed, if there is such an account; nobody learns whether there is."""
    await doors_of(request).recovery.ask_magic_link(body.email)
    message = MessageResponse(message="If an account with that email exists, a sign-in link has been sent.")
    return JSONResponse(message.model_dump())


def _go(page: str) -> Response:
    response = RedirectResponse(page, status_code=302)
    keep_private(response)
    return response


def _language(request: Request) -> str:
    """The language that the browser asks for, when we write letters in it."""
    asked = request.headers.get("accept-language", "").strip().lower()
    return "es" if asked.startswith("es") else "en"
