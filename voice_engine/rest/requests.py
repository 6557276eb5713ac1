"""What every request gets, as pure ASGI: a correlation id, one log line, and an answer even when there is a bug."""

import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voice_engine.telemetry.metrics import Metrics
from voice_engine.telemetry.tracing import Tracing

CORRELATION_HEADER = b"x-correlation-id"
NO_ROUTE = "(none)"

_log = structlog.get_logger(__name__)
_current: ContextVar[str] = ContextVar("correlation_id")


def correlation_id() -> str:
    """The id of the request that is being served; it stands in the answer and in every log line of it."""
    return _current.get()


class Requests:
    """Middleware. `render_bug` answers a request whose handler raised what nobody expected."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        render_bug: Callable[[], ASGIApp],
        metrics: Metrics | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics or Metrics()
        self._tracing = tracing or Tracing()
        self._render_bug = render_bug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})
        token = _current.set(request_id)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._serve(scope, receive, send, request_id)
            finally:
                _current.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started_s = time.perf_counter()
        status = 0

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (CORRELATION_HEADER, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, tagged)
        except Exception:  # noqa: BLE001  # the edge of one request
            _log.exception("request.failed", method=scope["method"], route=_route(scope))
            if status == 0:
                await self._render_bug()(scope, receive, tagged)
        finally:
            self._note(scope, status, time.perf_counter() - started_s, request_id)

    def _note(self, scope: Scope, status: int, taken_s: float, request_id: str) -> None:
        method, route = scope["method"], _route(scope)
        _log.info("request.completed", method=method, route=route, status=status, ms=round(taken_s * 1000, 1))
        self._metrics.requests.labels(_known(method), route, status).observe(taken_s)
        self._tracing.request_served(
            method=method,
            route=None if route == NO_ROUTE else route,
            status=status,
            seconds=taken_s,
            request_id=request_id,
            headers=scope["headers"],
        )


def _known(method: str) -> str:
    """A label from a closed set, whatever a client sends."""
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def _route(scope: Scope) -> str:
    """The route's template: a path would put ids and numbers into the log."""
    route = scope.get("route")
    return getattr(route, "path", None) or NO_ROUTE
