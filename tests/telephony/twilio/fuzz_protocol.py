"""Fuzz target of the stream parser: mutates recorded streams; nothing but events and ProtocolError may come out.

The suite runs a few hundred rounds; `python -m tests.telephony.twilio.fuzz_protocol 60` goes on for 60 seconds.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from voice_engine.errors import ProtocolError
from voice_engine.telephony.twilio.protocol import StreamProtocol

CAPTURES = Path(__file__).parents[3] / "fixtures" / "audio" / "protocol"
TOKENS = (
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b",",
    b":",
    b"null",
    b"-1",
    b"1e999",
    b"\\u0000",
    b"\xff",
    b"\\ud800",
    b"=",
)

Mutation = Callable[[random.Random, bytes], bytes]


def fuzz_one(stream: list[bytes]) -> None:
    """Feed one stream; anything but an event or a ProtocolError escapes."""
    protocol = StreamProtocol()
    for message in stream:
        try:
            protocol.parse(message)
        except ProtocolError as error:
            assert error.code, "a refusal without a code"
    counters = protocol.counters
    assert min(counters.messages, counters.missing, counters.duplicates, counters.reordered) >= 0


def run(*, seed: int, rounds: int) -> None:
    """Mutate `rounds` streams, the same ones for the same seed."""
    chance = random.Random(seed)
    corpus = _corpus()
    for _ in range(rounds):
        fuzz_one(_mutate(chance, list(chance.choice(corpus))))


def _corpus() -> list[list[bytes]]:
    streams = []
    for path in sorted(CAPTURES.glob("*.jsonl")):
        lines = path.read_bytes().splitlines()
        streams += [lines, [_bare(line) for line in lines]]
    return streams


def _bare(line: bytes) -> bytes:
    try:
        message = json.loads(line)
    except ValueError:
        return line
    message.pop("_at_ms", None)
    return json.dumps(message, separators=(",", ":")).encode()


def _mutate(chance: random.Random, stream: list[bytes]) -> list[bytes]:
    for _ in range(chance.randint(1, 4)):
        index = chance.randrange(len(stream))
        stream[index] = chance.choice((_flip, _cut, _insert, _splice))(chance, stream[index])
        if chance.random() < 0.2:
            chance.shuffle(stream)
    return stream


def _flip(chance: random.Random, message: bytes) -> bytes:
    at = chance.randrange(len(message) + 1)
    return message[:at] + bytes([chance.randrange(256)]) + message[at + 1 :]


def _cut(chance: random.Random, message: bytes) -> bytes:
    return message[: chance.randrange(len(message) + 1)]


def _insert(chance: random.Random, message: bytes) -> bytes:
    at = chance.randrange(len(message) + 1)
    return message[:at] + chance.choice(TOKENS) * chance.randint(1, 3) + message[at:]


def _splice(chance: random.Random, message: bytes) -> bytes:
    first, second = sorted((chance.randrange(len(message) + 1), chance.randrange(len(message) + 1)))
    return message[:first] + message[second:]


def main(seconds: float) -> None:
    """Go on for `seconds`, telling each seed that is through."""
    until = time.monotonic() + seconds
    seed = 0
    while time.monotonic() < until:
        run(seed=seed, rounds=1000)
        seed += 1
    sys.stdout.write(f"{seed} seeds of 1000 streams, nothing escaped\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
