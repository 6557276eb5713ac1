"""A call's time axis, read from the engine's events."""

import json
import time
from dataclasses import replace

from tests.fakes.call_rig import Call, ClipLine, Say, clip
from tests.fakes.calls import CallsRig, report
from voice_engine.domains.calls.repository import journal
from voice_engine.domains.calls.timeline import LATENCY_PARTS, MOST_SPANS, latency_row, timeline_of
from voice_engine.ports.call import EngineEvent, TranscriptTurn, TurnLatency


def _event(type_: str, at_ms: int, **facts: object) -> EngineEvent:
    return EngineEvent(sequence=1, at_ms=at_ms, type=type_, facts=facts)


def _long_call(exchanges: int) -> list[EngineEvent]:
    """Two lines an exchange, 7.2 s each, with false alarms and interruptions."""
    events = []
    for at_ms in range(0, exchanges * 7200, 7200):
        spans = ((at_ms, at_ms + 1000), (at_ms + 1400, at_ms + 2600))
        events += [
            _event("speech.ended", at_ms + 3000, speech=spans, kept=True),
            _event("turn.human", at_ms + 3300, turn=0, pii_text="x", decided_ms=at_ms + 3200, end_ms=at_ms + 2600),
            _event("reply.started", at_ms + 3400, reply=1),
            _event("reply.held", at_ms + 4000, reply=1),
            _event("reply.resumed", at_ms + 4200, reply=1),
            _event("speech.ended", at_ms + 4300, speech=((at_ms + 3990, at_ms + 4100),), kept=False),
            _event("reply.ended", at_ms + 6800, reply=1, how="played"),
        ]
    return events


def test_each_sides_speech_and_what_was_noise() -> None:
    line = timeline_of(_long_call(1))

    assert line.human == [0, 1000, 1400, 1200]
    assert line.noise == [3990, 110]
    assert line.ai == [3400, 600, 4200, 2600]


def test_a_turn_is_judged_over_after_a_silence_and_a_false_alarm_is_one() -> None:
    line = timeline_of(_long_call(1))

    assert line.endpoint == [3200, 600]
    assert (line.held, line.resumed, line.barge_in) == ([4000], [4200], [])


def test_an_interruption_tells_how_long_it_took_to_decide() -> None:
    line = timeline_of(
        [
            _event("reply.started", 1000, reply=1),
            _event("reply.held", 2000, reply=1),
            _event("barge_in", 2350, reply=1),
            _event("reply.ended", 2350, reply=1, how="cleared"),
            _event("reply.started", 5000, reply=2),
            _event("barge_in", 6000, reply=2),
        ]
    )

    assert line.barge_in == [2350, 350, 6000, 0]
    assert line.ai == [1000, 1000, 5000, 1000]


def test_marks_name_no_number_and_no_words() -> None:
    """A pressed digit may be of a card, and a transfer's target is somebody's number."""
    line = timeline_of(
        [
            _event("dtmf.received", 10, pii_digit="4"),
            _event("call.transferred", 20, target="+14155551234"),
            _event("call.whispered", 30, pii_text="offer a discount"),
            _event("tool.result", 40, tool="calendar.find", id="t1", ok=True, error=None),
        ]
    )

    assert line.marks == [
        (10, "dtmf.received", ""),
        (20, "call.transferred", ""),
        (30, "call.whispered", ""),
        (40, "tool.result", "calendar.find"),
    ]


def test_an_hour_of_a_thousand_turns_stays_small() -> None:
    """It goes to a page whole. Read in a worker thread, in a few ms."""
    events = _long_call(500)
    began = time.process_time()

    body = json.dumps(timeline_of(events).as_json(), separators=(",", ":"))

    assert len(body) < 64_000
    assert time.process_time() - began < 1.0


def test_what_no_page_could_show_is_left_out_and_said_so() -> None:
    line = timeline_of(_long_call(MOST_SPANS))

    assert len(line.human) == 2 * MOST_SPANS
    assert line.cut


def test_a_latency_is_kept_in_one_order() -> None:
    """A line that answers nothing has none."""
    latency = TurnLatency(endpointing=600, stt=61.239, policy=0.04, tts=200, engine=20, total=881.3)

    assert latency_row(latency) == [600.0, 61.2, 0.0, 0.0, 200.0, 20.0, 881.3]
    assert len(LATENCY_PARTS) == 7
    assert latency_row(TurnLatency()) is None
    assert latency_row(None) is None


def test_the_engine_tells_all_of_it() -> None:
    """A real call's events: a fact that changes its name in the engine is missed here."""
    rig = Call(line=ClipLine(Say(clip()), hang_up_after_ms=4_000), texts=["Where are you located?"]).run()

    line, turns = timeline_of(rig.events), rig.report.turns

    assert line.human[0] == turns[1].start_ms
    assert line.human[0] + line.human[1] <= turns[1].end_ms
    assert line.endpoint[1] > 300
    assert [abs(line.ai[at] - turns[turn].start_ms) < 100 for at, turn in ((0, 0), (2, 2))] == [True, True]


async def test_it_is_kept_with_the_call_and_so_is_each_lines_latency(rig: CallsRig) -> None:
    call, _ = await rig.answered()
    said = report(call.id)
    answer = TranscriptTurn(
        index=2, speaker="AI", text="Thank you.", start_ms=5600, end_ms=6000, latency=TurnLatency(total=600)
    )

    said = replace(said, turns=(*said.turns, answer))
    assert await rig.lifecycle.finish(call.id, said, None, events=_long_call(1))

    async with rig.store.read(rig.account.organization_id) as work:
        body = await journal.find_timeline(work, call.id)
        lines = await journal.list_transcript(work, call.id)
    assert body is not None
    assert body["human"] == [0, 1000, 1400, 1200]
    assert [line.latency for line in lines] == [None, None, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 600.0]]
