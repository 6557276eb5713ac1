"""Recorded calls: folders read strictly, lines that play them, and replay through the carrier."""

import asyncio
import base64
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.carrier.lines import tone, tone_mulaw
from tests.fakes.sockets import ScriptedEngine
from voice_engine.audio.wav import write_wav
from voice_engine.carrier.callfile import CallFile
from voice_engine.carrier.recorded import TAIL_MS, RecordedCall, find_recorded, load_recorded
from voice_engine.carrier.replay import Replay, replay
from voice_engine.carrier.simulate import Engine
from voice_engine.carrier.takes import prepare
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput
from voice_engine.ports.telephony import CallControl, DialResult

CALL = """\
direction: inbound
language: en
now: 2026-02-13T10:00:00-05:00
assistant: {name: Ann}
expect: {status: completed}
"""


def folder(tmp_path: Path, *, wav_ms: int | None = None, log: list[dict[str, Any]] | None = None) -> Path:
    path = tmp_path / "call-1"
    path.mkdir()
    (path / "call.yaml").write_text(CALL)
    if wav_ms is not None:
        write_wav(path / "caller.wav", tone(wav_ms))
    if log is not None:
        (path / "stream.jsonl").write_text("".join(json.dumps(message) + "\n" for message in log))
    return path


def media(number: int, at_ms: int, **changes: Any) -> dict[str, Any]:
    payload = base64.b64encode(bytes([number]) * 160).decode()
    body = {"track": "inbound", "chunk": str(number), "timestamp": str(number * 20), "payload": payload}
    return {
        "_at_ms": at_ms,
        "event": "media",
        "sequenceNumber": str(number + 1),
        "streamSid": "MZold",
        "media": {**body, **changes},
    }


class NotingEngine(ScriptedEngine):
    """Says a word with a mark early on, and reports success."""

    def __init__(self) -> None:
        super().__init__(self._react)

    def _react(self, engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body["event"] == "start":
            self.send_audio(tone_mulaw(20))
            self.send_mark("said")

    async def result(self, dialled: DialResult) -> Mapping[str, Any]:
        return {"status": "completed", "turns": []}


def play(recorded: RecordedCall) -> tuple[Replay, NotingEngine]:
    engine = NotingEngine()

    def factory(call: CallFile, control: CallControl, tasks: asyncio.TaskGroup) -> Engine:
        return engine

    return run_virtual(replay(recorded, factory)), engine


def test_a_wav_is_played_whole_then_the_tail_then_hung_up(tmp_path: Path) -> None:
    recorded = load_recorded(folder(tmp_path, wav_ms=1010))

    result, engine = play(recorded)

    audio = engine.caller_audio()
    assert audio[: 1010 * 8] == tone_mulaw(1010)
    assert set(audio[1010 * 8 :]) == {0xFF}
    assert len(audio) == (1020 + TAIL_MS) * 8
    assert (result.passed, result.record.ended_by) == (True, "line")


def test_logged_messages_arrive_when_they_arrived(tmp_path: Path) -> None:
    """A burst stays a burst, and a gap in the numbers stays a gap."""
    log = [
        {"_at_ms": 0, "event": "connected", "protocol": "Call", "version": "1.0.0"},
        {"_at_ms": 1, "event": "start", "sequenceNumber": "1", "start": {"customParameters": {}}},
        media(1, 25),
        media(2, 90),
        media(3, 90),
        media(5, 110),
        {"_at_ms": 130, "event": "dtmf", "sequenceNumber": "7", "dtmf": {"track": "inbound_track", "digit": "4"}},
        {"_at_ms": 300, "event": "stop", "sequenceNumber": "8", "stop": {}},
    ]

    _, engine = play(load_recorded(folder(tmp_path, log=log)))

    frames = engine.of("media")
    assert [round(at) for at in engine.times("media")] == [40, 100, 100, 120]
    assert [frame["media"]["chunk"] for frame in frames] == ["1", "2", "3", "5"]
    assert {frame["streamSid"] for frame in frames} == {engine.stream_sid}
    assert engine.of("dtmf")[0]["dtmf"]["digit"] == "4"
    assert round(engine.times("stop")[0]) == 320


def test_marks_of_the_recording_are_left_out_and_ours_fit_into_the_numbers(tmp_path: Path) -> None:
    """The only jump in the numbers is the recorded loss of chunk 4."""
    mark = {"_at_ms": 60, "event": "mark", "sequenceNumber": "4", "mark": {"name": "theirs"}}
    late = [{**media(n, 60 + n * 20), "sequenceNumber": str(n + 2)} for n in (3, 5, 6)]
    log = [media(1, 20), media(2, 40), mark, *late]

    _, engine = play(load_recorded(folder(tmp_path, log=log)))

    numbers = [int(body["sequenceNumber"]) for body in engine.events if "sequenceNumber" in body]
    assert [body["mark"]["name"] for body in engine.of("mark")] == ["said"]
    jumps = [(a, b) for a, b in itertools.pairwise(numbers) if b != a + 1]
    assert len(jumps) == 1
    assert jumps[0][1] - jumps[0][0] == 2


def test_the_wav_comes_before_the_log(tmp_path: Path) -> None:
    path = folder(tmp_path, wav_ms=100, log=[media(1, 20)])

    assert load_recorded(path).log is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("nonsense", "not JSON"),
        ("[1]", "not a media-stream message"),
        ('{"event": "hello", "_at_ms": 1}', "not a media-stream message"),
        ('{"event": "stop"}', "_at_ms"),
        ('{"event": "stop", "_at_ms": -1}', "_at_ms"),
        ('{"event": "media", "_at_ms": 1, "sequenceNumber": "1", "media": {"payload": "%"}}', "base64"),
        ('{"event": "media", "_at_ms": 1, "sequenceNumber": "x", "media": {"payload": "//8="}}', "sequenceNumber"),
        ('{"event": "media", "_at_ms": 1, "sequenceNumber": "1", "media": null}', "base64"),
    ],
)
def test_a_broken_log_is_named_with_its_line(tmp_path: Path, line: str, what: str) -> None:
    path = folder(tmp_path, log=[media(1, 20)])
    with (path / "stream.jsonl").open("a") as file:
        file.write(line + "\n")

    with pytest.raises(InvalidInput, match=r"stream\.jsonl:2: ") as caught:
        load_recorded(path)

    assert what in caught.value.message


