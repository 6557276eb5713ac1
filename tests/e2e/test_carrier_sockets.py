"""The carrier over real sockets: a dialled call, and a load run with signed webhooks."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.carrier.lines import SilentLine, tone_mulaw
from tests.fakes.sockets import ScriptedEngine
from voice_engine.carrier.calls import CallRecord, LocalCarrier
from voice_engine.carrier.control import stream_document
from voice_engine.carrier.load import LoadPlan, run_load
from voice_engine.carrier.stream import EndedBy
from voice_engine.carrier.takes import Take
from voice_engine.carrier.webhook import Webhooks
from voice_engine.carrier.websocket import WebSocketEnd, open_websocket
from voice_engine.clock import LoopClock
from voice_engine.errors import UpstreamFailed
from voice_engine.telephony.twilio.signature import SignatureValidator

pytestmark = pytest.mark.slow

TOKEN = "0123456789abcdef" * 2


@asynccontextmanager
async def media_server(engines: list[ScriptedEngine]) -> AsyncIterator[str]:
    """A websocket server whose every connection is a scripted engine that answers the tenth frame; its URL."""

    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body.get("media", {}).get("chunk") == "10":
            engine.send_audio(tone_mulaw(60))
            engine.send_mark("end")

    async def handle(connection: ServerConnection) -> None:
        engines.append(ScriptedEngine(on_event))
        await engines[-1].handle(_ServerEnd(connection))

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/media"


class _ServerEnd(WebSocketEnd):
    """The same socket seen from the server: sending and closing are alike on both ends."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection  # type: ignore[assignment]  # both are websockets' Connection


@asynccontextmanager
async def webhook_server(document: str, forms: list[tuple[bool, dict[str, list[str]]]]) -> AsyncIterator[str]:
    """An HTTP server that answers every POST with `document` and notes (signature valid, form); its URL."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {line.split(": ")[0].lower(): line.split(": ")[1] for line in head[1:] if ": " in line}
        form = parse_qs((await reader.readexactly(int(headers["content-length"]))).decode())
        validator = SignatureValidator(TOKEN, base)
        forms.append((validator.webhook(head[0].split()[1], "", form, headers["x-twilio-signature"]), form))
        answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(document)}\r\nConnection: close\r\n\r\n{document}"
        writer.write(answer.encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield base


async def test_a_dialled_call_streams_over_a_websocket() -> None:
    engines: list[ScriptedEngine] = []

    async with media_server(engines) as url, asyncio.TaskGroup() as tasks:
        carrier = LocalCarrier(connect=open_websocket, clock=LoopClock(), tasks=tasks)
        line = SilentLine(hang_up_after_ms=500)
        dialled = await carrier.dial(line, to="+15550100123", document=stream_document(url))
        record: CallRecord = await carrier.wait(dialled.call_sid)

    assert record.streams[0].ended_by is EndedBy.LINE
    assert record.violations() == []
    assert tone_mulaw(60) in bytes(line.heard)
    assert [body["event"] for body in engines[0].events[:3]] == ["connected", "start", "media"]
    assert len(engines[0].of("mark")) == len(engines[0].of("stop")) == 1
    assert engines[0].close_codes == [1000]


async def test_an_engine_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(UpstreamFailed, match=r"stream: ws://127\.0\.0\.1:1/media"):
        await open_websocket("ws://127.0.0.1:1/media")


async def test_an_engine_that_breaks_off_ends_the_stream() -> None:
    async def handle(connection: ServerConnection) -> None:
        with pytest.raises(ConnectionClosed):
            await connection.recv()
            connection.transport.abort()
            await connection.recv()

    async with serve(handle, "127.0.0.1", 0) as server, asyncio.TaskGroup() as tasks:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/media"
        carrier = LocalCarrier(connect=open_websocket, clock=LoopClock(), tasks=tasks)
        dialled = await carrier.dial(SilentLine(), to="+15550100123", document=stream_document(url))
        record = await carrier.wait(dialled.call_sid)

    assert (record.streams[0].ended_by, record.streams[0].close_code) == (EndedBy.ENGINE, 1006)


async def test_a_load_run_signs_its_webhooks_and_plays_its_calls() -> None:
    """The signature is checked by the engine's own, independent, implementation."""
    engines: list[ScriptedEngine] = []
    forms: list[tuple[bool, dict[str, list[str]]]] = []
    payload = base64.b64encode(b"\xff" * 160)
    take = Take(name="t", payloads=(payload,) * 30, turn_ends=frozenset({5}), onsets=frozenset({0}))

    async with media_server(engines) as url, webhook_server(stream_document(url), forms) as base:
        webhooks = Webhooks(connect_url=base, token=TOKEN, public_url=base)
        report = await run_load([take], webhooks.post, LoadPlan(calls=3, ramp=100))

    assert (report.calls_completed, report.errors, report.violations) == (3, {}, {})
    assert [valid for valid, _ in forms] == [True] * 3
    assert sorted(form["CallSid"][0] for _, form in forms) == sorted(engine.call_sid for engine in engines)
    assert all(len(engine.of("media")) == 30 for engine in engines)
    assert report.response_ms.p50 == pytest.approx(4 * 20, abs=60)
    assert all(len(engine.of("mark")) == 1 for engine in engines)


async def test_a_server_that_is_down_is_counted_as_an_error() -> None:
    webhooks = Webhooks(connect_url="http://127.0.0.1:1", token=TOKEN, public_url="http://127.0.0.1:1")
    take = Take(name="t", payloads=(b"//8=",), turn_ends=frozenset(), onsets=frozenset())

    report = await run_load([take], webhooks.post, LoadPlan(calls=2, ramp=100))

    assert sum(report.errors.values()) == 2
    assert report.calls_completed == 0
