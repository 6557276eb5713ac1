"""The whole built-in carrier on loopback: our adapter, signed webhooks over HTTP, a signed stream over a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.carrier.rest.rig import OURS, TOKEN
from tests.carrier.voices import ToneTTS
from tests.e2e.test_carrier_sockets import _ServerEnd
from tests.e2e.test_twilio_client import Webhooks
from tests.fakes.sockets import ScriptedEngine
from voice_engine.carrier.rest.carrier import Carrier, CarrierSettings
from voice_engine.carrier.rest.server import bind, listening, serve_carrier
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.telephony import DialOrder, NumberSettings
from voice_engine.telephony.twilio.account import TwilioSettings
from voice_engine.telephony.twilio.rest import TwilioTelephony
from voice_engine.telephony.twilio.signature import SignatureValidator

pytestmark = pytest.mark.slow

PUBLIC = "https://phone.example.com"


@asynccontextmanager
async def media_server(engine: ScriptedEngine, seen: list[tuple[str, str]]) -> AsyncIterator[int]:
    """A websocket server on loopback that notes (path, signature) of every upgrade; its port."""

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append((connection.request.path, connection.request.headers["X-Twilio-Signature"]))
        await engine.handle(_ServerEnd(connection))

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@asynccontextmanager
async def built_in(folder: Path, **settings: Any) -> AsyncIterator[tuple[Carrier, TwilioTelephony]]:
    carrier_settings = CarrierSettings(data_dir=folder, auth_token=TOKEN, first_numbers=(OURS,), **settings)
    async with serve_carrier(carrier_settings, tts=ToneTTS(), ears=lambda language: lambda pcm: "") as carrier:
        telephony = TwilioTelephony(
            TwilioSettings(
                account_sid=carrier_settings.account_sid, auth_token=TOKEN, base_url=carrier.parts.base_url
            )
        )
        try:
            yield carrier, telephony
        finally:
            await telephony.aclose()


async def test_a_call_in_from_the_directory_streams_to_the_engine(tmp_path: Path) -> None:
    """The public URLs lead to loopback; webhook and upgrade are signed over the public ones."""
    engine, seen, webhooks = ScriptedEngine(_hang_up_after(10)), list[tuple[str, str]](), Webhooks()
    webhooks.document = (
        f'<Response><Connect><Stream url="wss://{PUBLIC[8:]}/media/twilio/w1"/></Connect><Hangup/></Response>'
    )
    customer, _ = bind()
    (tmp_path / "lines.yaml").write_text('lines: {"+15551234567": {machine: silence}}')
    async with media_server(engine, seen) as port, listening(webhooks.app, customer):
        reroute = {
            f"{PUBLIC}/media": f"http://127.0.0.1:{port}/media",
            PUBLIC: f"http://127.0.0.1:{customer.getsockname()[1]}",
        }
        webhooks.base = PUBLIC
        async with built_in(tmp_path, reroute=reroute) as (carrier, telephony), asyncio.timeout(20):
            (number,) = await telephony.list_numbers()
            urls = NumberSettings(voice_url=f"{PUBLIC}/voice", status_url=f"{PUBLIC}/status")
            await telephony.configure_number(number.number_sid, urls)
            call = await carrier.call_in(OURS, caller="+15551234567")
            await webhooks.until("completed")

    assert call.record.errors == []
    assert engine.of("start")[0]["start"]["callSid"] == call.sid
    assert [valid for valid, _ in webhooks.got] == [True, True]
    ((path, signature),) = seen
    assert SignatureValidator(TOKEN, PUBLIC).upgrade(path, "", signature)


async def test_closing_the_carrier_ends_its_calls_and_says_so(tmp_path: Path) -> None:
    webhooks = Webhooks()
    webhooks.document = '<Response><Pause length="600"/></Response>'
    (tmp_path / "lines.yaml").write_text('lines: {"+15551234567": {machine: silence}}')
    customer, webhooks.base = bind()
    async with listening(webhooks.app, customer):
        async with built_in(tmp_path) as (_, telephony), asyncio.timeout(20):
            order = DialOrder(
                to="+15551234567",
                from_number=OURS,
                answer_url=f"{webhooks.base}/voice",
                status_url=f"{webhooks.base}/status",
            )
            placed = await telephony.place_call(order)
            await webhooks.until("in-progress")

        last = webhooks.got[-1][1]
        assert (last["CallSid"], last["CallStatus"]) == (placed.call_sid, "completed")


async def test_a_carrier_that_is_down_is_unreachable_not_unknown() -> None:
    listener, base = bind()
    listener.close()
    telephony = TwilioTelephony(TwilioSettings(account_sid="AC1", auth_token="t", base_url=base))
    with pytest.raises(UpstreamFailed) as caught:
        await telephony.place_call(DialOrder(to="+15551234567", from_number=OURS, answer_url="http://e.test/"))
    await telephony.aclose()

    assert (caught.value.code, caught.value.retryable) == ("carrier_unreachable", True)


def test_a_port_that_is_taken_is_named() -> None:
    listener, base = bind()
    port = int(base.rpartition(":")[2])
    with pytest.raises(InvalidInput, match=f"port {port}"):
        bind(port=port)
    listener.close()


def _hang_up_after(chunk: int) -> Any:
    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body.get("media", {}).get("chunk") == str(chunk):
            engine.close()

    return on_event
