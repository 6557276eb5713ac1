"""Outgoing webhooks over HTTP: ten seconds, no redirects, judged addresses, the answer's first two kilobytes."""

import asyncio
import ssl
import time

import httpx2

from voice_engine.ports.hooks import KEPT_BYTES, HookAnswer, HookRequest
from voice_engine.providers.guarded import AddressRefused, Guard, guarded_client

TIMEOUT_S = 10.0


class HttpHooks:
    """`HookSender`. A connection is used once: endpoints are many, and seldom asked."""

    def __init__(self, guard: Guard, *, timeout_s: float = TIMEOUT_S) -> None:
        self._guard = guard
        self._timeout_s = timeout_s

    async def post(self, request: HookRequest) -> HookAnswer:
        """Send one request."""
        started_s = time.monotonic()
        status, body, code = None, b"", None
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                guarded_client(self._guard, timeout_s=self._timeout_s) as client,
                client.stream("POST", request.url, content=request.body, headers=dict(request.headers)) as response,
            ):
                status = response.status_code
                body = await _beginning(response)
        except AddressRefused as error:
            code = error.code
        except (TimeoutError, httpx2.TimeoutException):
            code = None if status else "timeout"
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            code = None if status else ("tls_failed" if _is_tls(error) else "unreachable")
        return HookAnswer(
            ms=round((time.monotonic() - started_s) * 1000),
            status=status,
            code=code,
            body=body.decode("utf-8", "replace").replace("\0", "\ufffd"),
        )


async def _beginning(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= KEPT_BYTES:
            break
    return bytes(body[:KEPT_BYTES])


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
