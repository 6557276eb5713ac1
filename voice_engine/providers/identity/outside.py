"""HTTP to issuers (`domains.identity.federation.Outside`), guarded against documents that point inside.

An address of the configured issuer's own origin is the operator's word and may be on this machine. Any other comes
out of a document: it must be https, every address of its host must be public, and the connection goes to the very
address that was checked, so that a second answer of the name server changes nothing.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx2

from voice_engine.errors import UpstreamFailed
from voice_engine.providers.addresses import Resolve, is_public, resolve_host

TIMEOUT_S = 5.0
MOST_BYTES = 512 * 1024
"""Key sets and documents have a few kilobytes."""
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Destination:
    """Where a request really goes: `url`, with the name kept for TLS and the Host header when it is pinned."""

    url: str
    headers: Mapping[str, str]
    extensions: Mapping[str, Any]


class HttpOutside:
    """The adapter. `resolve` gives a host's addresses; tests hand in their own name server."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, resolve: Resolve | None = None) -> None:
        self._timeout_s = timeout_s
        self._resolve = resolve or resolve_host

    async def get_json(self, url: str, *, origin: str) -> Mapping[str, Any]:
        """GET a JSON object. Raises UpstreamFailed `identity_provider_unavailable`."""
        status, answer = await self._send("GET", url, origin=origin, form=None)
        if status != 200:
            raise _failed(f"it answered {status}")
        return answer

    async def post_form(self, url: str, form: Mapping[str, str], *, origin: str) -> tuple[int, Mapping[str, Any]]:
        """POST a form; its status (200 or 4xx) and its JSON object. Raises UpstreamFailed."""
        return await self._send("POST", url, origin=origin, form=form)

    async def _send(
        self, method: str, url: str, *, origin: str, form: Mapping[str, str] | None
    ) -> tuple[int, Mapping[str, Any]]:
        try:
            async with asyncio.timeout(self._timeout_s):
                to = await self._destination(url, origin)
                async with (
                    httpx2.AsyncClient(follow_redirects=False, trust_env=False) as client,
                    client.stream(
                        method, to.url, headers=dict(to.headers), extensions=dict(to.extensions), data=form
                    ) as response,
                ):
                    body = await _read(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            raise _failed(f"it cannot be reached ({type(error).__name__})") from error
        if response.status_code >= 500 or response.is_redirect:
            raise _failed(f"it answered {response.status_code}")
        return response.status_code, _object(body)

    async def _destination(self, url: str, origin: str) -> _Destination:
        try:
            parts, trusted = urlsplit(url), urlsplit(origin)
            same = _origin(parts) == _origin(trusted)
        except ValueError as error:
            raise _failed("its document names no address") from error
        headers = {"Accept": "application/json"}
        if same:
            return _Destination(url=url, headers=headers, extensions={})
        host = parts.hostname
        if parts.scheme != "https" or not host or parts.username is not None:
            raise _failed("its document names an address that is not https")
        addresses = await self._resolve(host, parts.port or 443)
        if not addresses or not all(is_public(address) for address in addresses):
            raise _failed("its document names an address that is not public")
        pinned = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        port = f":{parts.port}" if parts.port else ""
        return _Destination(
            url=parts._replace(netloc=pinned + port).geturl(),
            headers={**headers, "Host": host + port},
            extensions={"sni_hostname": host},
        )


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _failed("its answer is too long")
    return bytes(body)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _failed("its answer is no JSON") from error
    if not isinstance(answer, dict):
        raise _failed("its answer is no JSON object")
    return answer


def _failed(reason: str) -> UpstreamFailed:
    return UpstreamFailed(
        "identity_provider_unavailable",
        f"the identity provider does not work now: {reason}; try again later",
        provider="identity",
        retryable=True,
    )
