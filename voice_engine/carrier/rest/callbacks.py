"""The carrier's requests to its customer: TwiML fetched, callbacks posted, every one signed over its whole URL.

Callbacks of one call go out one after the other, as they happened; an ordered delay lets later ones overtake.
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from weakref import WeakValueDictionary

import httpx2
import structlog

from voice_engine.carrier.rest.faults import RestFaults
from voice_engine.carrier.webhook import MAX_ANSWER_BYTES, TIMEOUT_S, sign
from voice_engine.ports.clock import Clock

CONNECT_ATTEMPTS = 2
"""Twilio tries a connection that fails once more (its default connection overrides: rc=1, rp=ct)."""

XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
"""What TwiML may be labelled as (error 12300 otherwise)."""

_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError)
"""What a request may end in; ValueError is what the standard library makes of a URL that is none."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back: `error` is Twilio's code and sentence when it is of no use, else None."""

    text: str = ""
    error: str | None = None


class Callbacks:
    """Requests to one customer, signed with the account's token.

    `reroute` maps the base of URLs, as the customer names itself in public, to where it really listens; requests
    are signed over the URL as it was given. `pending` counts callbacks that are on their way.
    """

    def __init__(
        self,
        token: str,
        *,
        tasks: asyncio.TaskGroup,
        clock: Clock,
        faults: RestFaults,
        reroute: Mapping[str, str] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._token = token
        self._tasks = tasks
        self._clock = clock
        self._faults = faults
        self.pending = 0
        self._reroute = dict(reroute or {})
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(TIMEOUT_S, connect=5.0),
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
            transport=transport,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch(self, url: str, form: Mapping[str, str], *, method: str = "POST") -> Answered:
        """Ask for TwiML; never raises."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status, kind, body = await self._request(url, form, method=method)
        except _FAILURES as error:
            return Answered(error=f"11200: {url}: {str(error) or type(error).__name__}")
        if status != 200:
            return Answered(error=f"11200: {url} answered {status}")
        if len(body) > MAX_ANSWER_BYTES:
            return Answered(error=f"11750: {url} answered more than {MAX_ANSWER_BYTES} bytes")
        if kind not in XML_TYPES:
            return Answered(error=f"12300: {url} answered {kind or 'no content type'}, not XML")
        return Answered(text=body.decode("utf-8", "replace"))

    def tell(self, url: str, form: Mapping[str, str], *, event: str, order: str, method: str = "POST") -> None:
        """Post a callback in the background. `order`: callbacks with the same one keep their order."""
        if event in self._faults.drop:
            return
        lock = self._locks.get(order)
        if lock is None:
            lock = self._locks[order] = asyncio.Lock()
        for _ in range(1 + self._faults.repeat.get(event, 0)):
            delivery = self._deliver(url, form, method=method, lock=lock, delay_ms=self._faults.delay_ms.get(event))
            self.pending += 1
            self._tasks.create_task(delivery, name=f"callback {event}")

    async def _deliver(
        self, url: str, form: Mapping[str, str], *, method: str, lock: asyncio.Lock, delay_ms: float | None
    ) -> None:
        try:
            if delay_ms:
                await self._clock.sleep_ms(delay_ms)
            async with lock, asyncio.timeout(TIMEOUT_S):
                status, _, _ = await self._request(url, form, method=method)
            if status >= 400:
                _log.warning("carrier.callback_refused", url=url, status=status)
        except _FAILURES as error:
            _log.warning("carrier.callback_failed", url=url, reason=str(error) or type(error).__name__)
        finally:
            self.pending -= 1

    async def _request(self, url: str, form: Mapping[str, str], *, method: str) -> tuple[int, str, bytes]:
        if method == "GET":
            url = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(form)}"
            form = {}
        headers = {"X-Twilio-Signature": sign(url, form, self._token)}
        target = self._target(url)
        for attempt in range(1, CONNECT_ATTEMPTS + 1):
            try:
                request = self._client.build_request(method, target, data=dict(form) or None, headers=headers)
                answer = await self._client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if attempt == CONNECT_ATTEMPTS:
                    raise
                continue
            async with aclosing(answer):
                return answer.status_code, _kind(answer), await _bounded(answer)
        raise AssertionError("the last attempt returns or raises")

    def _target(self, url: str) -> str:
        for public, real in self._reroute.items():
            if url == public or url.startswith((f"{public}/", f"{public}?")):
                return real + url[len(public) :]
        return url


def _kind(answer: httpx2.Response) -> str:
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


async def _bounded(answer: httpx2.Response) -> bytes:
    """At most one byte more than TwiML may have."""
    body = bytearray()
    async with aclosing(answer.aiter_bytes()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                break
    return bytes(body[: MAX_ANSWER_BYTES + 1])
