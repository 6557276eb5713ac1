"""One port, several applications: sockets and webhooks first, then the surfaces by their path's beginning."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

CARRIER_PREFIXES = (
    "/v1/webhooks/twilio/",
    "/api/webhooks/twilio/",
    "/media/twilio/",
    "/media/browser/",
    "/healthz",
    "/readyz",
)
"""What the media surface serves itself; these come before the surfaces of the same beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An application and the paths it serves: those that begin with one of `prefixes`."""

    prefixes: tuple[str, ...]
    app: ASGIApp


class Root:
    """The application of the server. The first part whose prefix fits serves a request.

    `home` is where a browser is sent that asks for the bare address; None: nothing is there.
    """

    def __init__(self, parts: Sequence[Part], *, home: str | None = None) -> None:
        self._home = home
        self._parts = tuple((prefix, part.app) for part in parts for prefix in part.prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one request or socket."""
        path = scope.get("path", "")
        for prefix, app in self._parts:
            if path.startswith(prefix):
                await app(scope, receive, send)
                return
        if path == "/" and self._home is not None and scope["type"] == "http":
            await RedirectResponse(self._home, status_code=302)(scope, receive, send)
            return
        await _nothing_here(scope, receive, send)


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    body = {"error": "there is no such path", "code": "not_found"}
    await JSONResponse(body, status_code=404)(scope, receive, send)
