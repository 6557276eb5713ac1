"""How messages travel between processes: a batch is a header line, then each message with its length.

    sender number LF  (topic length LF payload)…

Batches of one sender are numbered without a gap, so that who receives one knows when others were lost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from voice_engine.errors import ProtocolError
from voice_engine.ports.bus import MAX_PAYLOAD_BYTES, MAX_TOPIC_LENGTH, Message, check_message

MOST_BATCH_BYTES = 7_900
"""PostgreSQL's limit is 7,999 bytes a NOTIFY; one limit for all keeps the adapters alike."""

HEADER_BYTES = 64
"""Room for sender and number."""

assert HEADER_BYTES + MAX_TOPIC_LENGTH + MAX_PAYLOAD_BYTES + 8 <= MOST_BATCH_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Messages that travel together. `sender` is one process's bus, `number` counts its batches."""

    sender: str
    number: int
    messages: tuple[Message, ...]


def encode(batch: Batch) -> bytes:
    """The batch as UTF-8 text without NUL."""
    parts = [f"{batch.sender} {batch.number}\n".encode()]
    for message in batch.messages:
        parts += (f"{message.topic} {len(message.payload)}\n".encode(), message.payload)
    return b"".join(parts)


def decode(encoded: bytes) -> Batch:
    """The batch that `encode` made. Raises ProtocolError `bus_frame_malformed` for anything else."""
    try:
        head, rest = _line(encoded)
        sender, number = head
        messages = []
        while rest:
            (topic, length), rest = _line(rest)
            payload, rest = rest[:length], rest[length:]
            if len(payload) < length:
                raise ValueError("cut short")
            check_message(topic, payload)
            messages.append(Message(topic=topic, payload=payload))
    except ValueError as error:
        raise ProtocolError("bus_frame_malformed", "a message between processes is malformed") from error
    return Batch(sender=sender, number=number, messages=tuple(messages))


def _line(encoded: bytes) -> tuple[tuple[str, int], bytes]:
    line, end, rest = encoded.partition(b"\n")
    word, space, number = line.decode("utf-8").partition(" ")
    if not end or not space or not number.isdecimal() or not number.isascii():
        raise ValueError("no such line")
    return (word, int(number)), rest


def pack(messages: Iterable[Message]) -> Iterator[tuple[Message, ...]]:
    """Cut messages into batches that fit, in their order."""
    batch: list[Message] = []
    size = HEADER_BYTES
    for message in messages:
        length = len(message.topic) + len(message.payload) + 8
        if batch and size + length > MOST_BATCH_BYTES:
            yield tuple(batch)
            batch, size = [], HEADER_BYTES
        batch.append(message)
        size += length
    if batch:
        yield tuple(batch)


class Arrival(Enum):
    """What a batch's number says about it."""

    NEXT = auto()
    AFTER_GAP = auto()
    AGAIN = auto()


class Sequence:
    """Remembers the last number of each sender; the longest silent are forgotten."""

    def __init__(self, *, most_senders: int = 256) -> None:
        self._last: dict[str, int] = {}
        self._most = most_senders

    def arrival(self, batch: Batch) -> Arrival:
        """Whether this batch follows the sender's last one; one that came before is to be ignored."""
        last = self._last.get(batch.sender)
        if last is not None and batch.number <= last:
            return Arrival.AGAIN
        self._last.pop(batch.sender, None)
        self._last[batch.sender] = batch.number
        if len(self._last) > self._most:
            del self._last[next(iter(self._last))]
        return Arrival.NEXT if last is None or batch.number == last + 1 else Arrival.AFTER_GAP
