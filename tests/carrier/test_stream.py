"""One stream, the carrier's side: what is sent when, and what the engine's messages do."""

import json
from typing import Any

import pytest

from tests.carrier.lines import SilentLine, tone_mulaw
from tests.carrier.streams import at_frame, run_stream
from tests.fakes.sockets import ScriptedEngine
from voice_engine.carrier.faults import FaultPlan, Signal
from voice_engine.carrier.messages import Refusal
from voice_engine.carrier.stream import EndedBy


def test_opens_with_connected_and_start_in_the_words_of_the_wire() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=40))

    assert engine.events[0] == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert engine.events[1] == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": "MZ1",
        "start": {
            "accountSid": "AC1",
            "callSid": "CA1",
            "streamSid": "MZ1",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"call_id": "c1"},
        },
    }


def test_sends_a_frame_every_20_ms_without_drift() -> None:
    """A minute in, the frame still comes on its 20 ms."""
    _, engine = run_stream(SilentLine(hang_up_after_ms=60_000))

    times = engine.times("media")
    assert len(times) == 3_000
    assert times[0] == pytest.approx(20.0)
    assert times[-1] == pytest.approx(60_000.0, abs=0.01)


def test_numbers_travel_as_strings_and_count_every_message() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=60, keys={20: "5"}))

    assert [body.get("sequenceNumber") for body in engine.events] == [None, "1", "2", "3", "4", "5", "6"]
    assert [(m["media"]["chunk"], m["media"]["timestamp"]) for m in engine.of("media")] == [
        ("1", "0"),
        ("2", "20"),
        ("3", "40"),
    ]


def test_a_pressed_key_arrives_as_a_dtmf_message() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=60, keys={20: "5"}))

    assert engine.of("dtmf") == [
        {
            "event": "dtmf",
            "sequenceNumber": "4",
            "dtmf": {"track": "inbound_track", "digit": "5"},
            "streamSid": "MZ1",
        }
    ]


def test_ends_with_stop_and_a_normal_close_when_the_line_hangs_up() -> None:
    report, engine = run_stream(SilentLine(hang_up_after_ms=100))

    assert engine.events[-1]["stop"] == {"accountSid": "AC1", "callSid": "CA1"}
    assert engine.close_codes == [1000]
    assert report.ended_by is EndedBy.LINE


def test_audio_plays_from_the_next_frame_and_the_mark_follows_its_last_sample() -> None:
    """500 ms that arrive just after the frame at 100 ms began are heard from 120 to 620 ms; then the mark comes."""

    def speak(engine: ScriptedEngine) -> None:
        engine.send_audio(tone_mulaw(500))
        engine.send_mark("done")

    line = SilentLine(hang_up_after_ms=1000)
    _, engine = run_stream(line, at_frame(5, speak))

    assert line.audible_from_ms() == 120
    assert engine.times("mark") == [pytest.approx(620.0)]


def test_audio_sent_in_odd_pieces_is_heard_without_a_gap() -> None:
    def speak(engine: ScriptedEngine) -> None:
        audio = tone_mulaw(400)
        for at in range(0, len(audio), 37):
            engine.send_audio(audio[at : at + 37])

    line = SilentLine(hang_up_after_ms=1000)
    run_stream(line, at_frame(5, speak))

    assert tone_mulaw(400) in bytes(line.heard)


def test_mark_on_an_empty_buffer_comes_back_at_once() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=200), at_frame(5, lambda e: e.send_mark("empty")))

    assert engine.times("mark") == [pytest.approx(100.0)]


def test_clear_returns_all_pending_marks_at_once_and_stops_the_audio() -> None:
    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        chunk = body.get("media", {}).get("chunk")
        if chunk == "5":
            for name in ("a", "b", "c"):
                engine.send_audio(tone_mulaw(1000))
                engine.send_mark(name)
        if chunk == "20":
            engine.send_clear()

    line = SilentLine(hang_up_after_ms=2000)
    report, engine = run_stream(line, on_event)

    assert [m["mark"]["name"] for m in engine.of("mark")] == ["a", "b", "c"]
    assert engine.times("mark") == [pytest.approx(400.0)] * 3
    heard_until = max(at for at, byte in enumerate(line.heard) if byte != 0xFF) // 8
    assert heard_until <= 420
    assert (report.marks_cleared, report.marks_played, report.clears) == (3, 0, 1)


