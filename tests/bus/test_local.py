"""The bus of one process."""

import pytest

from voice_engine.bus.local import LocalBus
from voice_engine.ports.bus import Message


async def test_a_message_reaches_those_who_hear_its_topic() -> None:
    bus = LocalBus()
    with bus.subscribe("jobs") as jobs, bus.subscribe("call.*") as calls:
        bus.publish("call.1", b'{"level": -20}')

        assert await calls.get() == Message(topic="call.1", payload=b'{"level": -20}')
        assert await jobs.wait(0) is False


async def test_what_another_bus_could_not_carry_is_refused_here_too() -> None:
    with pytest.raises(ValueError, match="not a topic"):
        LocalBus().publish("two words")
