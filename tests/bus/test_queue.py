"""The bounded queue of a subscriber and the table of who hears what."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from voice_engine.bus.queue import Audience, QueueSubscription
from voice_engine.ports.bus import Message, Missed

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def message(text: str, topic: str = "a") -> Message:
    return Message(topic=topic, payload=text.encode())


async def test_events_come_in_the_order_they_were_offered() -> None:
    queue = QueueSubscription(("a",), capacity=4)

    queue.offer(message("1"))
    queue.offer(message("2"))

    assert [await queue.get(), await queue.get()] == [message("1"), message("2")]


async def test_a_full_queue_drops_the_oldest_and_tells_the_loss_first() -> None:
    queue = QueueSubscription(("a",), capacity=2)

    for text in "1234":
        queue.offer(message(text))

    assert [await queue.get() for _ in range(3)] == [Missed(), message("3"), message("4")]


def test_a_reader_waits_for_the_next_event(virtual: Run) -> None:
    async def main() -> tuple[object, float]:
        queue = QueueSubscription(("a",), capacity=2)
        loop = asyncio.get_running_loop()
        loop.call_later(3.0, queue.offer, message("late"))
        return await anext(aiter(queue)), loop.time()

    assert virtual(main()) == (message("late"), 3.0)


def test_a_wait_ends_at_its_time_when_nothing_came(virtual: Run) -> None:
    async def main() -> tuple[bool, float]:
        queue = QueueSubscription(("a",), capacity=2)
        return await queue.wait(1.0), asyncio.get_running_loop().time()

    assert virtual(main()) == (False, 1.0)


def test_a_wait_swallows_all_that_woke_it(virtual: Run) -> None:
    async def main() -> list[bool]:
        queue = QueueSubscription(("a",), capacity=2)
        for text in "123":
            queue.offer(message(text))
        return [await queue.wait(1.0), await queue.wait(1.0)]

    assert virtual(main()) == [True, False]


async def test_a_loss_wakes_though_no_message_came() -> None:
    queue = QueueSubscription(("a",), capacity=2)

    queue.offer(Missed())

    assert await queue.get() == Missed()


@pytest.mark.parametrize(
    ("pattern", "topic", "heard"),
    [
        ("jobs", "jobs", True),
        ("jobs", "jobs.x", False),
        ("call.*", "call.7", True),
        ("call.*", "calls", False),
        ("*", "whatever", True),
    ],
)
async def test_a_pattern_hears_its_topics(pattern: str, topic: str, heard: bool) -> None:
    assert QueueSubscription((pattern,), capacity=1).hears(topic) is heard


async def test_a_pattern_that_is_no_topic_is_refused() -> None:
    with pytest.raises(ValueError, match="not a topic"):
        QueueSubscription(("call.*.events",), capacity=1)


async def test_who_left_hears_nothing_more() -> None:
    audience = Audience()
    with audience.subscribe("a") as left:
        pass
    with audience.subscribe("a") as stays:
        audience.deliver(message("1"))

        assert await stays.get() == message("1")
        assert await left.wait(0) is False


async def test_a_loss_is_told_to_everybody() -> None:
    audience = Audience()
    with audience.subscribe("a") as one, audience.subscribe("b") as other:
        audience.lose()

        assert [await one.get(), await other.get()] == [Missed(), Missed()]
