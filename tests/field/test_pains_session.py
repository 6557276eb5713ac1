"""What users of such engines suffer from, on whole calls: each test is named after its row in docs/FIELD.md."""

import asyncio
import gc
import itertools
import resource
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.call_rig import RECEPTIONIST, RESTAURANT, Call, ClipLine, Rig, Say, TextSTT, ToneTTS, clip
from voice_engine.audio.frames import PCM
from voice_engine.carrier.faults import FaultPlan, Signal
from voice_engine.clock import VirtualTimeLoop, run_virtual
from voice_engine.ports.call import Status
from voice_engine.ports.tts import SpeechRequest
from voice_engine.runtime.settings import SessionSettings


class WordTTS(ToneTTS):
    """Speaks each word as a tone of its own length (70 ms a letter, at least 140), so that word times are known."""

    @staticmethod
    def word_ms(word: str) -> int:
        return max(140, 70 * sum(letter.isalnum() for letter in word))

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        self.requested.append(request.text)
        await asyncio.sleep(0.04)
        samples = np.arange(sum(map(self.word_ms, request.text.split())) * 8)
        yield np.rint(5000 * np.sin(2 * np.pi * 250 / 8000 * samples)).astype(np.int16)


def _interrupted_at(at_ms: int) -> tuple[int, int]:
    """(words stored as heard, words really played) of a greeting interrupted by speech at `at_ms`."""
    line = ClipLine(Say(clip(ms=1_600), at_ms=at_ms), hang_up_after_ms=300)
    rig = Call(line=line, tts=WordTTS(), texts=["Excuse me, where are you located?"]).run()
    greeting = rig.report.turns[0]
    heard = (greeting.heard_text or "").split()
    assert greeting.text.split()[: len(heard)] == heard
    played_ms = _played_ms(rig)
    ends = list(itertools.accumulate(WordTTS.word_ms(word) for word in greeting.text.split()))
    return len(heard), sum(end <= played_ms for end in ends)


