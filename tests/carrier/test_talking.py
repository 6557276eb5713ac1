"""<Say>, <Gather> and <Record> on a line: what is heard, what is collected, what is kept, what comes next."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.carrier.lines import SilentLine, tone, tone_mulaw
from voice_engine.audio.frames import PCM
from voice_engine.carrier import sounds
from voice_engine.carrier.faults import NO_FAULTS
from voice_engine.carrier.leg import SILENT_FRAME, Leg, Line, LineFrame
from voice_engine.carrier.record import Answer, CallRecord
from voice_engine.carrier.rooms import Room
from voice_engine.carrier.running import RunningCall
from voice_engine.carrier.switch import Document
from voice_engine.carrier.verbs import DialConference, DialNumber, RecordVerb
from voice_engine.clock import LoopClock, run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallStatus

HERE = "https://engine.test/voice"
DONE = "<Response><Hangup/></Response>"


@dataclass
class OtherEnd:
    line: Line | None
    answer: Answer
    call_sid: str = "CA" + "d" * 32
    statuses: list[CallStatus] = field(default_factory=list)

    def moved(self, status: CallStatus) -> None:
        self.statuses.append(status)


class FakeSwitch:
    """An exchange in memory: `asked` has every fetch, `told` every callback, `kept` every recording."""

    account_sid = "AC" + "1" * 32
    faults = NO_FAULTS

    def __init__(self, documents: Mapping[str, str] | None = None) -> None:
        self.clock = LoopClock()
        self.documents = dict(documents or {})
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.told: list[tuple[str, dict[str, str]]] = []
        self.kept: list[bytes] = []
        self.said: list[tuple[str, str]] = []
        self.far = OtherEnd(None, Answer(how="no_answer"))
        self.rooms: dict[str, Room] = {}
        self.mute = False

    def new_sid(self, prefix: str) -> str:
        return prefix + "0" * 32

    async def connect(self, url: str) -> MediaSocket:
        raise UpstreamFailed("stream_refused", f"nobody at {url}", provider="engine", retryable=True)

    async def fetch(self, record: CallRecord, url: str, form: Mapping[str, str]) -> Document | None:
        self.asked.append((url, dict(form)))
        return Document(self.documents.get(url, DONE), url)

    def tell(self, url: str, form: Mapping[str, str]) -> None:
        self.told.append((url, dict(form)))

    async def ring(self, record: CallRecord, verb: DialNumber) -> OtherEnd:
        return self.far

    async def speak(self, text: str, language: str) -> bytes:
        if self.mute:
            raise UpstreamFailed("tts_down", "no voice", provider="tts", retryable=True)
        self.said.append((text, language))
        return tone_mulaw(100 * len(text.split()))

    def room(self, verb: DialConference) -> Room:
        return self.rooms.setdefault(verb.name, Room(verb.name, "CF" + "0" * 32))

    async def keep(self, record: CallRecord, verb: RecordVerb, audio: bytes) -> Mapping[str, str]:
        self.kept.append(audio)
        return {"RecordingSid": "RE1", "RecordingUrl": "https://c.test/RE1", "RecordingDuration": "2"}


class TalkingLine(SilentLine):
    """Plays `pcm` from answer on."""

    def __init__(
        self, pcm: PCM, *, hang_up_after_ms: int | None = None, keys: dict[int, str] | None = None
    ) -> None:
        super().__init__(hang_up_after_ms=hang_up_after_ms, keys=keys)
        self._frames = list(sounds.frames(pcm))

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        frame = super().step(at_ms, heard)
        index = at_ms // 20
        return frame._replace(mulaw=self._frames[index] if index < len(self._frames) else SILENT_FRAME)


def hold(line: Line, inner: str, switch: FakeSwitch | None = None) -> tuple[FakeSwitch, RunningCall]:
    """Run a document on a line to the end of the call."""

    async def main() -> tuple[FakeSwitch, RunningCall]:
        exchange = switch or FakeSwitch()
        record = CallRecord(call_sid="CA" + "c" * 32, to="+15550100123", direction="outbound")
        call = RunningCall(record, Leg(line, exchange.clock), exchange)
        async with asyncio.timeout(3600):
            await call.run(Document(f"<Response>{inner}</Response>", HERE))
        return exchange, call

    return run_virtual(main())


def quiet(ms: int) -> PCM:
    return np.zeros(ms * 8, dtype=np.int16)


# -- Say -------------------------------------------------------------------------------------------------------


def test_say_is_heard_as_often_as_asked_and_the_next_verb_follows() -> None:
    line = SilentLine()

    switch, call = hold(line, '<Say language="es-ES" loop="2">hola que tal</Say><Pause length="1"/>')

    assert switch.said == [("hola que tal", "es-ES")]
    assert bytes(line.heard[: 2 * 2400]) == 2 * tone_mulaw(300)
    assert call.leg.at_ms == 600 + 1000


def test_say_without_end_ends_with_the_line() -> None:
    _, call = hold(SilentLine(hang_up_after_ms=5000), '<Say loop="0">hello</Say>')

    assert (call.leg.at_ms, call.record.ended_by) == (5000, "line")


def test_a_carrier_that_cannot_speak_goes_on_and_says_why() -> None:
    switch = FakeSwitch()
    switch.mute = True

    _, call = hold(SilentLine(), '<Say>hello</Say><Pause length="1"/>', switch)

    assert call.record.errors == ["Say: no voice"]
    assert call.leg.at_ms == 1000


# -- Gather ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished"),
    [
        ('numDigits="2"', {300: "4", 900: "2", 1500: "9"}, "42", None),
        ("", {300: "4", 900: "2", 1500: "#", 2100: "7"}, "42", "#"),
        ('finishOnKey="*"', {300: "#", 900: "*"}, "#", "*"),
        ('timeout="2"', {300: "4", 2200: "2", 9000: "1"}, "42", None),
        ('finishOnKey="" numDigits="3"', {300: "#", 900: "*", 1500: "1"}, "#*1", None),
    ],
)
def test_gather_collects_until_it_is_complete(
    attributes: str, keys: dict[int, str], digits: str, finished: str | None
) -> None:
    switch, _ = hold(SilentLine(keys=keys), f'<Gather action="/menu" {attributes}><Pause length="1"/></Gather>')

    ((url, form),) = switch.asked
    assert url == "https://engine.test/menu"
    assert form["Digits"] == digits
    assert form.get("FinishedOnKey") == finished


def test_a_key_stops_the_prompt() -> None:
    line = SilentLine(keys={200: "1"})

    switch, call = hold(line, '<Gather numDigits="1"><Say>one two three four five six</Say></Gather>')

    assert switch.asked == [(HERE, {"Digits": "1"})]
    assert call.leg.at_ms == 220


def test_without_a_key_the_next_verb_runs() -> None:
    switch, call = hold(SilentLine(), '<Gather timeout="3"><Say>press</Say></Gather><Pause length="1"/>')

    assert switch.asked == []
    assert call.leg.at_ms == 100 + 3000 + 1000


def test_without_a_key_the_action_may_be_asked_all_the_same() -> None:
    switch, _ = hold(SilentLine(), '<Gather timeout="1" actionOnEmptyResult="true"/>')

    assert switch.asked == [(HERE, {"Digits": ""})]


# -- Record ----------------------------------------------------------------------------------------------------


def test_a_message_is_kept_from_the_beep_to_the_silence() -> None:
    """The line speaks while the beep sounds, pauses, speaks on: only what follows the beep is kept, trimmed."""
    pcm = np.concatenate([tone(800), quiet(1000), tone(1000), quiet(500), tone(700)])
    line = TalkingLine(pcm)

    switch, call = hold(line, '<Record action="/done" timeout="3"/>')

    (audio,) = switch.kept
    assert len(audio) / 8 == pytest.approx(800 - 400 + 1000 + 1000 + 500 + 700, abs=20)
    ((url, form),) = switch.asked
    assert url == "https://engine.test/done"
    assert (form["RecordingSid"], form["RecordingDuration"], form["Digits"]) == ("RE1", "2", "")
    assert call.leg.at_ms == pytest.approx(4000 + 3000, abs=40)
    beep = b"".join(sounds.frames(sounds.beep()))
    assert bytes(line.heard[: len(beep)]) == beep


@pytest.mark.parametrize(
    ("attributes", "hang_up_after_ms", "digits", "kept_ms"),
    [
        ('maxLength="2"', None, "", 2000),
        ('finishOnKey="5"', None, "5", 3000),
        ("", 4000, "hangup", 4000),
    ],
)
def test_a_message_ends(attributes: str, hang_up_after_ms: int | None, digits: str, kept_ms: int) -> None:
    line = TalkingLine(tone(60_000), hang_up_after_ms=hang_up_after_ms, keys={1000: "1", 3000: "5"})
    ended = 'finishOnKey=""' if "finishOnKey" not in attributes else ""

    switch, _ = hold(line, f'<Record playBeep="false" {ended} {attributes}/>')

    assert len(switch.kept[0]) / 8 == pytest.approx(kept_ms, abs=20)
    assert switch.asked[0][1]["Digits"] == digits


def test_silence_is_no_message() -> None:
    switch, call = hold(SilentLine(), '<Record timeout="2"/><Pause length="1"/>')

    assert (switch.kept, switch.asked) == ([], [])
    assert call.leg.at_ms == 400 + 2000 + 1000


def test_silence_may_be_kept() -> None:
    pcm = np.concatenate([quiet(1000), tone(500)])

    switch, _ = hold(TalkingLine(pcm), '<Record timeout="2" playBeep="false" trim="do-not-trim"/>')

    assert len(switch.kept[0]) / 8 == pytest.approx(1500 + 2000, abs=20)
