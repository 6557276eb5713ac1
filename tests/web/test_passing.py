"""What passes in a live call reaches whoever looks at it, in small batches, and costs nothing when nobody does."""

import asyncio
from collections.abc import Callable

import orjson

from voice_engine.bus.local import LocalBus
from voice_engine.clock import run_virtual
from voice_engine.domains.calls.words import WATCHED_S, WATCHED_TOPIC, passing_topic
from voice_engine.ports.bus import MAX_PAYLOAD_BYTES, Message
from voice_engine.ports.call import EngineEvent
from voice_engine.web.passing import EVERY_S, MOST_WAITING, Passing, payloads


def _event(type_: str, at_ms: int = 0, **facts: object) -> EngineEvent:
    return EngineEvent(sequence=1, at_ms=at_ms, type=type_, facts=facts)


def _heard(act: Callable[[Passing, LocalBus], object], *, after_s: float = 0.0) -> list[list[dict[str, object]]]:
    """The batches that a follower of call "c" gets, who began to look `after_s` before `act`."""

    async def scene() -> list[list[dict[str, object]]]:
        bus = LocalBus()
        passing = Passing(bus)
        got: list[list[dict[str, object]]] = []
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(passing.run())
            with bus.subscribe(passing_topic("c")) as follower:
                await asyncio.sleep(0.01)
                bus.publish(WATCHED_TOPIC, b"c")
                await asyncio.sleep(after_s)
                bus.publish(WATCHED_TOPIC, b"another")
                await asyncio.sleep(0.01)
                act(passing, bus)
                while await _more(follower, got):
                    pass
            running.cancel()
        return got

    async def _more(follower: object, got: list[list[dict[str, object]]]) -> bool:
        try:
            async with asyncio.timeout(EVERY_S * 3):
                event = await follower.get()  # type: ignore[attr-defined]  # a Subscription
        except TimeoutError:
            return False
        assert isinstance(event, Message)
        got.append(orjson.loads(event.payload))
        return True

    return run_virtual(scene())


def test_a_follower_hears_words_while_they_are_recognized() -> None:
    """In plain names, and of two texts of the same words only the newer one."""

    def act(passing: Passing, _bus: LocalBus) -> None:
        passing.note("c", _event("speech.started", 900, start_ms=600))
        passing.note("c", _event("transcript.interim", 1000, pii_text="for"))
        passing.note("c", _event("transcript.interim", 1100, pii_text="for four"))

    assert _heard(act) == [
        [
            {"type": "speech.started", "at_ms": 900, "start_ms": 600},
            {"type": "transcript.interim", "at_ms": 1100, "text": "for four"},
        ]
    ]


def test_nothing_is_told_of_what_nobody_looks_at() -> None:
    """Nor of what is kept as rows, nor once whoever looked has gone."""

    def act(passing: Passing, _bus: LocalBus) -> None:
        passing.note("d", _event("transcript.interim", pii_text="x"))
        passing.note("c", _event("turn.human", turn=0, pii_text="x"))

    def late(passing: Passing, _bus: LocalBus) -> None:
        passing.note("c", _event("transcript.interim", pii_text="x"))

    assert _heard(act) == []
    assert _heard(late, after_s=WATCHED_S + 1) == []


def test_of_too_much_the_oldest_goes() -> None:
    def act(passing: Passing, _bus: LocalBus) -> None:
        for at_ms in range(MOST_WAITING + 5):
            passing.note("c", _event("reply.held", at_ms, reply=1))

    (batch,) = _heard(act)
    assert (len(batch), batch[0]["at_ms"]) == (MOST_WAITING, 5)


def test_a_message_is_never_longer_than_the_bus_carries() -> None:
    """Parted between events; one that is too long by itself is left out."""
    words = "word " * 400
    made = list(payloads([_event("reply.clause", at, pii_text=words) for at in range(5)]))
    long = list(payloads([_event("reply.clause", 0, pii_text="word " * 4000)]))

    assert [len(payload) <= MAX_PAYLOAD_BYTES for payload in made] == [True, True]
    assert [one["at_ms"] for payload in made for one in orjson.loads(payload)] == [0, 1, 2, 3, 4]
    assert long == []
