"""`twilio`'s own synchronous client and validator against the built-in carrier, over loopback sockets.

Nothing of our adapter is in between: only the host of its URLs is changed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # ships no types
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from tests.carrier.lines import SilentLine
from tests.carrier.rest.rig import OURS, THEIRS, TOKEN, ToneVoice, World
from voice_engine.carrier.record import Answer
from voice_engine.carrier.rest.app import build_app
from voice_engine.carrier.rest.carrier import Carrier, CarrierSettings, open_carrier
from voice_engine.carrier.rest.server import bind, listening

pytestmark = pytest.mark.slow

HANG_UP = "<Response><Pause/><Hangup/></Response>"


class LocalHosts(TwilioHttpClient):  # type: ignore[misc]  # an untyped base
    """Twilio's client with every host of its own led to the carrier."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        assert parts.netloc.endswith(".twilio.com")
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, f"{self._base}{parts.path}{query}", *args, **kwargs)


class Webhooks:
    """A customer's server; keeps (valid signature, form) of every request."""

    def __init__(self) -> None:
        self.got: list[tuple[bool, dict[str, str]]] = []
        self.base = ""
        self.document = HANG_UP
        self._changed = asyncio.Condition()
        self.app = Starlette(routes=[Route("/{rest:path}", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        url = f"{self.base}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
        valid = RequestValidator(TOKEN).validate(url, form, request.headers["x-twilio-signature"])
        async with self._changed:
            self.got.append((valid, form))
            self._changed.notify_all()
        return Response(self.document, media_type="text/xml")

    async def until(self, status: str) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: status in [form.get("CallStatus") for _, form in self.got])


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[Carrier, Client, Webhooks]]:
    world, webhooks = World(), Webhooks()
    world.put(THEIRS, SilentLine, Answer(after_ms=50))
    customer, webhooks.base = bind()
    listener, base = bind()
    settings = CarrierSettings(data_dir=folder, auth_token=TOKEN, base_url=base, first_numbers=(OURS,))
    async with (
        listening(webhooks.app, customer),
        open_carrier(settings, reach=world, voice=ToneVoice()) as carrier,
        listening(build_app(carrier), listener),
    ):
        client = Client(settings.account_sid, TOKEN, http_client=LocalHosts(base))
        yield carrier, client, webhooks


async def off_loop(call: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, call)


async def test_a_call_by_the_stock_client(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client, webhooks):
        created = await off_loop(
            lambda: client.calls.create(
                to=THEIRS,
                from_=OURS,
                url=f"{webhooks.base}/voice?call=1&x=%20y",
                status_callback=f"{webhooks.base}/status",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
            )
        )
        await webhooks.until("completed")
        fetched = await off_loop(lambda: client.calls(created.sid).fetch())
        listed = await off_loop(lambda: client.calls.list(to=THEIRS, limit=5))

    assert (created.status, created.direction, created.to) == ("queued", "outbound-api", THEIRS)
    assert created.date_created.tzinfo is not None
    assert (fetched.status, fetched.duration) == ("completed", "1")
    assert fetched.start_time <= fetched.end_time
    assert [call.sid for call in listed] == [created.sid]
    assert all(valid for valid, _ in webhooks.got)
    assert len(webhooks.got) == 5


async def test_refusals_reach_the_stock_client_with_their_codes(tmp_path: Path) -> None:
    async with running(tmp_path) as (carrier, client, _):
        with pytest.raises(TwilioRestException) as bad_number:
            await off_loop(lambda: client.calls.create(to="555", from_=OURS, url="http://x.test/"))
        with pytest.raises(TwilioRestException) as missing:
            await off_loop(lambda: client.calls("CA" + "0" * 32).fetch())
        wrong = Client(carrier.settings.account_sid, "0" * 32, http_client=client.http_client)
        with pytest.raises(TwilioRestException) as login:
            await off_loop(lambda: wrong.incoming_phone_numbers("PN1").fetch())

    told = [(error.value.status, error.value.code) for error in (bad_number, missing, login)]
    assert told == [(400, 21211), (404, 20404), (401, 20003)]


async def test_pages_are_followed_to_the_last(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client, _webhooks):
        shelf = await off_loop(lambda: client.available_phone_numbers("US").local.list(area_code="212", limit=5))
        for number in shelf:
            await off_loop(partial(client.incoming_phone_numbers.create, phone_number=number.phone_number))

        owned = await off_loop(lambda: client.incoming_phone_numbers.list(page_size=2))

    assert len(shelf) == 5
    assert shelf[0].locality == "New York"
    assert len({number.sid for number in owned}) == 6
    assert owned[0].capabilities["voice"] is True


async def test_a_code_by_the_stock_client(tmp_path: Path) -> None:
    async with running(tmp_path) as (carrier, client, _):
        service = client.verify.v2.services(carrier.settings.verify_service_sid)
        started = await off_loop(lambda: service.verifications.create(to=THEIRS, channel="sms", locale="es"))
        (message,) = carrier.verifications.messages
        code = "".join(char for char in message.text if char.isdigit())
        checked = await off_loop(lambda: service.verification_checks.create(to=THEIRS, code=code))

    assert (started.status, started.channel, len(started.send_code_attempts)) == ("pending", "sms", 1)
    assert (checked.status, checked.valid, checked.sid) == ("approved", True, started.sid)
    assert message.text.startswith("Su código")
