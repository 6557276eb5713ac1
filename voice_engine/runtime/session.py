"""One call from its first stream to its report: the asyncio shell around the pure core.

The receive path (`media` and its siblings) only decodes, steps VAD and turn machine, and queues. Effects of the
machine are performed synchronously, in order, in the same tick (`floor`); what has to wait (speech, tools, call
control) runs in tasks of the call's one task group (`mind`). When `run` returns, nothing of the call is alive.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import structlog

from voice_engine.audio import mulaw
from voice_engine.core.dialogue.commands import Beep, MachineHeard, Music, TimeLimit, TransferEnded
from voice_engine.core.dialogue.commands import Dtmf as DtmfCommand
from voice_engine.core.dialogue.commands import HungUp as HungUpCommand
from voice_engine.core.playout.ledger import Playout
from voice_engine.core.playout.model import SendMedia
from voice_engine.core.turns.events import DigitPressed, MusicChanged
from voice_engine.errors import QuotaExceeded, UpstreamFailed, VoiceEngineError
from voice_engine.ports.call import CallReport, CallSpec, Counters
from voice_engine.ports.stt import STTRequest, STTStream
from voice_engine.ports.telephony import DialStatus
from voice_engine.runtime import closing
from voice_engine.runtime.acts import LineActs
from voice_engine.runtime.apology import apology_steps
from voice_engine.runtime.brain import Brain
from voice_engine.runtime.bridge import Bridge
from voice_engine.runtime.channel import ChannelWatch
from voice_engine.runtime.closing import EndCause
from voice_engine.runtime.deaf import DeafStream
from voice_engine.runtime.ear import Ear
from voice_engine.runtime.events import EventLog, Sink
from voice_engine.runtime.floor import Floor
from voice_engine.runtime.journal import CallJournal, JournalEntry
from voice_engine.runtime.limits import LimitWatch, Which
from voice_engine.runtime.mind import Mind
from voice_engine.runtime.mouth import Link, Mouth, Stream
from voice_engine.runtime.recall import recall
from voice_engine.runtime.recorder import Recorder
from voice_engine.runtime.services import CallServices
from voice_engine.runtime.synthesis import Synthesizer, voice_of
from voice_engine.runtime.tape import Tape
from voice_engine.runtime.timeline import Timeline
from voice_engine.runtime.tools import Toolbox
from voice_engine.runtime.transcript import Transcript
from voice_engine.runtime.watch import Watch

log = structlog.get_logger(__name__)

SILENCE_DBFS = -90.0
"""The level shown before anything is heard."""

BACKLOG_FRAMES = 250
"""Five seconds of media may wait while a call's providers are opened; beyond it the oldest is lost."""


