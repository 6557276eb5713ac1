"""The web app put together: areas in the order of the menu, static files, and what no area serves."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from voice_engine.errors import InvalidInput, NotFound
from voice_engine.rest.requests import BodyTooLarge, Requests
from voice_engine.rest.services import Services
from voice_engine.rest.v1.errors import render_bug
from voice_engine.web.dashboard import account, desk, figures, live, reception, settings, talk
from voice_engine.web.dashboard.assets import PREFIX
from voice_engine.web.dashboard.calls.list_area import AREA as CALL_LIST
from voice_engine.web.dashboard.calls.page_area import AREA as CALL_PAGE
from voice_engine.web.dashboard.site import Area, Site
from voice_engine.web.dashboard.view import View, ask_to_sign_in, show_error
from voice_engine.web.dashboard.viewer import find_viewer

ROOT = "/app"
PREFIXES = ("/app",)
WORTH_COMPRESSING = 1_000
"""Bytes from which a page is compressed."""

AREAS: tuple[Area, ...] = (
    account.AREA,
    figures.HOME,
    talk.AREA,
    CALL_LIST,
    reception.AREA,
    CALL_PAGE,
    live.AREA,
    desk.AREA,
    figures.AREA,
    settings.AREA,
)
"""Every area. The menu shows them in this order."""


def build_dashboard(
    services: Services, *, extras: dict[str, Any] | None = None, areas: Sequence[Area] = AREAS
) -> ASGIApp:
    """The app. Its paths begin with `/app`."""
    site = Site(services, areas, extras=extras)
    app = Starlette(
        routes=[
            Route(f"{PREFIX}/{{version}}/{{name:path}}", site.assets.serve, methods=["GET"]),
            Route(f"{ROOT}/", lambda _request: RedirectResponse(ROOT, status_code=308), methods=["GET"]),
            *(route for area in areas for route in area.routes),
        ],
        exception_handlers={HTTPException: _on_http},
    )
    app.state.site = site
    packed = GZipMiddleware(app, minimum_size=WORTH_COMPRESSING)
    return Requests(packed, render_bug=render_bug, metrics=services.metrics, tracing=services.tracing)


async def _on_http(request: Request, error: Exception) -> Response:
    """A page that is not there, for whoever is signed in; a stranger is asked who they are first."""
    assert isinstance(error, HTTPException)
    site: Site = request.app.state.site
    identity = site.services.identity
    viewer = await find_viewer(identity, request) if identity else None
    if viewer is None:
        return ask_to_sign_in(request)
    view = View(request=request, site=site, viewer=viewer, area="")
    if error.status_code == 404:
        return show_error(view, NotFound("not_found", view.words["error_not_found"]))
    if error.status_code == 405:
        return show_error(view, InvalidInput("method_not_allowed", "this address does not take that method"))
    if isinstance(error, BodyTooLarge):
        return show_error(view, InvalidInput("body_too_large", view.words["error_body_too_large"]))
    return show_error(view, InvalidInput("validation_error", str(error.detail)))
