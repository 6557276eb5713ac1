"""Recorded streams, each with one defect: what the parser makes of every message of them."""

import json
from pathlib import Path

import pytest

from voice_engine.errors import ProtocolError
from voice_engine.telephony.twilio.events import StreamCounters
from voice_engine.telephony.twilio.protocol import StreamProtocol

CAPTURES = Path(__file__).parents[3] / "fixtures" / "audio" / "protocol"

EVENTS = {
    "clean": "Connected Started Media×4 Mark Dtmf Media Stopped",
    "connected-missing": "Started Media×2 Stopped",
    "sequence-gap": "Connected Started Media×4 Stopped",
    "reordered-media": "Connected Started Media×4 Stopped",
    "duplicated-message": "Connected Started Media×3 Repeated Mark Repeated Stopped",
    "bunched-media": "Connected Started Media×8 Stopped",
    "stop-missing": "Connected Started Media×3",
    "unknown-event": "Connected Started Media Unknown Media Stopped",
    "numbers-as-ints": "Connected Started not_a_number_string",
    "sequence-as-int": "Connected Started not_a_number_string",
    "wrong-stream-sid": "Connected Started wrong_stream",
    "payload-not-base64": "Connected Started not_base64",
    "payload-unpadded": "Connected Started not_base64",
    "outbound-track": "Connected Started unexpected_value",
    "media-before-start": "Connected stream_not_started",
    "media-after-stop": "Connected Started Stopped stream_stopped",
    "start-twice": "Connected Started unexpected_start",
    "start-two-streams": "Connected wrong_stream",
    "start-pcm": "Connected unsupported_media_format",
    "start-call-missing": "Connected not_a_sid",
    "mark-without-name": "Connected Started not_an_object",
    "dtmf-not-a-key": "Connected Started unexpected_value",
    "stop-other-call": "Connected Started wrong_call",
    "not-json": "Connected not_json",
}

COUNTERS = {
    "clean": StreamCounters(messages=9),
    "sequence-gap": StreamCounters(messages=6, missing=3),
    "reordered-media": StreamCounters(messages=6, reordered=1),
    "duplicated-message": StreamCounters(messages=8, duplicates=2),
}


def replay(name: str) -> tuple[str, StreamCounters]:
    protocol = StreamProtocol()
    told = []
    for line in (CAPTURES / f"{name}.jsonl").read_text().splitlines():
        try:
            told.append(type(protocol.parse(_message(line))).__name__.removesuffix("Received"))
        except ProtocolError as error:
            told.append(error.code)
    return " ".join(told), protocol.counters


def _message(line: str) -> str:
    """The message as it came; a line that is no JSON is itself the defect."""
    try:
        message = json.loads(line)
    except ValueError:
        return line
    del message["_at_ms"]
    return json.dumps(message, separators=(",", ":"))


def expand(events: str) -> str:
    words = []
    for word in events.split():
        kind, _, times = word.partition("×")
        words += [kind] * int(times or 1)
    return " ".join(words)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_recorded_stream_gives_its_events(name: str) -> None:
    told, counters = replay(name)

    assert told == expand(EVENTS[name])
    assert counters == COUNTERS.get(name, counters)


def test_every_recording_is_accounted_for() -> None:
    assert {path.stem for path in CAPTURES.glob("*.jsonl")} == set(EVENTS)
