"""The ASGI adapter: delivery, closing, and a peer that is gone."""

from typing import Any

from voice_engine.clock import run_virtual
from voice_engine.ports.media import Message
from voice_engine.web.socket import AsgiSocket


class Peer:
    """An ASGI server's two callables."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = list(events)
        self.sent: list[Any] = []
        self.gone = False

    async def receive(self) -> dict[str, Any]:
        return self.events.pop(0)

    async def send(self, message: Any) -> None:
        if self.gone:
            raise OSError("peer is gone")
        self.sent.append(message)


def test_text_and_bytes_are_delivered_in_order_up_to_the_close() -> None:
    peer = Peer(
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.receive", "text": None, "bytes": b"b"},
        {"type": "websocket.disconnect", "code": 1001},
    )
    heard: list[Message] = []

    code = run_virtual(AsgiSocket(peer.receive, peer.send).run(heard.append))

    assert (heard, code) == (["a", b"b"], 1001)


def test_a_lost_connection_has_the_abnormal_code() -> None:
    peer = Peer({"type": "websocket.disconnect", "code": None})

    assert run_virtual(AsgiSocket(peer.receive, peer.send).run(lambda _: None)) == 1006


def test_sending_to_a_peer_that_is_gone_is_silent_and_final() -> None:
    peer = Peer()
    peer.gone = True

    async def main() -> None:
        socket = AsgiSocket(peer.receive, peer.send)
        await socket.send("a")
        peer.gone = False
        await socket.send("b")
        await socket.close()

    run_virtual(main())

    assert peer.sent == []


def test_closing_twice_closes_once() -> None:
    peer = Peer()

    async def main() -> None:
        socket = AsgiSocket(peer.receive, peer.send)
        await socket.close(1008)
        await socket.close()
        await socket.send("late")

    run_virtual(main())

    assert peer.sent == [{"type": "websocket.close", "code": 1008}]
