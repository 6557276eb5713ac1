"""What a browser is told of its call, and what of it a slow one misses."""

import asyncio
import json
from typing import Any

from tests.web.fakes import FakeSocket
from voice_engine.clock import run_virtual
from voice_engine.ports.call import EngineEvent
from voice_engine.web.feed import FLUSH_S, MOST_WAITING, BrowserSocket


class SlowSocket(FakeSocket):
    """Takes a message only while its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def send(self, text: str) -> None:
        await self.gate.wait()
        await super().send(text)


def event(sequence: int, type: str = "turn.human", **facts: Any) -> EngineEvent:
    return EngineEvent(sequence=sequence, at_ms=20 * sequence, type=type, facts=facts)


def told(socket: FakeSocket) -> list[dict[str, Any]]:
    return [body for body in map(json.loads, socket.sent) if body["event"] == "engine"]


def test_happenings_are_told_in_order_with_what_was_said() -> None:
    async def main() -> list[dict[str, Any]]:
        inner = FakeSocket()
        socket = BrowserSocket(inner)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.run(lambda _: None))
            socket.tell(event(1, "transcript.interim", pii_text="a table"))
            socket.tell(event(2, pii_text="A table for two.", turn=0))
            await asyncio.sleep(0.01)
            inner.leave()
        return told(inner)

    assert run_virtual(main()) == [
        {
            "event": "engine",
            "sequence": 1,
            "type": "transcript.interim",
            "atMs": 20,
            "facts": {"text": "a table"},
        },
        {
            "event": "engine",
            "sequence": 2,
            "type": "turn.human",
            "atMs": 40,
            "facts": {"text": "A table for two.", "turn": 0},
        },
    ]


def test_audio_comes_between_happenings_that_wait() -> None:
    """Audio that became due while many of them wait must not stand behind all of them."""

    async def main() -> int:
        inner = SlowSocket()
        socket = BrowserSocket(inner)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.run(lambda _: None))
            for sequence in range(50):
                socket.tell(event(sequence))
            await asyncio.sleep(0.01)
            tasks.create_task(socket.send('{"event": "media"}'))
            await asyncio.sleep(0.01)
            inner.gate.set()
            await asyncio.sleep(0.01)
            inner.leave()
        return [json.loads(text)["event"] for text in inner.sent].index("media")

    assert run_virtual(main()) <= 1


def test_a_slow_browser_keeps_the_turns_and_loses_the_interim_text() -> None:
    async def main() -> tuple[int, list[int], int]:
        inner = SlowSocket()
        socket = BrowserSocket(inner)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.run(lambda _: None))
            await asyncio.sleep(0)
            for sequence in range(10 * MOST_WAITING):
                socket.tell(event(sequence, "turn.human" if sequence % 20 == 0 else "transcript.interim"))
            waiting = len(socket._waiting)
            inner.gate.set()
            await asyncio.sleep(0.1)
            inner.leave()
        turns = [body["sequence"] for body in told(inner) if body["type"] == "turn.human"]
        return waiting, turns, len(told(inner))

    waiting, turns, all_told = run_virtual(main())

    assert waiting == MOST_WAITING
    assert turns == list(range(0, 10 * MOST_WAITING, 20))
    assert all_told <= MOST_WAITING


def test_turns_go_too_when_there_is_nothing_else_to_spare() -> None:
    """The bound holds whatever happens: the call's page has them all."""

    async def main() -> tuple[int, int]:
        socket = BrowserSocket(SlowSocket())
        for sequence in range(MOST_WAITING + 3):
            socket.tell(event(sequence))
        return len(socket._waiting), socket._waiting[0].sequence

    assert run_virtual(main()) == (MOST_WAITING, 3)


def test_the_last_happenings_are_told_before_the_socket_closes() -> None:
    async def main() -> tuple[list[str], int | None]:
        inner = FakeSocket()
        socket = BrowserSocket(inner)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(socket.run(lambda _: None))
            await asyncio.sleep(0)
            socket.tell(event(1, "call.ended"))
            await socket.close()
        return [body["type"] for body in told(inner)], inner.close_code

    assert run_virtual(main()) == (["call.ended"], 1000)


def test_a_browser_that_reads_nothing_delays_no_end() -> None:
    async def main() -> tuple[float, int | None]:
        inner = SlowSocket()
        socket = BrowserSocket(inner)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(socket.run(lambda _: None))
            await asyncio.sleep(0)
            socket.tell(event(1))
            await socket.close()
            ended = asyncio.get_running_loop().time()
            await running
        return ended, inner.close_code

    assert run_virtual(main()) == (FLUSH_S, 1000)


def test_nothing_is_kept_for_a_browser_that_has_left() -> None:
    async def main() -> int:
        inner = FakeSocket()
        socket = BrowserSocket(inner)
        inner.leave()
        await socket.run(lambda _: None)
        socket.tell(event(1))
        await socket.close()
        return len(socket._waiting)

    assert run_virtual(main()) == 0