class CallSession:
    """Holds one call. `attach`/`detach` follow its streams; `run` lives until the call is over.

    `resume_from` continues a call from its journal: the transcript, the dialogue and the bill go on.
    """

    def __init__(
        self,
        spec: CallSpec,
        services: CallServices,
        *,
        resume_from: JournalEntry | None = None,
        sink: Sink | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.spec = spec
        self.call_sid: str | None = None
        self._services = services
        self._resume = resume_from
        self._sink = sink
        self._tape = Tape(recorder if spec.record else None, call_id=spec.call_id)
        self._journal = CallJournal(services.journal, call_id=spec.call_id)
        self._attached = asyncio.Event()
        self._ready = False
        self._stream: Stream | None = None
        self._link: Link | None = None
        self._backlog: deque[tuple[int, bytes]] = deque(maxlen=BACKLOG_FRAMES)
        self._ended: asyncio.Future[EndCause] = asyncio.get_running_loop().create_future()
        self._frames_in = 0
        self._gaps = 0
        self._deaf = False

    # The stream's side. All synchronous: this is the receive path.

    def attach(self, call_sid: str, stream: Stream, link: Link) -> None:
        """A stream of this call sent its `start`. Media that comes before the call is ready waits, bounded."""
        older, self._stream = self._stream, stream
        self.call_sid = call_sid
        self._link = link
        self._attached.set()
        if self._ready:
            if older is not None:
                self._mouth.detach()
                self.playback_cleared()
            self._stream_opened(link)

    def _stream_opened(self, link: Link) -> None:
        self._timeline.stream_opened()
        self._watch.stream_opened()
        self._mouth.attach(link)
        self._log.emit(self._timeline.now_ms(), "call.stream", opened=True)

    def media(self, timestamp_ms: int, payload: bytes) -> None:
        """One media message: its stream timestamp and μ-law bytes."""
        if not self._ready:
            self._backlog.append((timestamp_ms, payload))
            return
        if self._ended.done():
            return
        self._frames_in += 1
        now_ms = self._timeline.now_ms()
        media_ms = self._timeline.frame_arrived(timestamp_ms, now_ms)
        self._watch.heard_ms = now_ms
        pcm = self._ear.hear(media_ms, payload, now_ms)
        self._tape.other(media_ms, pcm)
        self._bridge.heard_caller(payload, pcm)

    def mark(self, name: str) -> None:
        """The carrier echoed a mark."""
        if self._ready:
            self._mouth.mark_echoed(name)

    def digit(self, digit: str) -> None:
        """The other party pressed a key."""
        if not self._ready:
            return
        self._log.emit(self._timeline.now_ms(), "dtmf.received", pii_digit=digit)
        self._floor.dispatch(DigitPressed(digit=digit))
        self._mind.signal(DtmfCommand(digit=digit))

    def gap(self, count: int) -> None:
        """The stream's sequence had gaps."""
        self._gaps += count

    def stopped(self, stream: Stream) -> None:
        """The carrier ended the stream: a hang-up, unless digits or a transfer are under way."""
        if stream is not self._stream:
            return
        goes_on = self._ready and (self._watch.awaiting_digits or self._acts.handed_to is not None)
        if not goes_on:
            self.end("stopped")

    def detached(self, stream: Stream) -> None:
        """The stream's socket is gone; unless another took its place, the call waits for one."""
        if stream is not self._stream:
            return
        self._stream = None
        if self._ended.done() or not self._ready:
            return
        self._mouth.detach()
        self.playback_cleared()
        self._watch.stream_lost()
        self._log.emit(self._timeline.now_ms(), "call.stream", opened=False)

    # Control from outside.

    def end(self, cause: EndCause) -> None:
        """The call is over; the first cause holds."""
        if not self._ended.done():
            self._ended.set_result(cause)
            self._attached.set()

    def crashed(self) -> None:
        """A defect on the receive path ends this call and no other."""
        self.end("failed")

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self._ended.done()

    @property
    def level_dbfs(self) -> float:
        """Level of the newest caller frame, for meters."""
        return self._ear.level_dbfs if self._ready else SILENCE_DBFS

    def cancel(self) -> None:
        """Stop the call at once (its owner's `stop`)."""
        self.end("cancelled")

    def say_goodbye(self) -> None:
        """End the call politely and soon: this process has to stop."""
        if self._ready and not self.over:
            self._limit_reached("total")

    def machine_heard(self) -> None:
        """The carrier took whoever picked up for a machine."""
        if self._ready and not self.over:
            self._log.emit(self._timeline.now_ms(), "signal", kind="machine")
            self._mind.signal(MachineHeard())

    def keys_pressed(self) -> None:
        """The keys that the call ordered were pressed while its stream stayed open: its end is a hang-up again."""
        if self._ready:
            self._watch.awaiting_digits = False

    @property
    def bridge(self) -> Bridge | None:
        """Where a human may take the call over; None: the call is not up (any more)."""
        return self._bridge if self._ready and not self.over else None

    async def hand_over(self, number: str) -> bool:
        """Connect the other party to `number` (E.164) for good, as ordered; False: the call is not up."""
        if not self._ready or self.over:
            return False
        await self._acts.hand_over(number, target=number)
        return True

    # The call.

    async def run(self) -> CallReport:
        """Hold the call until it is over; returns its report. Raises nothing of the call's own making."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._services.session.attach_timeout_ms / 1000):
                await self._attached.wait()
        if self._link is None:
            await self._tape.discard()
            return closing.unconnected(self.spec, DialStatus.CANCELED if self.over else DialStatus.FAILED)
        entry = self._resume
        self._timeline = Timeline(self._services.clock, elapsed_ms=entry.elapsed_ms if entry else 0.0)
        self._ended_ms = self._timeline.now_ms()
        self._log = EventLog(self._sink, first=entry.next_sequence if entry else 1)
        self._watch = Watch(
            self._timeline,
            self._services.session,
            self._log,
            limits=LimitWatch(self.spec.limits, started_ms=self._timeline.now_ms()),
            limit=self._limit_reached,
            end=self.end,
        )
        cause = await self._guarded()
        return await self._close(cause)

    async def _guarded(self) -> EndCause:
        """One of the four edges at which anything is caught: a defect ends this call and no other."""
        try:
            return await self._listen_and_hold()
        except Exception:  # the call's edge
            log.exception("call.crashed", call_id=self.spec.call_id)
        self._ended_ms = self._timeline.now_ms()
        with suppress(UpstreamFailed):  # Nothing more can be done for this line.
            await self._services.control.hang_up(self.call_sid or "")
        return "failed"

    async def _listen_and_hold(self) -> EndCause:
        """Hold the call with its recognizer; where there is none, only to apologise."""
        try:
            request = STTRequest(call_id=self.spec.call_id, language=self.spec.language)
            async with self._services.stt.open(request) as stream:
                return await self._hold(stream, self._mind_opens)
        except (UpstreamFailed, QuotaExceeded) as error:
            if self._ready:
                raise
            failure = error
        return await self._hold(DeafStream(), lambda: self._apologise(failure))

    async def _hold(self, stream: STTStream, begin: Callable[[], Awaitable[None]]) -> EndCause:
        async with asyncio.TaskGroup() as tasks:
            self._assemble(stream, tasks)
            running = [
                tasks.create_task(self._listen(stream), name="listen"),
                tasks.create_task(self._mouth.run(), name="mouth"),
                tasks.create_task(self._pulse(), name="pulse"),
                tasks.create_task(self._mind.run(), name="mind"),
            ]
            self._become_ready()
            await begin()
            cause = await self._ended
            self._bridge.close()
            await self._wind_down(cause)
            for task in running:
                task.cancel()
            self._mind.stop()
        return cause

    async def _mind_opens(self) -> None:
        if self._resume is None:
            await self._mind.open()

    def _become_ready(self) -> None:
        self._ready = True
        self._log.emit(self._timeline.now_ms(), "call.answered", direction=self.spec.direction)
        if self._link is not None:
            self._stream_opened(self._link)
        while self._backlog:
            self.media(*self._backlog.popleft())

    def _assemble(self, stream: STTStream, tasks: asyncio.TaskGroup) -> None:
        services, spec = self._services, self.spec
        conversation, machine, turns = recall(spec, services.turns, self._resume)
        brain = Brain(conversation, services.llm, services.brain, group=tasks, knowledge=services.knowledge)
        self._brain = brain
        self._acts = self._assemble_acts()
        self._floor = Floor(
            machine=machine,
            brain=brain,
            timeline=self._timeline,
            transcript=Transcript(turns),
            log=self._log,
            line=self,
        )
        self._mouth = Mouth(
            Playout(services.playout), self._timeline, on_sent=self._sent, on_played=self._floor.audio_played
        )
        detectors: tuple[ChannelWatch, ...] = ()
        if spec.direction == "outbound":
            detectors = (ChannelWatch(on_beep=self._beep, on_music=self._music),)
        self._ear = Ear(
            stt=stream,
            on_frame=self._floor.frame,
            preroll_ms=services.session.preroll_ms,
            detectors=detectors,
        )
        self._mind = Mind(
            brain=brain,
            mouth=self._mouth,
            speech=Synthesizer(services.tts, tasks, first_chunk_ms=services.session.tts_first_chunk_ms),
            toolbox=Toolbox(
                call_id=spec.call_id,
                calendar=services.calendar,
                knowledge=services.knowledge,
                timeout_ms=services.session.tool_timeout_ms,
            ),
            timeline=self._timeline,
            floor=self._floor,
            line=self._acts,
            tasks=tasks,
            settings=services.session,
            language=spec.language,
            voice=voice_of(spec, services.tts),
        )
        self._floor.connect(ear=self._ear, mouth=self._mouth, mind=self._mind)
        self._bridge = self._assemble_bridge(tasks)
        self._acts.transfers = self._bridge.transfers

    def _assemble_bridge(self, tasks: asyncio.TaskGroup) -> Bridge:
        return Bridge(
            self.spec,
            self._services,
            timeline=self._timeline,
            log=self._log,
            floor=self._floor,
            mind=self._mind,
            mouth=self._mouth,
            ear=self._ear,
            tape=self._tape,
            tasks=tasks,
            on_back=self._leads_again,
            on_over=lambda: self.end("human_left"),
        )

    def _assemble_acts(self) -> LineActs:
        return LineActs(
            self.spec,
            self.call_sid or "",
            self._services.control,
            timeline=self._timeline,
            log=self._log,
            watch=self._watch,
            tape=self._tape,
            end=self.end,
            failed=self.provider_failed,
        )

    async def _listen(self, stream: STTStream) -> None:
        try:
            async for hypothesis in stream.hypotheses():
                self._floor.hypothesis(hypothesis)
        except UpstreamFailed as error:
            await self._apologise(error)

    async def _pulse(self) -> None:
        await self._watch.run(floor=self._floor, mind=self._mind, brain=self._brain, flush=self._tape.flush)

    # What the parts report.

    def _sent(self, media: SendMedia) -> None:
        media_ms = self._timeline.media_at(media.play_at_ms)
        pcm = mulaw.decode(media.payload)
        self._tape.engine(media_ms, pcm)
        self._ear.engine_played(media_ms, pcm)
        self._floor.audio_sent(media.epoch, play_at_ms=media.play_at_ms)

    def playback_cleared(self) -> None:
        """Playback was cleared: nothing of the engine sounds from now on."""
        media_ms = self._timeline.media_at(self._timeline.now_ms())
        self._tape.truncate_engine(media_ms)
        self._ear.engine_cleared(media_ms)

    def _beep(self, media_ms: int) -> None:
        self._log.emit(self._timeline.now_ms(), "signal", kind="beep", media_ms=media_ms)
        self._mind.signal(Beep(), urgent=True)

    def _music(self, playing: bool) -> None:
        self._log.emit(self._timeline.now_ms(), "signal", kind="music", playing=playing)
        self._floor.dispatch(MusicChanged(playing=playing))
        self._mind.signal(Music(playing=playing))

    def human_spoke(self) -> None:
        """Whoever waits for silence to pass starts anew."""
        self._watch.wake_after(None)

    def provider_failed(self, error: UpstreamFailed) -> None:
        """No substitute is left: the call cannot go on."""
        self._log.emit(self._timeline.now_ms(), "provider.failed", provider=error.provider, code=error.code)
        self.end("failed")

    async def _apologise(self, error: VoiceEngineError) -> None:
        """We cannot hear (any more), but may still speak: say so rather than fall silent."""
        self._log.emit(self._timeline.now_ms(), "provider.failed", provider="stt", code=error.code)
        if self._bridge.active:  # Two humans do not need us to hear: they are not disturbed.
            self._deaf = True
        else:
            self._say_deaf()

    def _say_deaf(self) -> None:
        self._watch.hearing_failed()
        self._mind.say(apology_steps(self.spec.language), urgent=True)

    def _limit_reached(self, which: Which) -> None:
        """The engine says goodbye, also for a human who leads the call."""
        self._bridge.leave("limit")
        self._mind.signal(TimeLimit(which=which), urgent=True)

    def _leads_again(self) -> None:
        """A human has handed the call back."""
        if self._deaf:
            self._say_deaf()

    def reply_over(self) -> None:
        """Keep what another session would need to go on from here."""
        if not self._ended.done():
            now_ms, dialogue = self._timeline.now_ms(), self._brain.conversation
            entry = partial(closing.journal_entry, self.spec.call_id, dialogue, self._floor, elapsed_ms=now_ms)
            self._journal.write(entry)

    # The end.

    async def _wind_down(self, cause: EndCause) -> None:
        """Let the recognizer finish what was being said, settle the replies, free the line."""
        self._ended_ms = self._timeline.now_ms()
        utterance = self._ear.open_utterance_id
        if utterance is not None and cause in {"stopped", "lost"}:
            self._ear.close_utterance(utterance)
            self._ear.request(utterance, "final")
            await self._floor.await_final(utterance, timeout_ms=self._services.session.last_words_ms)
        self._brain.stop()
        self._floor.hang_up()
        self.playback_cleared()
        if cause in {"stopped", "lost"}:
            self._brain.conversation.on_command(HungUpCommand(), self._ended_ms)
        elif cause == "transferred":
            self._brain.conversation.on_command(TransferEnded(target=self._acts.handed_to or ""), self._ended_ms)
        else:
            with suppress(UpstreamFailed):  # The call is over for us; the carrier's own limits end it there.
                await self._services.control.hang_up(self.call_sid or "")

    async def _close(self, cause: EndCause) -> CallReport:
        counters = Counters(
            frames_in=self._frames_in,
            frames_out=self._mouth.frames_out,
            barge_ins=self._floor.barge_ins,
            false_interruptions=self._floor.false_interruptions,
            clears=self._mouth.clears,
            gaps=self._gaps,
        )
        report = closing.report(
            self.spec,
            self._brain.conversation,
            self._floor.transcript.turns,
            cause=cause,
            connected_ms=self._ended_ms,
            counters=counters,
            human=self._bridge.joined,
            handed_to=self._acts.handed_to if cause == "transferred" else self._bridge.transferred_to,
        )
        await self._tape.close()
        self._journal.forget()
        if self._stream is not None:
            await self._stream.close()
        self._log.emit(
            self._ended_ms,
            "call.ended",
            cause=cause,
            status=report.outcome.status,
            disposition=report.outcome.disposition,
            credits=report.credits_used,
        )
        return report
