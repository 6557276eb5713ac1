"""What passes in a live call, told to whoever looks at it: words while they are recognized, speech as it begins.

Nothing of it is kept, and nothing is told of a call at which nobody looks: a follower says so on the bus, for a
while, and then gets small batches. The call's own task only puts an event into a list.
"""

import asyncio
from collections.abc import Iterator

import orjson

from voice_engine.domains.calls.words import WATCHED_S, WATCHED_TOPIC, passing_topic
from voice_engine.ports.bus import MAX_PAYLOAD_BYTES, Bus, Missed
from voice_engine.ports.call import EngineEvent

TOLD_IN_PASSING = frozenset(
    {"speech.started", "speech.ended", "transcript.interim", "backchannel", "caller.interrupted"}
    | {"reply.clause", "reply.started", "reply.held", "reply.resumed", "reply.ended"}
)
EVERY_S = 0.1
"""How far a follower may be behind: nobody reads faster."""
MOST_WAITING = 64
"""Events of one call between two tellings; beyond it the oldest go."""

_PERSONAL = "pii_"


class Passing:
    """Of one media process. `run` listens and tells, until cancelled."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._until: dict[str, float] = {}
        self._waiting: dict[str, list[EngineEvent]] = {}
        self._wake = asyncio.Event()

    def note(self, call_id: str, event: EngineEvent) -> None:
        """Something happened in a call of ours. Returns at once."""
        if call_id not in self._until or event.type not in TOLD_IN_PASSING:
            return
        waiting = self._waiting.setdefault(call_id, [])
        if waiting and waiting[-1].type == event.type == "transcript.interim":
            waiting.pop()  # the newer one says it better
        waiting.append(event)
        if len(waiting) > MOST_WAITING:
            del waiting[0]
        self._wake.set()

    async def run(self) -> None:
        """Hear who looks, and tell them."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(), name="watched calls")
            tasks.create_task(self._tell(), name="tell what passes")

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        with self._bus.subscribe(WATCHED_TOPIC) as watched:
            while True:
                event = await watched.get()
                now = loop.time()
                self._until = {call_id: until for call_id, until in self._until.items() if until > now}
                if not isinstance(event, Missed):
                    self._until[event.payload.decode()] = now + WATCHED_S

    async def _tell(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(EVERY_S)
            self._wake.clear()
            waiting, self._waiting = self._waiting, {}
            for call_id, events in waiting.items():
                for payload in payloads(events):
                    self._bus.publish(passing_topic(call_id), payload)


def payloads(events: list[EngineEvent]) -> Iterator[bytes]:
    """The events as JSON lists that the bus carries; one that is longer than that is left out."""
    batch: list[bytes] = []
    size = 2
    for event in events:
        facts = {name.removeprefix(_PERSONAL): value for name, value in event.facts.items()}
        one = orjson.dumps({"type": event.type, "at_ms": event.at_ms, **facts})
        if len(one) + 2 > MAX_PAYLOAD_BYTES:
            continue
        if size + len(one) + 1 > MAX_PAYLOAD_BYTES:
            yield b"[" + b",".join(batch) + b"]"
            batch, size = [], 2
        batch.append(one)
        size += len(one) + 1
    if batch:
        yield b"[" + b",".join(batch) + b"]"
