"""Traps of Twilio's protocol, from the carrier's side: who falls into one is caught, and ours falls into none."""

import asyncio
import json
from typing import Any

import pytest

from tests.carrier.lines import SilentLine, tone_mulaw
from tests.carrier.streams import IDENTITY, at_frame, run_stream
from tests.carrier.test_calls import call
from tests.fakes.call_rig import Call, ClipLine, Say, clip
from tests.fakes.sockets import ScriptedEngine
from voice_engine.carrier import twiml
from voice_engine.carrier.calls import LocalCarrier
from voice_engine.carrier.control import LocalCallControl, stream_document
from voice_engine.carrier.faults import FaultPlan, Signal
from voice_engine.carrier.leg import Leg
from voice_engine.carrier.memory import socket_pair
from voice_engine.carrier.messages import Refusal
from voice_engine.carrier.stream import EndedBy, MediaStream
from voice_engine.clock import LoopClock, run_virtual
from voice_engine.errors import ProtocolError


def refusals(*texts: str) -> tuple[list[Refusal], tuple[int, ...]]:
    """What the carrier refuses of the texts, and the warnings that it raises."""

    def send(engine: ScriptedEngine) -> None:
        for text in texts:
            engine.send_text(text)

    report, _ = run_stream(SilentLine(hang_up_after_ms=200), at_frame(5, send))
    return [violation.reason for violation in report.violations], report.warnings


def test_trap_01_a_wav_header_in_a_payload_is_refused_with_31924() -> None:
    wav = '{"event":"media","streamSid":"MZ1","media":{"payload":"UklGRiQAAABXQVZFZm10IA=="}}'

    assert refusals(wav) == ([Refusal.WAV_HEADER], (31924,))


def test_trap_02_unknown_messages_are_refused_and_warned_of_once_a_stream() -> None:
    unknown = '{"event":"hangup","streamSid":"MZ1"}'
    stray = '{"event":"clear","streamSid":"MZ2"}'

    assert refusals(unknown, stray, unknown) == (
        [Refusal.UNKNOWN_EVENT, Refusal.WRONG_STREAM, Refusal.UNKNOWN_EVENT],
        (31951,),
    )


def test_trap_01_02_03_our_engine_is_refused_nothing_in_a_whole_call() -> None:
    """Greeting, an answer, a barge-in with its clear, and a farewell."""
    line = ClipLine(Say(clip(ms=1500)), Say(clip(), at_ms=9000), hang_up_after_ms=6000)

    rig = Call(line, texts=["what are your opening hours", "stop please I have another question"]).run()

    assert rig.record.violations() == []
    assert rig.record.errors == []
    assert all(stream.warnings == () for stream in rig.record.streams)
    assert sum(stream.marks_played for stream in rig.record.streams) > 0


def test_trap_03_a_mark_without_its_nested_name_is_refused() -> None:
    assert refusals('{"event":"mark","streamSid":"MZ1","name":"flat"}')[0] == [Refusal.MARK_WITHOUT_NAME]


def test_trap_04_clear_returns_pending_marks_although_their_audio_never_played() -> None:
    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body.get("media", {}).get("chunk") == "5":
            engine.send_audio(tone_mulaw(5000))
            engine.send_mark("never heard")
            engine.send_clear()

    report, engine = run_stream(SilentLine(hang_up_after_ms=1000), on_event)

    assert engine.times("mark") == [pytest.approx(100.0)]
    assert (report.marks_cleared, report.played_ms) == (1, 0)


def test_trap_05_a_mark_on_an_empty_buffer_returns_at_once() -> None:
    _, engine = run_stream(SilentLine(hang_up_after_ms=500), at_frame(7, lambda e: e.send_mark("m")))

    assert engine.times("mark") == [pytest.approx(140.0)]


def test_trap_06_more_than_ten_minutes_ahead_are_discarded_with_31931() -> None:
    """Each message holds 75 s; eight fit, the ninth does not."""
    message = json.dumps({"event": "media", "streamSid": "MZ1", "media": {"payload": "fn5+" * 200_000}})
    assert refusals(*[message] * 9) == ([Refusal.BUFFER_FULL], (31931,))


def test_trap_07_an_engine_that_does_not_read_loses_caller_audio_with_31930() -> None:
    """Ten seconds of socket buffer and five of the carrier's own; what comes then is discarded, not delayed."""

    async def main() -> Any:
        carrier_end, engine_end = socket_pair()
        clock = LoopClock()
        stream = MediaStream(carrier_end, IDENTITY, Leg(SilentLine(hang_up_after_ms=30_000), clock), clock=clock)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(stream.run())
            await asyncio.sleep(40)
            await engine_end.close()
        return running.result()

    report = run_virtual(main())
    assert report.warnings == (31930,)
    assert report.frames_discarded > 500


