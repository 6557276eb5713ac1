"""The built-in carrier, put together: one account, its numbers, calls, recordings, verifications and faults."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2

from voice_engine.carrier.calls import ACCOUNT_SID, Connector
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.leg import Line
from voice_engine.carrier.rest.call import Call, Webhook
from voice_engine.carrier.rest.callbacks import Callbacks
from voice_engine.carrier.rest.callerids import CallerIds
from voice_engine.carrier.rest.exchange import Exchange
from voice_engine.carrier.rest.faults import RestFaults
from voice_engine.carrier.rest.numbers import Number, Numbers
from voice_engine.carrier.rest.parts import ExchangeParts, Now
from voice_engine.carrier.rest.reach import Reach, Voice
from voice_engine.carrier.rest.recordings import Recordings
from voice_engine.carrier.rest.verify import Verifications
from voice_engine.carrier.webhook import sign
from voice_engine.carrier.websocket import open_websocket
from voice_engine.clock import LoopClock
from voice_engine.errors import Conflict, InvalidInput, NotFound
from voice_engine.ports.clock import Clock
from voice_engine.ports.media import MediaSocket

VERIFY_SERVICE_SID = "VA" + "0" * 31 + "1"
"""The built-in carrier's only verification service."""

WITHHELD = "anonymous"
"""What `From` says when a caller withholds the number."""

WIND_DOWN_MS = 3_000.0
"""How long calls that are up may take to end when the carrier closes, callbacks included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierSettings:
    """`data_dir` keeps numbers and recordings. `first_numbers` are owned from the first start on.

    `caller_ids` may be called from without being owned. `reroute` maps a base URL, as the customer calls itself in
    public, to where it listens: webhooks and streams go there, signed over the public one.
    """

    data_dir: Path
    auth_token: str = field(repr=False)
    account_sid: str = ACCOUNT_SID
    verify_service_sid: str = VERIFY_SERVICE_SID
    base_url: str = "http://127.0.0.1"
    first_numbers: tuple[str, ...] = ()
    caller_ids: frozenset[str] = frozenset()
    reroute: Mapping[str, str] = field(default_factory=dict)


class Carrier:
    """An open carrier; see `open_carrier`."""

    def __init__(self, settings: CarrierSettings, parts: ExchangeParts, faults: RestFaults) -> None:
        """Raises InvalidInput: `bad_numbers`."""
        self.settings = settings
        self.parts = parts
        self.faults = faults
        self.recordings = parts.recordings
        self.exchange = Exchange(parts)
        self.verifications = Verifications(now=parts.now)
        self.caller_ids = CallerIds(settings.data_dir / "caller_ids.json", now=parts.now)
        self.numbers = Numbers(settings.data_dir / "numbers.json", now=parts.now, first=settings.first_numbers)

    def may_call_from(self, number: str) -> bool:
        """Whether the account may show this number: owned or verified."""
        verified = number in self.settings.caller_ids or number in self.caller_ids
        return verified or self.numbers.find(number) is not None

    def redirect(self, call: Call, target: Webhook | str) -> None:
        """Have a call go on elsewhere, in the background."""
        self.parts.tasks.create_task(self.exchange.redirect(call, target), name=f"redirect {call.sid}")

    async def call_in(self, to: str, *, caller: str | None, line: Line | None = None) -> Call:
        """Somebody calls one of the account's numbers; `caller` None withholds the number.

        `line` None: whoever calls from there (`Reach.caller`). Raises NotFound (`number_not_found`), Conflict
        (`number_not_configured`, `line_unusable`).
        """
        number = self.numbers.find(to)
        if number is None:
            raise NotFound("number_not_found", f"{to} is no number of this account")
        if not number.voice_url:
            raise Conflict("number_not_configured", f"{to} has no voice URL: nobody answers it")
        if line is None:
            line = (await self.parts.reach.caller(caller)).line
        if line is None:
            raise Conflict("line_unusable", f"nobody is at {caller}: no line to call from")
        return self._receive(number, line, caller or WITHHELD)

    def _receive(self, number: Number, line: Line, caller: str) -> Call:
        return self.exchange.receive(
            line,
            caller=caller,
            to=number.e164,
            number_sid=number.sid,
            voice=Webhook(url=number.voice_url, method=number.voice_method),
            fallback=_hook(number.voice_fallback_url, number.voice_fallback_method),
            status=_hook(number.status_callback, number.status_callback_method),
        )

    async def wait(self, call: Call) -> Call:
        """Wait until a call is over."""
        while not call.status.over:
            await self.parts.clock.sleep_ms(20.0)
        return call

    async def wind_down(self) -> None:
        """End every call, and let the last callbacks out."""
        for call in self.exchange.book.all():
            if not call.status.over:
                self.exchange.complete(call)
        deadline_ms = self.parts.clock.now_ms() + WIND_DOWN_MS
        while self._busy() and self.parts.clock.now_ms() < deadline_ms:
            await self.parts.clock.sleep_ms(20.0)

    def _busy(self) -> bool:
        live = any(not call.status.over for call in self.exchange.book.all())
        return live or self.parts.callbacks.pending > 0


class _Closed(Exception):
    """Ends the carrier's task group, and what is still in it."""


