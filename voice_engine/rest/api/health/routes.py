"""`GET /api/health`."""

from typing import Literal

from fastapi import Request, Response

from voice_engine import __version__
from voice_engine.rest.api.health.checks import ComponentState
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.wire import ResponseBody

router = api_router("Support")


class HealthOut(ResponseBody):
    """Each component's state; `degraded` while one is down."""

    status: Literal["ok", "degraded"]
    version: str
    checks: dict[str, ComponentState]


@router.get("/api/health", openapi_extra=operation("public"))
async def get_health(request: Request, response: Response) -> HealthOut:
    """Whether every component answers."""
    health = surface_of(request).health
    checks = {} if health is None else dict(await health.read())
    response.headers["Cache-Control"] = "no-store"
    return HealthOut(status="degraded" if "down" in checks.values() else "ok", version=__version__, checks=checks)
