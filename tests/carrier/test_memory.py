"""The in-memory socket pair: order, bound, close."""

import asyncio

from voice_engine.carrier.memory import LocalConnector, socket_pair
from voice_engine.clock import run_virtual
from voice_engine.ports.media import MediaSocket, Message


def test_messages_arrive_in_order_and_those_before_a_close_still_arrive() -> None:
    async def main() -> tuple[list[Message], int]:
        here, there = socket_pair()
        got: list[Message] = []
        for text in ("a", "b", "c"):
            await here.send(text)
        await here.close(1000)
        return got, await there.run(got.append)

    assert run_virtual(main()) == (["a", "b", "c"], 1000)


def test_a_full_buffer_makes_the_sender_wait_until_the_peer_reads() -> None:
    async def main() -> tuple[float, list[Message]]:
        here, there = socket_pair(capacity=2)
        got: list[Message] = []
        sent_at = 0.0

        async def send() -> None:
            nonlocal sent_at
            for text in ("a", "b", "c"):
                await here.send(text)
            sent_at = asyncio.get_running_loop().time()
            await here.close()

        async def read_late() -> None:
            await asyncio.sleep(5)
            await there.run(got.append)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send())
            tasks.create_task(read_late())
        return sent_at, got

    assert run_virtual(main()) == (5.0, ["a", "b", "c"])


def test_sending_after_the_peer_closed_does_nothing_and_waits_for_nothing() -> None:
    async def main() -> int:
        here, there = socket_pair(capacity=1)
        await there.close(1008)
        for _ in range(5):
            await here.send("lost")
        return await here.run(lambda message: None)

    assert run_virtual(main()) == 1008


def test_a_blocked_sender_is_freed_by_the_close() -> None:
    async def main() -> None:
        here, there = socket_pair(capacity=1)
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            await here.send("fills")
            tasks.create_task(here.send("waits"))
            await asyncio.sleep(1)
            await there.close()

    run_virtual(main())


def test_both_ends_see_the_close_and_the_first_code_stands() -> None:
    async def main() -> tuple[int, int]:
        here, there = socket_pair()
        await here.close(1000)
        await there.close(1011)
        return await here.run(lambda message: None), await there.run(lambda message: None)

    assert run_virtual(main()) == (1000, 1000)


def test_the_connector_closes_the_engine_end_when_its_handler_returns() -> None:
    async def returns_at_once(socket: MediaSocket) -> None:
        await socket.send("bye")

    async def main() -> tuple[list[Message], int]:
        got: list[Message] = []
        async with asyncio.TaskGroup() as tasks:
            socket = await LocalConnector(returns_at_once, tasks)("wss://x/y")
            return got, await socket.run(got.append)

    assert run_virtual(main()) == (["bye"], 1000)
