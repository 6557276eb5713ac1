"""The `/api` application: every resource's router, one error envelope, the published description."""

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from voice_engine.errors import VoiceEngineError
from voice_engine.rest.api import errors
from voice_engine.rest.api.admin.organizations import routes as admin_organizations
from voice_engine.rest.api.admin.users import routes as admin_users
from voice_engine.rest.api.assistants import routes as assistants
from voice_engine.rest.api.auth import page_routes as auth_pages
from voice_engine.rest.api.auth import routes as auth
from voice_engine.rest.api.auth import session_routes as auth_session
from voice_engine.rest.api.billing import routes as billing
from voice_engine.rest.api.business import routes as business
from voice_engine.rest.api.calls import routes as calls
from voice_engine.rest.api.health import routes as health
from voice_engine.rest.api.kb import routes as kb
from voice_engine.rest.api.phone_numbers import routes as phone_numbers
from voice_engine.rest.api.prompt import routes as prompt
from voice_engine.rest.api.usage import routes as usage
from voice_engine.rest.api.voice import routes as voice
from voice_engine.rest.api.webhooks import vapi
from voice_engine.rest.contract.documents import epoch_yaml
from voice_engine.rest.requests import Requests
from voice_engine.rest.services import Services

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    auth_session.router,
    auth_pages.router,
    admin_users.router,
    admin_organizations.router,
    usage.router,
    billing.router,
    vapi.router,
    kb.router,
    assistants.router,
    voice.router,
    prompt.router,
    business.router,
    calls.router,
    phone_numbers.router,
    health.router,
)
"""Literal routes first: routing is linear."""


def build_api(services: Services, *, routers: tuple[APIRouter, ...] = ROUTERS) -> ASGIApp:
    """The application. It has no documentation page of its own: the description served is the published one."""
    app = FastAPI(
        title="Business receptionist API", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.services = services
    for router in routers:
        app.include_router(router)
    app.add_route("/api/openapi.yaml", _description)
    app.add_exception_handler(VoiceEngineError, errors.on_error)
    app.add_exception_handler(RequestValidationError, errors.on_invalid)
    app.add_exception_handler(HTTPException, errors.on_http)
    app.add_exception_handler(Exception, errors.on_bug)
    return Requests(app, render_bug=errors.render_bug, metrics=services.metrics, tracing=services.tracing)


async def _description(_request: Request) -> Response:
    """The published description, as it is in the package."""
    return Response(epoch_yaml(), media_type="application/yaml", headers={"Cache-Control": "public, max-age=300"})