def test_trap_08_a_query_on_the_stream_url_ends_the_call_with_31920() -> None:
    _, record = call(SilentLine(), stream_document("wss://a.test/media?ticket=1"))

    assert "31920" in record.errors[0]


@pytest.mark.parametrize("url", ["ws://a.test/media", "https://a.test/media", "media"])
def test_trap_09_a_stream_url_that_is_not_wss_ends_the_call_with_31910(url: str) -> None:
    _, record = call(SilentLine(), stream_document(url))

    assert "31910" in record.errors[0]


def test_trap_12_a_pause_after_connect_keeps_a_dead_line_open() -> None:
    """The carrier runs the next verb when the socket closes: this is what the respondent would sit through."""

    def close(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body["event"] == "start":
            engine.close()

    stream = '<Connect><Stream url="wss://a.test/media"/></Connect>'
    dead = call(SilentLine(), f'<Response>{stream}<Pause length="40"/></Response>', engine=ScriptedEngine(close))[1]
    clean = call(SilentLine(), f"<Response>{stream}<Hangup/></Response>", engine=ScriptedEngine(close))[1]

    assert (dead.ended_at_ms or 0) >= 40_000
    assert (clean.ended_at_ms or 0) < 100


def test_trap_13_a_started_stream_is_not_what_an_agent_can_talk_on() -> None:
    with pytest.raises(ProtocolError, match="<Start>"):
        twiml.parse('<Response><Start><Stream url="wss://a.test/media"/></Start></Response>')


def test_trap_14_a_bidirectional_stream_has_the_inbound_track_only() -> None:
    with pytest.raises(ProtocolError, match="inbound track"):
        twiml.parse(
            '<Response><Connect><Stream track="both_tracks" url="wss://a.test/media"/></Connect></Response>'
        )


def test_trap_15_keys_are_no_audio_of_the_stream_and_playing_them_replaces_it() -> None:
    """The respondent's keys come as `dtmf`; ours go by TwiML, which costs the stream its life but not the call."""

    async def press(carrier: LocalCarrier, control: LocalCallControl, call_sid: str) -> None:
        await asyncio.sleep(1)
        await control.send_digits(call_sid, "2")

    engine = ScriptedEngine()
    line = SilentLine(hang_up_after_ms=3000, keys={500: "7"})
    _, record = call(line, stream_document(), engine=engine, during=press)

    assert set(engine.caller_audio()) == {0xFF}
    assert [body["dtmf"]["digit"] for body in engine.of("dtmf")] == ["7"]
    assert [digit for _, digit in line.pressed] == ["2"]
    assert [stream.ended_by for stream in record.streams] == [EndedBy.CARRIER, EndedBy.LINE]


@pytest.mark.parametrize(
    "dropped", [set(), {Signal.STOP}, {Signal.CLOSE}, {Signal.STOP, Signal.CLOSE}], ids=lambda d: str(sorted(d))
)
def test_trap_16_stop_close_or_neither_may_come(dropped: set[Signal]) -> None:
    """Whatever of the end gets lost, the engine's call ends, and as the same call."""
    line = ClipLine(Say(clip(ms=1500)), hang_up_after_ms=1000)

    rig = Call(line, texts=["what are your opening hours"], faults=FaultPlan(dropped=frozenset(dropped))).run()

    assert rig.report.outcome.status.value == "completed"
    assert rig.types().count("call.ended") == 1


def test_trap_17_every_number_is_a_string() -> None:
    _, engine = run_stream(
        SilentLine(hang_up_after_ms=100, keys={20: "1"}), at_frame(2, lambda e: e.send_mark("m"))
    )

    numbers = [value for body in engine.events for value in _numbers(body)]
    assert len(numbers) > 10
    assert all(isinstance(number, str) and number.isdecimal() for number in numbers)
    assert engine.events[1]["sequenceNumber"] == "1"


def test_trap_21_frames_come_bunched_and_any_size_is_played_without_a_gap() -> None:
    def speak(engine: ScriptedEngine) -> None:
        audio = tone_mulaw(500)
        for at in range(0, len(audio), 37):
            engine.send_audio(audio[at : at + 37])

    line = SilentLine(hang_up_after_ms=2000)
    _, engine = run_stream(line, at_frame(10, speak), faults=FaultPlan(bunch_frames=5))

    assert len(set(engine.times("media"))) == len(engine.of("media")) / 5
    assert tone_mulaw(500) in bytes(line.heard)


def test_trap_25_a_parameter_of_500_characters_ends_the_call() -> None:
    _, record = call(SilentLine(), stream_document(parameters={"ticket": "x" * 494}))

    assert "500 characters" in record.errors[0]


def _numbers(body: dict[str, Any]) -> list[object]:
    found: list[object] = []
    for key, value in body.items():
        if isinstance(value, dict):
            found += _numbers(value)
        elif key in ("sequenceNumber", "chunk", "timestamp"):
            found.append(value)
    return found
