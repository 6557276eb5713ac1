"""What every request gets, as pure ASGI: a correlation id, one log line, an answer even when there is a bug, and a
bound on what is read of its body.
"""

import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NoReturn

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voice_engine.telemetry.metrics import Metrics
from voice_engine.telemetry.tracing import Tracing

CORRELATION_HEADER = b"x-correlation-id"
NO_ROUTE = "(none)"
MOST_BODY_BYTES = 1024 * 1024
"""Of a body, unless its route asks for more (`allow_body`): several times what the largest JSON of ours may be."""
_ALLOWED = "most_body_bytes"
MOST_DIGITS = 18

_log = structlog.get_logger(__name__)
_current: ContextVar[str] = ContextVar("correlation_id")


def correlation_id() -> str:
    """The id of the request that is being served; it stands in the answer and in every log line of it."""
    return _current.get()


class BodyTooLarge(HTTPException):
    """More of a body came than its route takes. The surfaces answer in their own words; nothing more is read."""

    def __init__(self, most: int) -> None:
        super().__init__(413, detail=f"send a body of at most {most} bytes")
        self.most = most


def allow_body(request: Request, most: int) -> None:
    """Take a larger body than `MOST_BODY_BYTES` of this request; said before it is read."""
    request.scope["state"][_ALLOWED] = most


@dataclass(slots=True)
class _Body:
    """Counts what is read of a body, however it is sent. Raises BodyTooLarge from the read that goes beyond."""

    receive: Receive
    state: dict[str, Any]
    declared: int
    read: int = 0
    is_partly_read: bool = field(default=False, init=False)
    is_refused: bool = field(default=False, init=False)

    async def next(self) -> Message:
        """The next message of the client."""
        if self.is_refused:
            return {"type": "http.disconnect"}
        most = int(self.state.get(_ALLOWED, MOST_BODY_BYTES))
        if self.declared > most:
            self._refuse(most)
        message = await self.receive()
        if message["type"] == "http.request":
            self.read += len(message.get("body", b""))
            self.is_partly_read = bool(message.get("more_body"))
            if self.read > most:
                self._refuse(most)
        return message

    def _refuse(self, most: int) -> NoReturn:
        self.is_refused = self.is_partly_read = True
        raise BodyTooLarge(most)


class Requests:
    """Middleware. `render_bug` answers a request whose handler raised what nobody expected.

    An answer that is given while a part of the body is still to come closes the connection, so that the server does
    not go on to read what nobody wants.
    """

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
        body = _Body(receive, scope["state"], declared=_declared(scope))

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (CORRELATION_HEADER, request_id.encode())]
                if body.is_partly_read:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self._app(scope, body.next, tagged)
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


def _declared(scope: Scope) -> int:
    """The length that the client announces; 0: none that can be read."""
    given = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(given) if given.isdigit() and len(given) <= MOST_DIGITS else 0


def _known(method: str) -> str:
    """A label from a closed set, whatever a client sends."""
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def _route(scope: Scope) -> str:
    """The route's template: a path would put ids and numbers into the log."""
    route = scope.get("route")
    return getattr(route, "path", None) or NO_ROUTE
