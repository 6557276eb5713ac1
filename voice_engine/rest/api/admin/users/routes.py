"""The administrator's orders about people: a link that lets them in, a password that must be changed."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from voice_engine.rest.api.auth.cookies import keep_private
from voice_engine.rest.api.auth.routes import doors_of
from voice_engine.rest.api.auth.schemas import MagicLinkIssued, SuccessResponse
from voice_engine.rest.api.router import api_router, operation

router = api_router("Admin")

ACTOR = "administrator"


@router.post("/api/admin/users/{id}/magic-link", openapi_extra=operation("admin"))
async def issue_magic_link(request: Request, id: str) -> Response:
    """A sign-in link to hand over; nothing is mailed."""
    link = await doors_of(request).recovery.issue_magic_link(id, actor=ACTOR)
    issued = MagicLinkIssued(url=link.url, expiresAt=link.expires_at)
    response = JSONResponse(issued.model_dump(mode="json"))
    keep_private(response)
    return response


@router.post("/api/admin/users/{id}/force-password-change", openapi_extra=operation("admin"))
async def force_password_change(request: Request, id: str) -> SuccessResponse:
    """Until they chose another password, nothing else works for them."""
    await doors_of(request).recovery.force_change(id, actor=ACTOR)
    return SuccessResponse()