def _played_ms(rig: Rig) -> float:
    """How much of the first reply sounded at the caller's ear: frames that are not silence, up to the clear."""
    cleared = next((event.at_ms for event in rig.events if event.type == "barge_in"), 60_000)
    frames = np.frombuffer(rig.heard, np.uint8)[: (cleared // 20 + 3) * 160].reshape(-1, 160)
    return 20.0 * int(((frames != 0xFF) & (frames != 0x7F)).any(axis=1).sum())


@pytest.mark.parametrize("at_ms", [700, 1_330, 2_050, 2_990, 3_610])
def test_pain_03_history_keeps_what_was_heard(at_ms: int) -> None:
    """Stored text is the prefix that the carrier really played, one word more or less."""
    stored, played = _interrupted_at(at_ms)

    assert abs(stored - played) <= 1


@pytest.mark.acceptance
@pytest.mark.timeout(600)
def test_pain_03_heard_text_on_a_grid_of_two_hundred_points() -> None:
    errors = [abs(stored - played) for stored, played in map(_interrupted_at, range(500, 4_540, 20))]

    assert len(errors) >= 200
    assert max(errors) <= 1


def test_pain_04_heard_words_are_in_the_history_before_the_next_turn() -> None:
    """The reply to an interruption is made from a history that holds the interrupted line's heard part."""
    line = ClipLine(Say(clip(), at_ms=1_500), hang_up_after_ms=3_000)

    rig = Call(line=line, texts=["Excuse me, where are you located?"]).run()

    types = rig.types()
    assert types.index("turn.ai") < types.index("turn.human")
    first = next(event for event in rig.events if event.type == "turn.ai")
    assert first.facts["pii_heard"]


@pytest.mark.parametrize("order", [(Signal.STOP, Signal.CLOSE), (Signal.CLOSE, Signal.STOP), ()])
@pytest.mark.parametrize("dropped", [(), (Signal.STOP,), (Signal.CLOSE,), (Signal.STOP, Signal.CLOSE)])
def test_pain_08_every_end_of_a_call_is_one_end(order: tuple[Signal, ...], dropped: tuple[Signal, ...]) -> None:
    """`stop`, socket close and the watchdog, any of them lost or late: same status, one end, one bill."""
    delays = {signal: 700.0 * index for index, signal in enumerate(order)}
    faults = FaultPlan(dropped=frozenset(dropped), delay_ms=delays, linger_ms=15_000)
    settings = SessionSettings(reattach_timeout_ms=2_000, media_lost_ms=3_000)

    rig = Call(line=ClipLine(hang_up_ms=6_000), faults=faults, settings=settings).run()

    assert rig.report.outcome.status is Status.COMPLETED
    assert rig.report.credits_used == "1.1"
    assert rig.types().count("call.ended") == 1


def test_pain_09_calls_do_not_slow_each_other() -> None:
    """Twenty calls in one process at once answer as fast as one alone; what is said never crosses over."""

    def call(index: int) -> Call:
        line = ClipLine(Say(clip(ms=1_200)), hang_up_after_ms=2_500)
        spec = replace(RECEPTIONIST, call_id=f"call-{index}")
        return Call(line=line, spec=spec, texts=[f"This is caller number {index}, where are you located?"])

    async def main(count: int) -> list[Rig]:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(call(index).hold()) for index in range(count)]
        return [task.result() for task in running]

    (alone,) = run_virtual(main(1))
    together = run_virtual(main(20))

    assert [rig.report.turns[2].latency for rig in together] == [alone.report.turns[2].latency] * 20
    for index, rig in enumerate(together):
        assert f"number {index}," in rig.report.turns[1].text


def _short_call() -> None:
    Call(line=ClipLine(Say(clip(ms=1_200)), hang_up_after_ms=1_000), texts=["Where are you located?"]).run()


def _resident_kb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def test_pain_10_a_call_leaves_nothing_behind() -> None:
    """No object of a finished call is kept: sessions, machines, ears."""

    def kept() -> int:
        gc.collect()
        return sum(str(type(thing).__module__).startswith("voice_engine.runtime") for thing in gc.get_objects())

    _short_call()
    before = kept()
    for _ in range(5):
        _short_call()

    assert kept() <= before


@pytest.mark.acceptance
@pytest.mark.timeout(900)
def test_pain_10_memory_is_flat_over_a_thousand_calls() -> None:
    """Slope of resident memory by least squares: single readings wander with the allocator by a few MB."""
    for _ in range(200):
        _short_call()
    readings = []
    for _ in range(11):
        gc.collect()
        readings.append(_resident_kb())
        for _ in range(100):
            _short_call()

    assert float(np.polyfit(np.arange(11) * 100, readings, 1)[0]) < 10


def test_pain_12_nothing_runs_after_the_last_call() -> None:
    """When the call is over no timer is set and no task waits: an idle process costs no CPU."""

    async def main() -> tuple[int, int]:
        call = Call(line=ClipLine(Say(clip(ms=1_200)), hang_up_after_ms=1_000), texts=["Where are you located?"])
        await call.hold()
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        timers = [handle for handle in loop._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
        return len(timers), len(asyncio.all_tasks())

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        timers, tasks = runner.run(main())

    assert (timers, tasks) == (0, 1)


def test_pain_13_the_engine_adds_almost_nothing() -> None:
    """With providers of known delay, what is left of the response time is the engine's: one slice at most."""
    line = ClipLine(Say(clip()), hang_up_after_ms=4_000)

    rig = Call(line=line, stt=TextSTT(["Where are you located?"], cost_ms=900.0)).run()

    latency = next(turn.latency for turn in rig.report.turns if turn.latency is not None)
    assert latency.total is not None
    assert latency.engine <= 30.0
    assert latency.endpointing > 0.0


def test_pain_22_a_pressed_key_keeps_the_call() -> None:
    """Digits end one stream and open another: same call, one transcript, one bill."""
    menu = "Press one for reservations, press two for opening hours."
    line = ClipLine(Say(clip(), at_ms=200), Say(clip(), at_ms=9_000), hang_up_after_ms=5_000)

    rig = Call(line=line, spec=RESTAURANT, texts=[menu, "Reservations, how can I help you?"]).run()

    assert [digit for _, digit in line.pressed] == ["1"]
    assert len(rig.streams) == 2
    assert rig.types().count("call.ended") == 1
    assert len([turn for turn in rig.report.turns if turn.speaker == "HUMAN"]) == 2


def test_pain_22_the_other_partys_key_is_no_hang_up() -> None:
    rig = Call(line=ClipLine(keys={2_000: "5"}, hang_up_ms=9_000)).run()

    assert rig.report.duration_seconds == pytest.approx(9.0, abs=0.2)
    assert "dtmf.received" in rig.types()
