"""The built-in carrier and its customer in one process: no sockets, the HTTP between them by function calls.

The customer answers webhooks with the TwiML that a test put under a path, checks every signature with `twilio`'s
own validator, and keeps the requests.
"""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from tests.carrier.lines import SilentLine
from tests.fakes.sockets import ScriptedEngine
from voice_engine.carrier.leg import Line
from voice_engine.carrier.memory import LocalConnector
from voice_engine.carrier.record import Answer
from voice_engine.carrier.rest.app import build_app
from voice_engine.carrier.rest.carrier import Carrier, CarrierSettings, open_carrier
from voice_engine.carrier.rest.reach import Reached, Voice
from voice_engine.clock import LoopClock
from voice_engine.errors import UpstreamFailed
from voice_engine.telephony.twilio.account import TwilioSettings
from voice_engine.telephony.twilio.rest import TwilioTelephony

TOKEN = "0123456789abcdef" * 2
OURS = "+14155550100"
THEIRS = "+15551234567"
BASE = "https://engine.test"
EPOCH = dt.datetime(2026, 2, 13, 12, 0, tzinfo=dt.UTC)
STREAM = '<Response><Connect><Stream url="wss://engine.test/media"/></Connect><Hangup/></Response>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request that the customer got: `at_ms` on the clock of the calls, `signed` by the account's token."""

    path: str
    form: Mapping[str, str]
    signed: bool
    at_ms: float
    query: Mapping[str, str] = field(default_factory=dict)


class Customer:
    """The webhooks' other end. `documents` has TwiML by path, or a function of the form."""

    def __init__(self) -> None:
        self.documents: dict[str, str | Callable[[Mapping[str, str]], str]] = {}
        self.posted: list[Posted] = []
        self.statuses: dict[str, int] = {}
        self.content_type = "application/xml"
        self.instead: Callable[[httpx2.Request], Awaitable[httpx2.Response]] | None = None
        self._clock = LoopClock()
        self._validator = RequestValidator(TOKEN)

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.instead is not None:
            return await self.instead(request)
        url = str(request.url)
        form = dict(parse_qsl((await request.aread()).decode(), keep_blank_values=True))
        parts = urlsplit(url)
        signature = request.headers.get("X-Twilio-Signature", "")
        self.posted.append(
            Posted(
                path=parts.path,
                form=form,
                signed=self._validator.validate(url, form, signature),
                at_ms=self._clock.now_ms(),
                query=dict(parse_qsl(parts.query)),
            )
        )
        document = self.documents.get(parts.path, "")
        text = document if isinstance(document, str) else document(form)
        status = self.statuses.get(parts.path, 200)
        return httpx2.Response(status, text=text, headers={"Content-Type": self.content_type})

    def at(self, path: str) -> list[Posted]:
        """The requests to one path."""
        return [posted for posted in self.posted if posted.path == path]


@dataclass(slots=True)
class World:
    """Who is at which number; nobody answers at others."""

    lines: dict[str, tuple[Answer, Callable[[], Line | None]]] = field(default_factory=dict)
    made: dict[str, list[Line]] = field(default_factory=dict)

    def put(self, number: str, line: Callable[[], Line | None], answer: Answer | None = None) -> None:
        self.lines[number] = (answer or Answer(), line)

    async def reach(self, number: str) -> Reached:
        if number not in self.lines:
            return Reached(answer=Answer(how="no_answer"))
        answer, make = self.lines[number]
        line = make()
        if line is not None:
            self.made.setdefault(number, []).append(line)
        return Reached(answer=answer, line=line)

    async def caller(self, number: str | None) -> Reached:
        return await self.reach(number or "")


class ToneVoice:
    """Speaks 20 ms of a tone a character."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    async def speak(self, text: str, language: str) -> bytes:
        self.said.append((text, language))
        return b"\x20" * 160 * len(text)


@dataclass(slots=True, kw_only=True)
class Rig:
    """Everything that a test may look at."""

    carrier: Carrier
    telephony: TwilioTelephony
    customer: Customer
    world: World
    voice: ToneVoice
    http: httpx2.AsyncClient
    engine: ScriptedEngine
    refuse_streams: bool = False
    connect_ms: float = 0.0

    async def ended(self, call_sid: str) -> None:
        """Wait until a call is over and all has been told."""
        call = self.carrier.exchange.book.find(call_sid)
        assert call is not None
        await self.carrier.wait(call)
        while self.carrier.parts.callbacks.pending:
            await self.carrier.parts.clock.sleep_ms(20)

    async def api(self, method: str, path: str, **fields: Any) -> httpx2.Response:
        """A raw request to the account's resources."""
        account = self.carrier.settings.account_sid
        full = path if path.startswith("/") else f"/2010-04-01/Accounts/{account}/{path}"
        reads = method == "GET"
        return await self.http.request(
            method,
            full,
            auth=(account, TOKEN),
            params=(fields or None) if reads else None,
            data=None if reads else fields,
        )


@asynccontextmanager
async def open_rig(
    folder: Path, *, engine: ScriptedEngine | None = None, voice: Voice | None = None, **settings: Any
) -> AsyncIterator[Rig]:
    """A carrier with one number of ours and one silent line, on the running loop's clock."""
    clock, customer, world, tones = LoopClock(), Customer(), World(), ToneVoice()
    engine = engine or ScriptedEngine()
    world.put(THEIRS, lambda: SilentLine(hang_up_after_ms=3000))

    def now() -> dt.datetime:
        return EPOCH + dt.timedelta(milliseconds=clock.now_ms())

    carrier_settings = CarrierSettings(
        data_dir=folder, auth_token=TOKEN, base_url="http://carrier.test", first_numbers=(OURS,), **settings
    )

    async def connect(url: str) -> Any:
        if rig.refuse_streams:
            raise UpstreamFailed("stream_refused", f"{url}: nobody there", provider="engine", retryable=True)
        await clock.sleep_ms(rig.connect_ms)
        return await connector(url)

    async with open_carrier(
        carrier_settings,
        reach=world,
        voice=voice or tones,
        clock=clock,
        now=now,
        connect=connect,
        transport=httpx2.MockTransport(customer),
    ) as carrier:
        connector = LocalConnector(engine.handle, carrier.parts.tasks)
        transport = httpx2.ASGITransport(app=build_app(carrier))
        telephony = TwilioTelephony(
            TwilioSettings(
                account_sid=carrier_settings.account_sid,
                auth_token=TOKEN,
                base_url="http://carrier.test",
                verify_service_sid=carrier_settings.verify_service_sid,
            ),
            transport=transport,
        )
        async with httpx2.AsyncClient(transport=transport, base_url="http://carrier.test") as http:
            rig = Rig(
                carrier=carrier,
                telephony=telephony,
                customer=customer,
                world=world,
                voice=tones,
                http=http,
                engine=engine,
            )
            yield rig
        await telephony.aclose()