def test_a_log_must_go_forward_and_hold_audio(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    for path in (
        folder(tmp_path / "a", log=[media(1, 50), media(2, 20)]),
        folder(tmp_path / "b", log=[{"_at_ms": 1, "event": "stop"}]),
    ):
        with pytest.raises(InvalidInput, match=r"stream\.jsonl"):
            load_recorded(path)


def test_a_folder_without_a_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="neither"):
        load_recorded(folder(tmp_path))


def test_folders_are_found_at_any_depth(tmp_path: Path) -> None:
    path = folder(tmp_path, wav_ms=100)

    assert find_recorded([tmp_path]) == find_recorded([path]) == find_recorded([path / "call.yaml"]) == [path]
    for missing in (tmp_path / "none", path.parent / "call-1" / "caller.wav"):
        with pytest.raises(InvalidInput):
            find_recorded([missing])


def test_a_take_knows_where_speech_starts_and_turns_end(tmp_path: Path) -> None:
    """Real speech of 3.3 s in a recording: one turn, whose ends lie inside it."""
    speech = Path(__file__).parents[2] / "fixtures" / "audio" / "speech" / "en_core_agent-newlocation.wav"
    path = folder(tmp_path)
    (path / "caller.wav").write_bytes(speech.read_bytes())

    take = prepare(load_recorded(path))

    assert len(take.onsets) == len(take.turn_ends) == 1
    assert min(take.onsets) * 20 < 600
    assert 2200 < max(take.turn_ends) * 20 < 3300
    assert take.duration_s == pytest.approx(3.29 + TAIL_MS / 1000, abs=0.05)


def test_a_take_of_a_log_fills_its_gaps_with_silence(tmp_path: Path) -> None:
    take = prepare(load_recorded(folder(tmp_path, log=[media(1, 20), media(4, 80)])))

    silent = base64.b64encode(b"\xff" * 160)
    assert [payload == silent for payload in take.payloads[:5]] == [True, False, True, True, False]