@pytest.mark.parametrize(
    ("text", "reason", "code"),
    [
        ("not json", Refusal.NOT_JSON, 31951),
        ("[]", Refusal.NOT_AN_OBJECT, 31951),
        ('{"event":"hello","streamSid":"MZ1"}', Refusal.UNKNOWN_EVENT, 31951),
        ('{"event":"clear"}', Refusal.WRONG_STREAM, 31951),
        ('{"event":"clear","streamSid":"MZ2"}', Refusal.WRONG_STREAM, 31951),
        ('{"event":"mark","streamSid":"MZ1"}', Refusal.MARK_WITHOUT_NAME, 31951),
        ('{"event":"mark","streamSid":"MZ1","mark":{"name":""}}', Refusal.MARK_WITHOUT_NAME, 31951),
        ('{"event":"mark","streamSid":"MZ1","name":"x"}', Refusal.MARK_WITHOUT_NAME, 31951),
        ('{"event":"media","streamSid":"MZ1"}', Refusal.NO_PAYLOAD, 31951),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":7}}', Refusal.NO_PAYLOAD, 31951),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":"%%%"}}', Refusal.BAD_BASE64, 31924),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":"UklGRiQAAABXQVZF"}}', Refusal.WAV_HEADER, 31924),
    ],
)  # fmt: skip
def test_refuses_what_twilio_refuses(text: str, reason: Refusal, code: int) -> None:
    """The message has no effect, and it is on record."""
    report, engine = run_stream(SilentLine(hang_up_after_ms=200), at_frame(5, lambda e: e.send_text(text)))

    assert [(v.reason, v.code, v.at_ms) for v in report.violations] == [(reason, code, 100)]
    assert engine.of("mark") == []
    assert report.played_ms == 0
    assert report.clears == 0


def test_warns_once_a_stream_however_often_it_refuses() -> None:
    def misbehave(engine: ScriptedEngine) -> None:
        for _ in range(5):
            engine.send({"event": "hello", "streamSid": "MZ1"})

    report, _ = run_stream(SilentLine(hang_up_after_ms=200), at_frame(5, misbehave))

    assert report.warnings == (31951,)
    assert len(report.violations) == 5


def test_more_than_ten_minutes_buffered_are_discarded_with_one_warning() -> None:
    minute = json.dumps({"event": "media", "streamSid": "MZ1", "media": {"payload": "fn5+" * 160_000}})

    def flood(engine: ScriptedEngine) -> None:
        for _ in range(12):
            engine.send_text(minute)

    report, _ = run_stream(SilentLine(hang_up_after_ms=200), at_frame(5, flood))

    assert report.warnings == (31931,)
    assert [v.reason for v in report.violations] == [Refusal.BUFFER_FULL] * 2


def test_the_engine_may_close_the_socket_and_nothing_is_sent_after() -> None:
    report, engine = run_stream(SilentLine(), at_frame(5, lambda e: e.close()))

    assert report.ended_by is EndedBy.ENGINE
    assert engine.of("stop") == []
    assert len(engine.of("media")) == 5


def test_a_lost_stop_leaves_the_close() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=100), faults=FaultPlan(dropped=frozenset({Signal.STOP})))

    assert engine.of("stop") == []
    assert engine.close_codes == [1000]


def test_a_lost_close_leaves_the_socket_open_until_the_engine_closes_it() -> None:
    """The engine sees a stop and then nothing; it closes, and the carrier sees that."""

    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body["event"] == "stop":
            engine.close()

    faults = FaultPlan(dropped=frozenset({Signal.CLOSE}))
    report, engine = run_stream(SilentLine(hang_up_after_ms=100), on_event, faults=faults)

    assert len(engine.of("stop")) == 1
    assert report.close_code == 1000


def test_a_late_stop_after_an_early_close_never_arrives() -> None:
    faults = FaultPlan(delay_ms={Signal.STOP: 500.0})
    _, engine = run_stream(SilentLine(hang_up_after_ms=100), faults=faults)

    assert engine.of("stop") == []


def test_marks_can_be_late_and_lost() -> None:
    def speak(engine: ScriptedEngine) -> None:
        engine.send_audio(tone_mulaw(100))
        engine.send_mark("m")

    late = run_stream(
        SilentLine(hang_up_after_ms=1000), at_frame(5, speak), faults=FaultPlan(delay_ms={Signal.MARK: 300.0})
    )[1]
    lost = run_stream(
        SilentLine(hang_up_after_ms=1000), at_frame(5, speak), faults=FaultPlan(dropped=frozenset({Signal.MARK}))
    )[1]

    assert late.times("mark") == [pytest.approx(500.0, abs=20.0)]
    assert lost.of("mark") == []


def test_lost_media_leaves_gaps_in_the_numbers() -> None:
    """What an engine that counts sequence gaps must be able to see."""
    report, engine = run_stream(SilentLine(hang_up_after_ms=10_000), faults=FaultPlan(media_loss=0.1, seed=3))

    chunks = [int(body["media"]["chunk"]) for body in engine.of("media")]
    assert report.frames_lost > 20
    assert len(chunks) == 500 - report.frames_lost
    assert chunks[-1] - chunks[0] > len(chunks) - 1


def test_swapped_media_arrives_out_of_order_and_whole() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=4000), faults=FaultPlan(media_swap=0.2, seed=3))

    chunks = [int(body["media"]["chunk"]) for body in engine.of("media")]
    assert chunks != sorted(chunks)
    assert sorted(chunks) == list(range(1, max(chunks) + 1))


def test_bunched_media_comes_together() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=400), faults=FaultPlan(bunch_frames=5))

    times = [round(at) for at in engine.times("media")]
    assert times == [100] * 5 + [200] * 5 + [300] * 5 + [400] * 5
