"""The bus of one process: what `serve` uses when it is alone, and what tests use."""

from contextlib import AbstractContextManager

from voice_engine.bus.queue import Audience
from voice_engine.ports.bus import Message, Subscription, check_message


class LocalBus:
    """`Bus` within one event loop; nothing is lost but by a full queue."""

    def __init__(self) -> None:
        self._audience = Audience()

    def publish(self, topic: str, payload: bytes = b"") -> None:
        """Queue the message for every subscriber of its topic."""
        check_message(topic, payload)
        self._audience.deliver(Message(topic=topic, payload=payload))

    def subscribe(self, *topics: str, capacity: int = 256) -> AbstractContextManager[Subscription]:
        """Hear these topics until the context is left."""
        return self._audience.subscribe(*topics, capacity=capacity)
