"""The reader's end of every bus: a bounded queue that drops its oldest and says so; and who hears what."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from voice_engine.bus.frames import Arrival, Batch, Sequence
from voice_engine.ports.bus import POLL_S, BusEvent, Message, Missed, check_pattern


class QueueSubscription:
    """`Subscription` over a ring of `capacity` events."""

    def __init__(self, topics: tuple[str, ...], *, capacity: int) -> None:
        for topic in topics:
            check_pattern(topic)
        self._exact = frozenset(topic for topic in topics if not topic.endswith("*"))
        self._prefixes = tuple(topic[:-1] for topic in topics if topic.endswith("*"))
        self._events: deque[Message] = deque(maxlen=capacity)
        self._missed = False
        self._arrived = asyncio.Event()

    def hears(self, topic: str) -> bool:
        """Whether a message of this topic belongs here."""
        return topic in self._exact or topic.startswith(self._prefixes)

    def offer(self, event: BusEvent) -> None:
        """Queue an event; the oldest message makes room for it."""
        if isinstance(event, Missed):
            self._missed = True
        else:
            self._missed = self._missed or len(self._events) == self._events.maxlen
            self._events.append(event)
        self._arrived.set()

    async def get(self) -> BusEvent:
        """The next event; a loss is told before the messages that came after it."""
        await self._arrived.wait()
        event: BusEvent
        if self._missed:
            event, self._missed = Missed(), False
        else:
            event = self._events.popleft()
        if not self._events and not self._missed:
            self._arrived.clear()
        return event

    async def wait(self, timeout_s: float = POLL_S) -> bool:
        """Wait for anything or for the time to pass, then be empty."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            return False
        self._events.clear()
        self._missed = False
        self._arrived.clear()
        return True

    def __aiter__(self) -> "QueueSubscription":
        return self

    async def __anext__(self) -> BusEvent:
        return await self.get()


class Audience:
    """Who listens in this process."""

    def __init__(self) -> None:
        self._subscriptions: set[QueueSubscription] = set()
        self._sequence = Sequence()

    @contextmanager
    def subscribe(self, *topics: str, capacity: int = 256) -> Iterator[QueueSubscription]:
        """Hear these topics until the context is left."""
        subscription = QueueSubscription(topics, capacity=capacity)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def deliver(self, message: Message) -> None:
        """Hand a message to everybody whose topic it is."""
        for subscription in self._subscriptions:
            if subscription.hears(message.topic):
                subscription.offer(message)

    def lose(self) -> None:
        """Tell everybody that messages may have been lost."""
        for subscription in self._subscriptions:
            subscription.offer(Missed())

    def receive(self, batch: Batch) -> None:
        """Hand on what another process sent, and tell of what did not come."""
        match self._sequence.arrival(batch):
            case Arrival.AGAIN:
                return
            case Arrival.AFTER_GAP:
                self.lose()
            case Arrival.NEXT:
                pass
        for message in batch.messages:
            self.deliver(message)
