"""The short cut past ASGI: what came before it, what comes after, and what stays uvicorn's."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.uri import parse_uri

from voice_engine.clock import run_virtual
from voice_engine.ports.media import Message
from voice_engine.telephony.twilio.protocol import MAX_MESSAGE_BYTES
from voice_engine.web.direct import DirectProtocol, connection_of
from voice_engine.web.socket import AsgiSocket


class Wire(asyncio.Transport):
    """A transport that keeps what is written and says whether it is being read."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.reading = True
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


class Peer:
    """A websocket client and the server's protocol, without a network."""

    def __init__(self, serve: Callable[[AsgiSocket], Coroutine[Any, Any, None]]) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            await serve(AsgiSocket(receive, send, direct=connection_of(scope)))

        config = uvicorn.Config(
            app,
            ws=DirectProtocol,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            ws_max_size=MAX_MESSAGE_BYTES,
        )
        self.wire = Wire()
        self.server = DirectProtocol(config, ServerState(), {})
        self.server.connection_made(self.wire)
        self.client = ClientProtocol(parse_uri("ws://127.0.0.1/media"))

    async def connect(self) -> None:
        self.client.send_request(self.client.connect())
        self.push()
        await self.settle()
        self.pull()

    def push(self) -> None:
        self.server.data_received(b"".join(self.client.data_to_send()))

    def pull(self) -> list[Frame]:
        self.client.receive_data(bytes(self.wire.written))
        self.wire.written.clear()
        return [event for event in self.client.events_received() if isinstance(event, Frame)]

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def hang_up(self) -> None:
        self.client.send_close(1000)
        self.push()
        self.server.connection_lost(None)
        await self.settle()


def test_messages_arrive_in_order_also_those_that_came_before_the_reader() -> None:
    """Early ones wait in ASGI's queue, and reading, which uvicorn paused for them, goes on."""
    heard: list[Message] = []
    codes: list[int] = []

    async def main() -> None:
        ready = asyncio.Event()

        async def serve(socket: AsgiSocket) -> None:
            await ready.wait()
            codes.append(await socket.run(heard.append))

        peer = Peer(serve)
        await peer.connect()
        peer.client.send_text(b"early")
        peer.push()
        readings = [peer.wire.reading]
        ready.set()
        await peer.settle()
        peer.client.send_text(b"la", fin=False)
        peer.client.send_continuation(b"ter", fin=True)
        peer.push()
        assert [*readings, peer.wire.reading] == [False, True]
        assert heard == ["early", b"later"]
        await peer.hang_up()

    run_virtual(main())

    assert codes == [1000]


def test_media_frames_are_read_however_the_network_cuts_them() -> None:
    """Byte by byte, or several in one piece with a ping between them; each message once and in order."""
    media = [f"{number}".encode() * 200 for number in range(1, 4)]

    async def main() -> tuple[list[Message], list[Message], list[Frame]]:
        heard: list[Message] = []

        async def serve(socket: AsgiSocket) -> None:
            await socket.run(heard.append)

        peer = Peer(serve)
        await peer.connect()
        for message in media:
            peer.client.send_text(message)
        for octet in b"".join(peer.client.data_to_send()):
            peer.server.data_received(bytes((octet,)))
        bytewise = heard[:]
        heard.clear()
        peer.client.send_text(media[0])
        peer.client.send_ping(b"?")
        peer.client.send_text(media[1])
        peer.push()
        pongs = peer.pull()
        await peer.hang_up()
        return bytewise, heard, pongs

    bytewise, together, pongs = run_virtual(main())

    assert bytewise == media
    assert together == media[:2]
    assert [bytes(pong.data) for pong in pongs] == [b"?"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(b"\x81\xff" + (70_000).to_bytes(8, "big") + bytes(4), 1009, id="too long"),
        pytest.param(
            b"\x01\x83" + bytes(4) + b"abc" + b"\x81\xfe\x00\x80" + bytes(132), 1002, id="inside a fragment"
        ),
        pytest.param(b"\x81\x7e\x00\x80" + bytes(128), 1002, id="unmasked"),
    ],
)
def test_what_breaks_the_protocol_is_refused_as_before(sent: bytes, code: int) -> None:
    async def main() -> tuple[list[Message], list[int]]:
        heard: list[Message] = []
        codes: list[int] = []

        async def serve(socket: AsgiSocket) -> None:
            codes.append(await socket.run(heard.append))

        peer = Peer(serve)
        await peer.connect()
        peer.server.data_received(sent)
        await peer.settle()
        peer.server.connection_lost(None)
        return heard, codes

    assert run_virtual(main()) == ([], [code])


def test_answers_go_out_as_text_and_wait_for_a_full_transport() -> None:
    async def main() -> list[bytes]:
        async def serve(socket: AsgiSocket) -> None:
            await full.wait()
            await socket.send("one")
            await socket.send("two")
            await socket.run(lambda _message: None)

        full = asyncio.Event()
        peer = Peer(serve)
        await peer.connect()
        peer.server.pause_writing()
        full.set()
        await peer.settle()
        assert not peer.pull()
        peer.server.resume_writing()
        await peer.settle()
        sent = [bytes(frame.data) for frame in peer.pull()]
        await peer.hang_up()
        return sent

    assert run_virtual(main()) == [b"one", b"two"]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_an_answer_of_any_length_arrives_whole(size: int) -> None:
    async def main() -> list[bytes]:
        async def serve(socket: AsgiSocket) -> None:
            await opened.wait()
            await socket.send("é" * (size // 2) + "e" * (size % 2))
            await socket.send("next")
            await socket.run(lambda _message: None)

        opened = asyncio.Event()
        peer = Peer(serve)
        await peer.connect()
        opened.set()
        await peer.settle()
        sent = [bytes(frame.data) for frame in peer.pull()]
        await peer.hang_up()
        return sent

    first, following = run_virtual(main())
    assert (len(first), following) == (size, b"next")


def test_nothing_is_sent_after_the_peer_has_closed() -> None:
    async def main() -> bytes:
        gone = asyncio.Event()

        async def serve(socket: AsgiSocket) -> None:
            await socket.run(lambda _message: None)
            await socket.send("too late")
            gone.set()

        peer = Peer(serve)
        await peer.connect()
        await peer.hang_up()
        await gone.wait()
        return b"".join(bytes(frame.data) for frame in peer.pull())

    assert b"too late" not in run_virtual(main())
