"""The HTTP client under `twilio`'s REST client: asynchronous, with bounds, and pointed wherever the settings say.

`twilio` builds absolute URLs of its own hosts (api.twilio.com, verify.twilio.com, …). With a base URL every one of
them is re-targeted there, so that the same code speaks to another implementation of the same endpoints.
"""

import asyncio
import json
import logging
import random
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]  # ships no types
from twilio.http.response import Response  # type: ignore[import-untyped]

CONNECT_TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Of a JSON answer: a page of a thousand calls has about 1 MB."""

READ_ATTEMPTS = 3
"""GETs only: nothing that creates or changes is ever sent twice by this client."""

BACKOFF_S = 0.2


class Refused(Exception):
    """The carrier answered with an error: HTTP status, its own code (None: it gave none), its sentence."""

    def __init__(self, *, status: int, code: int | None, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Unreachable(Exception):
    """No connection came about: the request was never sent."""


class AnswerLost(Exception):
    """The request was sent and no whole answer came back: whether it took effect is unknown."""


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # an untyped base
    """`twilio.http.AsyncHttpClient` over one pooled connection per host.

    Raises `Refused`, `Unreachable` and `AnswerLost`, never a vendor's or a transport's exception.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        base_url: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(logging.getLogger("twilio.silent"), True, timeout_s)
        self._timeout_s = timeout_s
        self._base = urlsplit(base_url.rstrip("/")) if base_url else None
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
            limits=httpx2.Limits(max_connections=32, max_keepalive_connections=8),
            transport=transport,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def target(self, url: str) -> str:
        """The URL that is really asked for one of Twilio's."""
        parts = urlsplit(url)
        if self._base is None or not (parts.hostname or "").endswith(".twilio.com"):
            return url
        path = self._base.path + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request of `twilio`'s client. Raises Refused, Unreachable, AnswerLost."""
        built = self._client.build_request(
            method,
            self.target(url),
            params=_written(params),
            data=_written(data),
            headers=dict(headers or {}),
        )
        attempts = READ_ATTEMPTS if method.upper() == "GET" else 1
        for attempt in range(1, attempts + 1):
            try:
                status, body, answered = await self._send(built, auth, limit=MAX_ANSWER_BYTES)
                _raise_refusal(status, body)
                return Response(status, body.decode("utf-8", "replace"), answered)
            except (Refused, Unreachable, AnswerLost) as error:
                if attempt == attempts or not _worth_repeating(error):
                    raise
            await asyncio.sleep(BACKOFF_S * attempt * random.uniform(0.5, 1.5))  # noqa: S311  # jitter
        raise AssertionError("the last attempt returns or raises")

    async def download(self, url: str, *, auth: tuple[str, str], limit: int) -> bytes:
        """GET a media file of at most `limit` bytes, redirects followed. Raises as `request`."""
        built = self._client.build_request("GET", self.target(url))
        status, body, _ = await self._send(built, auth, limit=limit, follow=True)
        _raise_refusal(status, body)
        return body

    async def _send(
        self, request: httpx2.Request, auth: tuple[str, str] | None, *, limit: int, follow: bool = False
    ) -> tuple[int, bytes, Mapping[str, str]]:
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.send(request, auth=auth, stream=True, follow_redirects=follow)
                async with aclosing(answer):
                    return answer.status_code, await _bounded(answer, limit), answer.headers
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Unreachable(_reason(error)) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise AnswerLost(_reason(error)) from error


async def _bounded(answer: httpx2.Response, limit: int) -> bytes:
    body = bytearray()
    async with aclosing(answer.aiter_bytes()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > limit:
                raise AnswerLost(f"the answer is larger than {limit} bytes")
    return bytes(body)


def _written(fields: Mapping[str, object] | None) -> dict[str, Any] | None:
    """Form values as text; a list repeats its name (StatusCallbackEvent must not be joined)."""
    if fields is None:
        return None
    return {
        name: [str(item) for item in value] if isinstance(value, list | tuple) else str(value)
        for name, value in fields.items()
    }


def _raise_refusal(status: int, body: bytes) -> None:
    if status < 400:
        return
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    told = told if isinstance(told, dict) else {}
    code = told.get("code")
    raise Refused(
        status=status,
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        message=str(told.get("message") or f"HTTP {status}"),
    )


def _worth_repeating(error: Refused | Unreachable | AnswerLost) -> bool:
    return not isinstance(error, Refused) or error.status >= 500


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
