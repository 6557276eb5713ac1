"""Both media transports over real sockets: the same behaviour behind the same seam, and a stop that waits."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.web.fakes import CALL_SID, OTHER_SID, STREAM_SID, FakeEngine, call, settings, start
from voice_engine.errors import InvalidInput
from voice_engine.web.app import Surface
from voice_engine.web.server import DrainingServer, bind, serve, server_config

pytestmark = pytest.mark.slow

Transport = Literal["starlette", "picows"]
BOTH: list[Transport] = ["starlette", "picows"]

MEDIA = json.dumps(
    {
        "event": "media",
        "sequenceNumber": "2",
        "media": {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": "//8="},
        "streamSid": STREAM_SID,
    }
)


class Served:
    """A surface on a loopback port."""

    def __init__(self, engine: FakeEngine, surface: Surface, port: int, media_port: int) -> None:
        self.engine = engine
        self.surface = surface
        self.port = port
        self.media_port = media_port

    def connect(self, path: str = "/media/twilio/w1", compression: str | None = None) -> connect:
        """Open a media socket as the carrier does."""
        return connect(f"ws://127.0.0.1:{self.media_port}{path}", compression=compression)

    async def get_status(self, path: str) -> int:
        """Status of a GET."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        line = await reader.readline()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        return int(line.split()[1])


@asynccontextmanager
async def served(transport: Transport = "starlette", **changes: object) -> AsyncIterator[Served]:
    """Serve until the context ends; then the process's own SIGTERM stops it."""
    engine = FakeEngine()
    surface = Surface(engine, settings(**changes))
    listener = bind("127.0.0.1", 0)
    lean = bind("127.0.0.1", 0) if transport == "picows" else None
    started = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(surface, listener, on_started=started.set, lean_listener=lean))
        await started.wait()
        media_port = (lean or listener).getsockname()[1]
        yield Served(engine, surface, listener.getsockname()[1], media_port)
        if not surface.drain.draining:
            os.kill(os.getpid(), signal.SIGTERM)


async def close_code(client: ClientConnection) -> int | None:
    """Wait for the server's close."""
    async with asyncio.timeout(5.0):
        try:
            while True:
                await client.recv()
        except ConnectionClosed:
            return client.close_code


@pytest.mark.parametrize("transport", BOTH)
async def test_a_call_talks_both_ways(transport: Transport) -> None:
    async with served(transport) as web:
        async with web.connect() as client:
            await client.send(start(web.surface.tickets.issue(call())))
            await client.send(MEDIA)
            echo = json.loads(await client.recv())

        assert echo["event"] == "mark"
        assert web.engine.opened == [CALL_SID]


@pytest.mark.parametrize("transport", BOTH)
async def test_messages_in_fragments_are_joined(transport: Transport) -> None:
    async with served(transport) as web, web.connect() as client:
        whole = start(web.surface.tickets.issue(call()))
        await client.send([whole[:50], whole[50:90], whole[90:]])
        await client.send(MEDIA)
        await client.recv()

        assert web.engine.opened == [CALL_SID]


@pytest.mark.parametrize("transport", BOTH)
async def test_a_stranger_is_closed_with_1008(transport: Transport) -> None:
    async with served(transport) as web, web.connect() as client:
        await client.send(start(web.surface.tickets.issue(call()), call_sid=OTHER_SID))

        assert await close_code(client) == 1008
        assert web.engine.opened == []


@pytest.mark.parametrize("transport", BOTH)
async def test_a_message_over_64_kib_closes_the_socket(transport: Transport) -> None:
    async with served(transport) as web, web.connect() as client:
        await client.send(start(web.surface.tickets.issue(call())))
        await client.send("x" * 70_000)

        assert await close_code(client) == 1009


@pytest.mark.parametrize("transport", BOTH)
async def test_a_message_over_64_kib_in_fragments_closes_the_socket(transport: Transport) -> None:
    async with served(transport) as web, web.connect() as client:
        await client.send(start(web.surface.tickets.issue(call())))
        await client.send(["x" * 30_000] * 3)

        assert await close_code(client) == 1009


@pytest.mark.parametrize("transport", BOTH)
async def test_compression_is_not_negotiated(transport: Transport) -> None:
    async with served(transport) as web, web.connect(compression="deflate") as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers


@pytest.mark.parametrize("transport", BOTH)
async def test_another_path_is_refused_at_the_upgrade(transport: Transport) -> None:
    async with served(transport) as web:
        with pytest.raises(InvalidStatus) as refused:
            async with web.connect("/media/twilio/w2"):
                pass

        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("transport", BOTH)
async def test_a_dropped_connection_ends_the_stream(transport: Transport) -> None:
    """No close frame, no `stop`: the carrier's network just went away."""
    async with served(transport) as web:
        async with web.connect() as client:
            await client.send(start(web.surface.tickets.issue(call())))
            await client.send(MEDIA)
            await client.recv()
            client.transport.abort()
        async with asyncio.timeout(5.0):
            while web.surface.gate.open_sockets:  # noqa: ASYNC110  # the gate has no event to wait for
                await asyncio.sleep(0.01)

        assert web.engine.live == 0


@pytest.mark.parametrize("transport", BOTH)
async def test_sigterm_loses_no_call_and_takes_no_new_one(transport: Transport) -> None:
    """uvicorn alone would close the sockets a tenth of a second after the signal."""
    async with served(transport) as web:
        clients = []
        for digit in "abcde":
            client = await web.connect().__aenter__()
            sid = "CA" + digit * 32
            await client.send(start(web.surface.tickets.issue(call(sid)), call_sid=sid))
            await client.send(MEDIA)
            await client.recv()
            clients.append(client)

        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.5)
        alive = []
        for client in clients:
            await client.send(MEDIA.replace('"2"', '"3"'))
            alive.append(json.loads(await client.recv())["event"])
        ready = await web.get_status("/readyz")
        for client in clients:
            await client.close()

    assert alive == ["mark"] * 5
    assert ready == 503
    assert web.engine.wound_down == 0


async def test_calls_that_outlast_the_drain_are_wound_down_and_the_process_stops() -> None:
    async with served(drain_timeout_s=0.2, farewell_s=0.2) as web:
        client = await web.connect().__aenter__()
        await client.send(start(web.surface.tickets.issue(call())))
        await client.send(MEDIA)
        await client.recv()
        os.kill(os.getpid(), signal.SIGTERM)

        assert await close_code(client) == 1012
        assert web.engine.wound_down == 1


async def test_a_second_signal_stops_at_once() -> None:
    surface = Surface(FakeEngine(), settings())
    server = DrainingServer(server_config(surface.app), surface.drain, on_started=lambda: None)

    server.handle_exit(signal.SIGTERM, None)
    first = server.should_exit
    server.handle_exit(signal.SIGINT, None)

    assert (first, server.should_exit) == (False, True)


def test_a_taken_port_is_one_clear_error() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(InvalidInput, match=f"port {port}"):
            bind("127.0.0.1", port)


def test_an_impossible_address_is_one_clear_error() -> None:
    for host, port in [("127.0.0.1", 70_000), ("203.0.113.1", 0)]:
        with pytest.raises(InvalidInput) as caught:
            bind(host, port)
        assert caught.value.code == "address_unusable"


async def test_ipv6_loopback_can_be_served() -> None:
    try:
        listener = bind("::1", 0)
    except InvalidInput:
        pytest.skip("this machine has no IPv6")
    with listener:
        assert listener.family == socket.AF_INET6
