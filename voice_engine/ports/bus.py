"""Wake-ups and best-effort events between the processes of one installation.

The bus loses messages and says so: commands and turn-level events are rows, a message only says "look at the rows",
and who waits also looks once every `POLL_S`. Interim text and levels travel here and nowhere else.
"""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

MAX_PAYLOAD_BYTES = 7_000
"""PostgreSQL refuses a NOTIFY of 8,000 bytes and more; the rest is for the topic and the framing."""

MAX_TOPIC_LENGTH = 128

POLL_S = 1.0
"""How often whoever waits for a wake looks at the rows anyway."""

_TOPIC = re.compile(r"[A-Za-z0-9_.:/-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was published, as it was published."""

    topic: str
    payload: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Messages were lost here (a full queue, a lost connection): look at the rows now."""


BusEvent = Message | Missed


class Subscription(Protocol):
    """What arrives on some topics: a bounded queue of one reader.

    When the queue is full its oldest messages are dropped, and the reader gets a `Missed` in their place.
    """

    async def get(self) -> BusEvent:
        """The next event; waits for it."""
        ...

    async def wait(self, timeout_s: float = POLL_S) -> bool:
        """Wait until something arrived or the time is over, and forget all that arrived; whether something had.

        For readers who only want to be woken: whatever woke them, they look at their rows.
        """
        ...

    def __aiter__(self) -> "Subscription":
        """Iterate over events without end."""
        ...

    async def __anext__(self) -> BusEvent:
        """The next event."""
        ...


class Bus(Protocol):
    """Publish and subscribe. Belongs to one event loop; every process of the installation hears."""

    def publish(self, topic: str, payload: bytes = b"") -> None:
        """Tell every subscriber of the topic, in every process; never waits and never fails.

        `payload` is UTF-8 text without NUL of at most `MAX_PAYLOAD_BYTES`.

        Raises:
            ValueError: the topic or the payload is not of that form (a bug of the caller).
        """
        ...

    def subscribe(self, *topics: str, capacity: int = 256) -> AbstractContextManager[Subscription]:
        """Hear these topics until the context is left; one that ends in `*` stands for all that begin like it."""
        ...


def check_message(topic: str, payload: bytes) -> None:
    """Hold a message to the form that every adapter can carry. Raises ValueError."""
    if len(topic) > MAX_TOPIC_LENGTH or not _TOPIC.fullmatch(topic):
        raise ValueError(f"not a topic: {topic!r}")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a message of {len(payload)} bytes is longer than {MAX_PAYLOAD_BYTES}")
    if b"\0" in payload:
        raise ValueError("a message may not hold NUL")
    payload.decode("utf-8")  # its error is a ValueError


def check_pattern(pattern: str) -> None:
    """Hold a subscription's topic to its form. Raises ValueError."""
    if pattern != "*" and not _TOPIC.fullmatch(pattern.removesuffix("*")):
        raise ValueError(f"not a topic: {pattern!r}")
