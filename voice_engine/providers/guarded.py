"""HTTP to addresses that customers chose: a guard after the name is resolved, and a transport that obeys it.

The connection goes to the very address that was judged, so that a second answer of the name server changes nothing;
the name is kept for TLS and the Host header. Nothing is redirected: an answer that points elsewhere is an answer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from urllib.parse import SplitResult, urlsplit

import httpx2

from voice_engine.errors import InvalidInput
from voice_engine.providers.addresses import Resolve, is_private, is_public, resolve_host

RESOLVE_S = 5.0
KEPT_S = 30.0
"""How long a judged address is used without asking again: turns of one call do not wait for the name server."""
MOST_KEPT = 64
MOST_BYTES = 64 << 20
"""Of one answer: half an hour of speech (24 kHz, 16 bit) has 86 MB, a clause far below one."""
DEFAULT_PORTS = {"http": 80, "https": 443}


class AddressRefused(httpx2.ConnectError):
    """The guard does not let a request go there; `code` is that of its InvalidInput."""

    def __init__(self, error: InvalidInput) -> None:
        super().__init__(error.message)
        self.code = error.code


class Guard:
    """Says where requests may go. `allow_private`: the operator lets them go to this machine and its network."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolve = resolve_host,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._monotonic = monotonic
        self._kept: dict[tuple[str, int], tuple[str, float]] = {}

    async def check(self, url: str) -> None:
        """See that a request could go there now.

        Raises:
            InvalidInput: `url_invalid`, `host_unknown`, `address_refused`, `https_required`.
        """
        await self.address_of(url)

    async def address_of(self, url: str) -> str:
        """The address to connect to. Raises InvalidInput as `check`."""
        parts, host, port = _parts(url)
        kept = self._kept.get((host, port))
        if kept is not None and self._monotonic() < kept[1]:
            return kept[0]
        try:
            async with asyncio.timeout(RESOLVE_S):
                addresses = await self._resolve(host, port)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise InvalidInput("host_unknown", f"no address is known of {host}; check its spelling") from error
        self._judge(parts, host, addresses)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[host, port] = (addresses[0], self._monotonic() + KEPT_S)
        return addresses[0]

    def _judge(self, parts: SplitResult, host: str, addresses: list[str]) -> None:
        """Every address of the name must do: which one is asked is the name server's choice, not ours."""
        if addresses and all(is_public(address) for address in addresses):
            if parts.scheme != "https":
                raise InvalidInput("https_required", f"{host} is in the open: its address must begin with https://")
            return
        fine = [is_public(address) or is_private(address) for address in addresses]
        if not self._allow_private or not fine or not all(fine):
            raise InvalidInput(
                "address_refused",
                f"{host} leads to an address that is not public; only the operator can allow that "
                "(VOICE_ENGINE_OUTBOUND__ALLOW_PRIVATE)",
            )


class GuardedTransport(httpx2.AsyncBaseTransport):
    """An `httpx2` transport that asks the guard first. Raises AddressRefused, and ReadError beyond `MOST_BYTES`."""

    def __init__(self, guard: Guard, *, most_bytes: int = MOST_BYTES) -> None:
        self._guard = guard
        self._most_bytes = most_bytes
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request to the address that its host stands for now."""
        host = request.url.host
        try:
            address = await self._guard.address_of(str(request.url))
        except InvalidInput as error:
            raise AddressRefused(error) from error
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)  # the Host header was set from the name before
        answer = await self._inner.handle_async_request(request)
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        answer.stream = _Bounded(answer.stream, self._most_bytes)
        return answer

    async def aclose(self) -> None:
        """Close connections."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends with an error where it gets too long."""

    def __init__(self, inner: httpx2.AsyncByteStream, most_bytes: int) -> None:
        self._inner = inner
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise httpx2.ReadError("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def guarded_client(guard: Guard, *, timeout_s: float, most_bytes: int = MOST_BYTES) -> httpx2.AsyncClient:
    """A client whose every request asks the guard. It follows no redirect and reads no proxy settings."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(guard, most_bytes=most_bytes),
        follow_redirects=False,
        trust_env=False,
        timeout=timeout_s,
    )


def _parts(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput("url_invalid", "the address is no URL") from error
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None or port == 0:
        raise InvalidInput("url_invalid", "give an address that begins with https:// and names a host, no user")
    return parts, host, port or DEFAULT_PORTS[parts.scheme]