@asynccontextmanager
async def open_carrier(
    settings: CarrierSettings,
    *,
    reach: Reach,
    voice: Voice,
    clock: Clock | None = None,
    now: Now = lambda: dt.datetime.now(dt.UTC),
    connect: Connector | None = None,
    media_faults: FaultPlan = NO_FAULTS,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> AsyncIterator[Carrier]:
    """The carrier while the context is open; leaving it ends its calls.

    `reach` is the world of lines, `voice` speaks <Say>. `connect` opens streams (None: real websockets, signed),
    `transport` takes the place of HTTP in tests. Raises InvalidInput: `bad_numbers`, `bad_base_url`.
    """
    _check(settings)
    clock, faults = clock or LoopClock(), RestFaults()
    try:
        async with asyncio.TaskGroup() as tasks:
            callbacks = Callbacks(
                settings.auth_token,
                tasks=tasks,
                clock=clock,
                faults=faults,
                reroute=settings.reroute,
                transport=transport,
            )
            parts = ExchangeParts(
                account_sid=settings.account_sid,
                base_url=settings.base_url.rstrip("/"),
                tasks=tasks,
                clock=clock,
                now=now,
                connect=connect or _signed_websockets(settings),
                callbacks=callbacks,
                reach=reach,
                voice=voice,
                recordings=Recordings(settings.data_dir / "recordings"),
                media_faults=media_faults,
            )
            try:
                carrier = Carrier(settings, parts, faults)
                yield carrier
                await carrier.wind_down()
            finally:
                await callbacks.aclose()
            raise _Closed
    except* _Closed:
        pass


def _hook(url: str, method: str) -> Webhook | None:
    return Webhook(url=url, method=method) if url else None


def _check(settings: CarrierSettings) -> None:
    for url in (settings.base_url, *settings.reroute, *settings.reroute.values()):
        if urlsplit(url).scheme not in ("http", "https"):
            raise InvalidInput("bad_base_url", f"{url!r} is not an http(s) URL")


def _signed_websockets(settings: CarrierSettings) -> Connector:
    """Opens streams as Twilio does: the upgrade is signed over the URL of the TwiML."""

    async def connect(url: str) -> MediaSocket:
        return await open_websocket(rerouted(url, settings.reroute), signature=sign(url, {}, settings.auth_token))

    return connect


def rerouted(url: str, reroute: Mapping[str, str]) -> str:
    """Where a stream URL of a public base really leads."""
    parts = urlsplit(url)
    for public, real in reroute.items():
        seen, there = urlsplit(public), urlsplit(real)
        if parts.netloc == seen.netloc and parts.path.startswith(seen.path):
            scheme = "wss" if there.scheme == "https" else "ws"
            path = there.path + parts.path.removeprefix(seen.path)
            return urlunsplit((scheme, there.netloc, path, "", ""))
    return url
