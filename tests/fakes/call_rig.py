"""A whole call for tests of the session: real speech on the line, scripted ears and voice, virtual time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.audio.wav import read_wav
from voice_engine.carrier.calls import CallRecord, LocalCarrier
from voice_engine.carrier.control import LocalCallControl, stream_document, stream_verb
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.leg import SILENT_FRAME, LineFrame
from voice_engine.carrier.memory import LocalConnector
from voice_engine.clock import LoopClock, run_virtual
from voice_engine.ports.call import (
    Assistant,
    Business,
    CallReport,
    CallSpec,
    Category,
    EngineEvent,
    Submission,
)
from voice_engine.ports.knowledge import Knowledge
from voice_engine.ports.llm import LLM
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.stt import STT, Hypothesis, RequestReason, STTCapabilities, STTRequest
from voice_engine.ports.telephony import CallControl, DialStatus
from voice_engine.ports.tts import TTS, SpeechRequest, TTSCapabilities, Voice
from voice_engine.providers.calendar.local import LocalCalendar
from voice_engine.providers.knowledge.local import LocalKnowledge
from voice_engine.runtime import closing
from voice_engine.runtime.journal import Journal, JournalEntry
from voice_engine.runtime.recorder import Recorder
from voice_engine.runtime.services import CallServices
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.settings import SessionSettings
from voice_engine.runtime.stream import MediaStream
from voice_engine.telephony.twilio.events import Started

SPEECH = Path(__file__).parents[2] / "fixtures" / "audio" / "speech"
NOW = datetime.fromisoformat("2026-02-13T10:00:00-05:00")


def clip(name: str = "en_core_agent-newlocation", *, ms: int | None = None) -> PCM:
    """Recorded telephone speech, cut to `ms`."""
    pcm = read_wav(SPEECH / f"{name}.wav")
    return pcm if ms is None else pcm[: ms * 8]


@dataclass
class Say:
    """Play `pcm` at `at_ms`, or `after_ms` after the engine fell silent (having spoken since the last clip)."""

    pcm: PCM
    at_ms: int | None = None
    after_ms: int = 600


class ClipLine:
    """Plays clips, keeps what it hears, hangs up at `hang_up_ms` or `hang_up_after_ms` past the last clip."""

    def __init__(
        self, *clips: Say, hang_up_ms: int | None = None, hang_up_after_ms: int | None = None,
        keys: Mapping[int, str] | None = None,
    ) -> None:  # fmt: skip
        self._clips = list(clips)
        self._audio = b""
        self._hang_up_ms = hang_up_ms
        self._hang_up_after_ms = hang_up_after_ms
        self._keys = dict(keys or {})
        self._engine_spoke = False
        self._quiet_ms = 0
        self.heard = bytearray()
        self.pressed: list[tuple[int, str]] = []
        self.spoken: list[tuple[int, int]] = []

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        self.heard += heard if heard is not None else SILENT_FRAME
        if heard is not None and heard.strip(b"\xff\x7f"):
            self._engine_spoke, self._quiet_ms = True, 0
        else:
            self._quiet_ms += 20
        self._cue(at_ms)
        frame, self._audio = self._audio[:160], self._audio[160:]
        done = not self._clips and not self._audio
        if done and self._hang_up_after_ms is not None and self._hang_up_ms is None:
            self._hang_up_ms = at_ms + self._hang_up_after_ms
        over = self._hang_up_ms is not None and at_ms >= self._hang_up_ms
        return LineFrame(
            frame.ljust(160, b"\xff") if frame else SILENT_FRAME, self._keys.pop(at_ms, ""), hung_up=over
        )

    def _cue(self, at_ms: int) -> None:
        if self._audio or not self._clips:
            return
        wanted = self._clips[0]
        due = at_ms >= wanted.at_ms if wanted.at_ms is not None else (
            self._engine_spoke and self._quiet_ms >= wanted.after_ms
        )  # fmt: skip
        if due:
            self._clips.pop(0)
            self._audio = mulaw.encode_pcm(wanted.pcm)
            self._engine_spoke = False
            self.spoken.append((at_ms, at_ms + len(wanted.pcm) // 8))

    def press(self, digits: str, at_ms: int) -> None:
        self.pressed.append((at_ms, digits))

    async def settle(self) -> None:
        return


class TextSTT:
    """Hears the given texts, one an utterance, `cost_ms` after each request."""

    def __init__(self, texts: Sequence[str], *, cost_ms: float = 100.0) -> None:
        self.texts = list(texts)
        self.requests: list[tuple[int, str]] = []
        self.open_streams = 0
        self._cost_ms = cost_ms

    @property
    def capabilities(self) -> STTCapabilities:
        return STTCapabilities(
            name="text",
            languages=frozenset({"en", "es"}),
            streaming=False,
            local=True,
            cost_ms=lambda _: self._cost_ms,
        )

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncGenerator["_TextStream", None]:
        self.open_streams += 1
        try:
            yield _TextStream(self, self._cost_ms)
        finally:
            self.open_streams -= 1


class _TextStream:
    def __init__(self, owner: TextSTT, cost_ms: float) -> None:
        self._owner = owner
        self._cost_ms = cost_ms
        self._texts: dict[int, str] = {}
        self._until: dict[int, int] = {}
        self._queue: asyncio.Queue[Hypothesis] = asyncio.Queue()

    def begin(self, utterance_id: int, start_ms: int) -> None:
        self._until[utterance_id] = start_ms

    def push(self, utterance_id: int, pcm: PCM) -> None:
        self._until[utterance_id] += len(pcm) // 8

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        self._owner.requests.append((utterance_id, reason))
        if utterance_id not in self._texts:
            self._texts[utterance_id] = self._owner.texts.pop(0) if self._owner.texts else ""
        hypothesis = Hypothesis(
            utterance_id=utterance_id,
            text=self._texts[utterance_id],
            until_ms=self._until[utterance_id],
            final=final,
        )
        asyncio.get_running_loop().call_later(self._cost_ms / 1000, self._queue.put_nowait, hypothesis)

    def drop(self, utterance_id: int) -> None:
        text = self._texts.pop(utterance_id, None)
        if text:
            self._owner.texts.insert(0, text)

    async def hypotheses(self) -> AsyncIterator[Hypothesis]:
        while True:
            yield await self._queue.get()


class ToneTTS:
    """Speaks a tone of 300 ms a word, 40 ms after it was asked."""

    def __init__(self) -> None:
        self.requested: list[str] = []

    @property
    def capabilities(self) -> TTSCapabilities:
        voice = Voice(id="tone", language="en", label="Tone")
        return TTSCapabilities(name="tone", voices=(voice,), streaming=True, local=True, cost_ms=lambda _: 40.0)

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        self.requested.append(request.text)
        await asyncio.sleep(0.04)
        samples = np.arange(len(request.text.split()) * 2400)
        yield np.rint(5000 * np.sin(2 * np.pi * 250 / 8000 * samples)).astype(np.int16)


RECEPTIONIST = CallSpec(
    call_id="call-1",
    direction="inbound",
    language="en",
    answered_at=NOW,
    assistant=Assistant(
        name="Ann",
        business=Business(name="Bright Smile", address="12 High Street", timezone="America/New_York"),
        greeting="Thank you for calling Bright Smile, how may I help you today?",
        transfer_targets={"front desk": "+15550100777"},
    ),
)

RESTAURANT = CallSpec(
    call_id="call-1",
    direction="outbound",
    language="en",
    answered_at=NOW,
    submission=Submission(
        task_category=Category.RESTAURANT,
        task_description="Reserve a table",
        respondent_phone="+15550100123",
        party_size=4,
        appointment_date=datetime(2026, 2, 14).date(),
        appointment_time=datetime(2026, 2, 14, 20).time(),
        user_name="John Smith",
    ),
)


@dataclass
class Rig:
    """What a finished call left behind."""

    report: CallReport
    events: list[EngineEvent]
    record: CallRecord
    line: ClipLine
    session: CallSession
    heard: bytes = b""
    streams: list[MediaStream] = field(default_factory=list)

    def types(self) -> list[str]:
        return [event.type for event in self.events]


@dataclass
class Call:
    """One call to be held; `run` holds it on virtual time."""

    line: ClipLine
    spec: CallSpec = RECEPTIONIST
    texts: Sequence[str] = ()
    stt: STT | None = None
    tts: TTS | None = None
    llm: LLM | None = None
    knowledge: Knowledge | None = None
    """None: what the spec says."""
    faults: FaultPlan = NO_FAULTS
    settings: SessionSettings = field(default_factory=SessionSettings)
    recording: Path | None = None
    journal: Journal | None = None
    resume_from: JournalEntry | None = None
    control: Callable[[CallControl], CallControl] = lambda control: control
    during: Callable[[CallSession], None] | None = None
    """Called with the session at `during_ms` of the loop's time."""
    during_ms: int = 0
    break_socket_ms: int | None = None
    """Break the first stream's socket at this time, as a network does: no `stop`."""
    action: bool = False
    """Give <Connect> an action that streams again while the call is up."""

    def run(self) -> Rig:
        return run_virtual(self.hold())

    async def hold(self) -> Rig:
        events: list[EngineEvent] = []
        parameters = {"call_id": self.spec.call_id}
        verb = stream_verb(parameters=parameters)
        document = stream_document(parameters=parameters)
        if self.action:
            verb = verb.replace("<Connect>", '<Connect action="https://engine.invalid/next" method="POST">')
            document = f"<Response>{verb}<Hangup/></Response>"
        streams: list[MediaStream] = []

        async with asyncio.TaskGroup() as tasks:

            async def connect(url: str) -> MediaSocket:
                return await connector(url)

            async def fetch(url: str, form: Mapping[str, str]) -> str:
                return document if not session.over else "<Response><Hangup/></Response>"

            carrier = LocalCarrier(connect=connect, clock=LoopClock(), tasks=tasks, fetch=fetch, faults=self.faults)
            control = self.control(LocalCallControl(carrier, lambda _: verb))
            session = CallSession(
                self.spec, self._services(control), sink=events.append, resume_from=self.resume_from,
                recorder=Recorder(self.recording) if self.recording else None,
            )  # fmt: skip

            def resolve(start: Started) -> CallSession | None:
                return None if session.over else session

            async def handle(socket: MediaSocket) -> None:
                stream = MediaStream(socket, resolve)
                streams.append(stream)
                if self.break_socket_ms is not None and len(streams) == 1:
                    tasks.create_task(_break(stream, self.break_socket_ms))
                await stream.run()

            connector = LocalConnector(handle, tasks)
            if self.during is not None:
                asyncio.get_running_loop().call_later(self.during_ms / 1000, self.during, session)
            running = tasks.create_task(session.run())
            if self.spec.direction == "outbound":
                dialled = await carrier.dial(self.line, to="+15550100123", document=document)
            else:
                dialled = carrier.receive(self.line, to="+15550100100", document=document)
            assert dialled.status is DialStatus.ANSWERED
            report = await running
            record = await carrier.wait(dialled.call_sid)
        return Rig(report, events, record, self.line, session, bytes(self.line.heard), streams)

    def _services(self, control: CallControl) -> CallServices:
        assistant = self.spec.assistant
        return CallServices(
            clock=LoopClock(),
            stt=self.stt or TextSTT(self.texts),
            tts=self.tts or ToneTTS(),
            llm=self.llm,
            control=control,
            calendar=LocalCalendar.of(assistant) if assistant else None,
            knowledge=self.knowledge or (LocalKnowledge(assistant.knowledge) if assistant else None),
            journal=self.journal,
            session=self.settings,
        )


async def _break(stream: MediaStream, after_ms: int) -> None:
    await asyncio.sleep(after_ms / 1000)
    await stream.close(1006)


__all__ = ["RECEPTIONIST", "RESTAURANT", "Call", "ClipLine", "Rig", "Say", "TextSTT", "ToneTTS", "clip", "closing"]
