"""Watching the process: how late its loop runs, and the page that Prometheus reads."""

import asyncio
import hmac

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from voice_engine.telemetry.metrics import CONTENT_TYPE, Metrics

SAMPLE_S = 0.1
"""Ten samples a second see what holds the loop longer than a frame and cost nothing."""


async def watch_loop(metrics: Metrics) -> None:
    """Measure the loop's lag until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + SAMPLE_S
        await asyncio.sleep(SAMPLE_S)
        metrics.loop_lag.observe(max(0.0, loop.time() - due))


class MetricsPage:
    """`GET /metrics`. A business's figures are its own: they go to this machine, or to the bearer of `token`."""

    def __init__(self, metrics: Metrics, *, token: str | None) -> None:
        self._metrics = metrics
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope)
        if request.method != "GET":
            response: Response = PlainTextResponse("GET only", status_code=405, headers={"Allow": "GET"})
        elif not self._may_read(request):
            response = PlainTextResponse(
                "metrics go to this machine, or to the bearer of VOICE_ENGINE_WEB__METRICS_TOKEN",
                status_code=403,
            )
        else:
            response = Response(self._metrics.render(), media_type=CONTENT_TYPE)
        await response(scope, receive, send)

    def _may_read(self, request: Request) -> bool:
        if self._token is not None:
            given = request.headers.get("authorization", "").encode()
            return hmac.compare_digest(given, f"Bearer {self._token}".encode())
        forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        return not forwarded and request.client is not None and request.client.host in {"127.0.0.1", "::1"}
