"""Turn-taking performed: steps the turn machine and carries out its effects, in order, in the same tick.

Owns the replies' records and the transcript. Synchronous throughout; whatever has to wait is queued to the mind.
"""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Protocol, assert_never

from voice_engine.core.dialogue.commands import Silence, Unintelligible, Whispered
from voice_engine.core.dialogue.whisper import kind_of
from voice_engine.core.turns.effects import (
    ClearPlayout,
    CloseUtterance,
    DropUtterance,
    HoldPlayout,
    InterruptCaller,
    NoteBackchannel,
    OpenUtterance,
    PrepareReply,
    ReportSilence,
    ReportUnintelligible,
    RequestHypothesis,
    ResumePlayout,
    StartReply,
    TurnEffect,
)
from voice_engine.core.turns.events import (
    ContextChanged,
    FrameHeard,
    HungUp,
    HypothesisHeard,
    ReplyAudible,
    ReplyEnded,
    SpeechWanted,
    TurnEvent,
)
from voice_engine.core.turns.machine import TurnMachine
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.stt import Hypothesis
from voice_engine.runtime.brain import Brain, Clause
from voice_engine.runtime.ear import Ear
from voice_engine.runtime.events import EventLog
from voice_engine.runtime.mind import Mind
from voice_engine.runtime.mouth import Mouth
from voice_engine.runtime.reply import Ended, Reply
from voice_engine.runtime.timeline import Timeline
from voice_engine.runtime.transcript import Transcript


class LineEvents(Protocol):
    """What the session around the floor is told."""

    def human_spoke(self) -> None:
        """A human turn began to be answered."""
        ...

    def playback_cleared(self) -> None:
        """From now on nothing of the engine sounds."""
        ...

    def reply_over(self) -> None:
        """A reply ended and its text is committed: a good moment for the journal."""
        ...

    def provider_failed(self, error: UpstreamFailed) -> None:
        """A provider failed without a substitute."""
        ...


class Floor:
    """The one place where the turn machine is stepped. `connect` completes the wiring before use."""

    def __init__(
        self,
        *,
        machine: TurnMachine,
        brain: Brain,
        timeline: Timeline,
        transcript: Transcript,
        log: EventLog,
        line: LineEvents,
    ) -> None:
        self.machine = machine
        self.transcript = transcript
        self._brain = brain
        self._timeline = timeline
        self._log = log
        self._line = line
        self._events: deque[TurnEvent] = deque()
        self._busy = False
        self._replies: dict[int, Reply] = {}
        self._context = ContextChanged()
        self.unconsumed: dict[int, Hypothesis] = {}
        """The newest hypothesis of each utterance that is not yet part of a turn."""
        self._answered = 0
        """The newest utterance that a turn has taken: a decode of it that comes late is no news."""
        self._starts: dict[int, int] = {}
        self._awaited: dict[int, asyncio.Event] = {}
        self.human_turns = 0
        self.barge_ins = 0
        self.false_interruptions = 0
        self.muted = False
        """Somebody else speaks for the engine: turns of the other party are written down, none is answered."""

    def connect(self, *, ear: Ear, mouth: Mouth, mind: Mind) -> None:
        """Give the parts whose construction needs the floor."""
        self._ear = ear
        self._mouth = mouth
        self._mind = mind

    @property
    def next_sequence(self) -> int:
        """The number of the call's next event."""
        return self._log.next_sequence

    @property
    def speaking(self) -> bool:
        """Whether a reply has the floor."""
        return bool(self._replies)

    def frame(self, frame: FrameHeard, now_ms: float) -> None:
        """One frame of caller audio: the hot path. Frames never arrive while effects are being performed."""
        effects = self.machine.step(frame, now_ms)
        if effects:
            self._busy = True
            try:
                for effect in effects:
                    self._perform(effect)
            finally:
                self._busy = False
            self._drain()

    def dispatch(self, event: TurnEvent) -> None:
        """Step the machine and perform its effects; events that these cause follow in order."""
        self._events.append(event)
        if not self._busy:
            self._drain()

    def _drain(self) -> None:
        self._busy = True
        try:
            while self._events:
                for effect in self.machine.step(self._events.popleft(), self._timeline.now_ms()):
                    self._perform(effect)
        finally:
            self._busy = False

    def hypothesis(self, hypothesis: Hypothesis) -> None:
        """The recognizer answered."""
        if hypothesis.text and hypothesis.utterance_id > self._answered:
            self.unconsumed[hypothesis.utterance_id] = hypothesis
            self._log.emit(self._timeline.now_ms(), "transcript.interim", pii_text=hypothesis.text)
        if hypothesis.final and (event := self._awaited.get(hypothesis.utterance_id)):
            event.set()
        self.dispatch(
            HypothesisHeard(
                utterance_id=hypothesis.utterance_id,
                text=hypothesis.text,
                until_ms=hypothesis.until_ms,
                final=hypothesis.final,
                sureness=hypothesis.sureness,
                alternatives=hypothesis.alternatives,
            )
        )

    # A human takes over.

    def mute(self) -> None:
        """Stop speaking at once and answer no more: the other party's turns are only written down."""
        self.muted = True
        for reply in list(self._replies.values()):
            if reply.task is not None:
                reply.task.cancel()
            elif reply.order.text is not None:
                order = reply.order
                self._tell(
                    order.text or "", start_ms=order.start_ms, end_ms=order.end_ms, turn=reply.human_turn or 0
                )
            heard = self._mouth.clear(reply.id)
            self._line.playback_cleared()
            self._commit(reply, heard=heard)
            self._end(reply, "cleared")
        self.context_changed()

    def unmute(self) -> None:
        """The engine answers again."""
        self.muted = False
        self.context_changed()

    def agent_spoke(self, text: str, *, start_ms: int, end_ms: int) -> None:
        """Write down what the human said who has taken the call over (media time of the call)."""
        turn = self.transcript.add_human(text, start_ms=start_ms, end_ms=end_ms, agent=True)
        self._overhear(text, start_ms=start_ms, end_ms=end_ms, turn=turn, agent=True)
        self._log.emit(
            self._timeline.now_ms(),
            "turn.human",
            turn=turn,
            pii_text=text,
            start_ms=start_ms,
            end_ms=end_ms,
            agent=True,
        )

    def whisper(self, text: str) -> None:
        """The call's owner writes to the engine alone: kept with the events, and no line of the transcript."""
        understood = kind_of(self._brain.conversation.read_whisper(text))
        self._log.emit(self._timeline.now_ms(), "call.whispered", pii_text=text, understood=understood)
        self._mind.signal(Whispered(text=text, later=self.machine.caller_has_floor))

    # The end of the call.

    async def await_final(self, utterance_id: int, *, timeout_ms: float) -> None:
        """Wait for the final hypothesis of an utterance, at most `timeout_ms`."""
        event = self._awaited.setdefault(utterance_id, asyncio.Event())
        with suppress(TimeoutError):  # What is known by then is what was said.
            async with asyncio.timeout(timeout_ms / 1000):
                await event.wait()

    def hang_up(self) -> None:
        """The line is gone: settle what was playing, then let the conversation hear the last words."""
        unheard = [reply for reply in self._replies.values() if reply.task is None and reply.order.text is not None]
        for reply in list(self._replies.values()):
            self._cut(reply)
        for reply in unheard:
            order = reply.order
            self._tell(order.text or "", start_ms=order.start_ms, end_ms=order.end_ms, turn=reply.human_turn or 0)
        self._take_last_words()
        self.dispatch(HungUp())

    def _cut(self, reply: Reply) -> None:
        if reply.task is not None:
            reply.task.cancel()
        self._commit(reply, heard=self._mouth.heard(reply.id).text)
        reply.ended = "failed"
        reply.over.set()
        self._replies.pop(reply.id, None)

    def _take_last_words(self) -> None:
        pending = [self.unconsumed[key] for key in sorted(self.unconsumed)]
        self.unconsumed.clear()
        text = " ".join(hypothesis.text for hypothesis in pending).strip()
        if not text:
            return
        start_ms = self._starts.get(pending[0].utterance_id, pending[0].until_ms)
        end_ms = pending[-1].until_ms
        turn = self.transcript.add_human(text, start_ms=start_ms, end_ms=end_ms)
        if self.muted:
            self._overhear(text, start_ms=start_ms, end_ms=end_ms, turn=turn)
        else:
            self._tell(text, start_ms=start_ms, end_ms=end_ms, turn=turn)

    def _overhear(self, text: str, *, start_ms: int, end_ms: int, turn: int, agent: bool = False) -> None:
        """The conversation learns of words that a human of ours said, or was told."""
        due = self._brain.conversation.on_overheard(text, start_ms=start_ms, end_ms=end_ms, turn=turn, agent=agent)
        self._mind.overheard(due)

    def _tell(self, text: str, *, start_ms: int, end_ms: int, turn: int) -> None:
        """The conversation learns of words that will not be answered any more."""
        self._brain.conversation.on_utterance(
            text, start_ms=start_ms, end_ms=end_ms, turn=turn, now_ms=self._timeline.now_ms()
        )

    # What the mind reports (mind.Floor).

    def want_floor(self, key: str, *, urgent: bool) -> None:
        """Ask the machine for the floor."""
        self.dispatch(SpeechWanted(key=key, urgent=urgent))

    def clause_begins(self, reply: Reply, clause: Clause) -> None:
        """Write the clause into the transcript and protect the reply if it must not be interrupted."""
        reply.clauses.append(clause.text)
        reply.interruptible = reply.interruptible and clause.interruptible
        if reply.engine_turn is None:
            reply.engine_turn = self.transcript.add_engine(
                clause.text, start_ms=self._timeline.media_at(self._timeline.now_ms())
            )
        else:
            self.transcript.extend_engine(reply.engine_turn, clause.text)
        self._log.emit(self._timeline.now_ms(), "reply.clause", reply=reply.id, pii_text=clause.text)
        self.context_changed(interruptible=reply.interruptible)

    def reply_generated(self, reply: Reply) -> None:
        """A reply without audio is over at once."""
        if not reply.clauses and reply.ended is None:
            self._end(reply, "played")

    def reply_failed(self, reply: Reply, error: UpstreamFailed) -> None:
        """The reply ends as failed and the session decides what becomes of the call."""
        if reply.ended is None:
            self._commit(reply, heard=self._mouth.heard(reply.id).text)
            self._end(reply, "failed")
        self._line.provider_failed(error)

    def context_changed(self, *, interruptible: bool = True) -> None:
        """Tell the machine what the conversation expects now, if that is new."""
        conversation = self._brain.conversation
        context = ContextChanged(
            expecting=None if self.muted else conversation.expecting,
            on_hold=conversation.on_hold or self.muted,  # whoever talks to a human is neither hurried nor cut off
            listening_to_menu=conversation.listening_to_menu,
            interruptible=interruptible,
        )
        if context != self._context:
            self._context = context
            self.dispatch(context)

    # What the mouth reports.

    def audio_sent(self, epoch: int, *, play_at_ms: float) -> None:
        """A slice of the reply was handed to the carrier."""
        reply = self._replies.get(epoch)
        if reply is None or reply.audible:
            return
        reply.audible = True
        sent_ms = self._timeline.media_at(self._timeline.now_ms())
        latency = reply.latency(started_media_ms=self._timeline.media_at(reply.taken_ms), sent_media_ms=sent_ms)
        if reply.engine_turn is not None:
            self.transcript.started(
                reply.engine_turn, start_ms=self._timeline.media_at(play_at_ms), latency=latency
            )
        facts = {"latency_ms": latency.total, "latency": asdict(latency)} if latency else {"latency_ms": None}
        self._log.emit(self._timeline.now_ms(), "reply.started", reply=epoch, **facts)
        self.dispatch(ReplyAudible(reply_id=epoch))

    def audio_played(self, epoch: int) -> None:
        """The reply's last audio was played."""
        reply = self._replies.get(epoch)
        if reply is not None:
            self._commit(reply, heard=None)
            self._end(reply, "played")

    # Effects.

    def _perform(self, effect: TurnEffect) -> None:
        match effect:
            case OpenUtterance() | CloseUtterance() | DropUtterance() | RequestHypothesis():
                self._listen(effect)
            case StartReply():
                self._start(effect)
            case HoldPlayout():
                self._mouth.hold(effect.reply_id)
                self._log.emit(self._timeline.now_ms(), "reply.held", reply=effect.reply_id)
            case ResumePlayout():
                self._resume(effect.reply_id)
            case ClearPlayout():
                self._clear(effect)
            case PrepareReply():
                self._mind.prepare(effect.text)
            case ReportSilence():
                self._mind.signal(Silence(silent_ms=effect.silent_ms, count=effect.count))
            case ReportUnintelligible():
                self._mind.signal(Unintelligible())
            case NoteBackchannel() | InterruptCaller():
                self._note(effect)
            case _:
                assert_never(effect)

    def _note(self, effect: NoteBackchannel | InterruptCaller) -> None:
        if isinstance(effect, NoteBackchannel):
            self.unconsumed.pop(effect.utterance_id, None)
            self._log.emit(self._timeline.now_ms(), "backchannel", pii_text=effect.text)
        else:
            self._log.emit(self._timeline.now_ms(), "caller.interrupted")

    def _listen(self, effect: OpenUtterance | CloseUtterance | DropUtterance | RequestHypothesis) -> None:
        match effect:
            case OpenUtterance():
                self._starts = {effect.utterance_id: effect.start_ms, **self._recent_starts()}
                self._ear.open_utterance(effect.utterance_id, effect.start_ms)
                self._log.emit(self._timeline.now_ms(), "speech.started", start_ms=effect.start_ms)
            case CloseUtterance():
                self._ear.close_utterance(effect.utterance_id)
                self._heard_speech(effect.speech, kept=True)
            case DropUtterance():
                self._ear.drop_utterance(effect.utterance_id)
                self.unconsumed.pop(effect.utterance_id, None)
                self._heard_speech(effect.speech, kept=False)
            case RequestHypothesis():
                self._ear.request(effect.utterance_id, effect.reason)

    def _heard_speech(self, speech: tuple[tuple[int, int], ...], *, kept: bool) -> None:
        """Runs of speech are over; not `kept`: they were noise, echo or a listener's "mm-hm"."""
        if speech:
            self._log.emit(self._timeline.now_ms(), "speech.ended", speech=speech, kept=kept)

    def _resume(self, reply_id: int) -> None:
        self.false_interruptions += 1
        self._mouth.resume(reply_id)
        self._log.emit(self._timeline.now_ms(), "reply.resumed", reply=reply_id)

    def _recent_starts(self) -> dict[int, int]:
        return {key: start for key, start in self._starts.items() if key in self.unconsumed}

    def _start(self, order: StartReply) -> None:
        human_turn = None if order.text is None else self._take_turn(order, order.text)
        if self.muted:
            self._events.append(ReplyEnded(reply_id=order.reply_id, how="played"))
            return
        self.human_turns += human_turn is not None
        reply = Reply(order, self._brain.conversation.fork(), human_turn)
        self._replies[reply.id] = reply
        self._mind.reply(reply)

    def _take_turn(self, order: StartReply, text: str) -> int:
        """Write down the turn that the other party has ended; its place in the transcript."""
        turn = self.transcript.add_human(text, start_ms=order.start_ms, end_ms=order.end_ms)
        self._answered = max(self.unconsumed, default=self._answered)
        self.unconsumed.clear()
        self._line.human_spoke()
        self._log.emit(
            self._timeline.now_ms(),
            "turn.human",
            turn=turn,
            pii_text=text,
            start_ms=order.start_ms,
            end_ms=order.end_ms,
            decided_ms=order.decided_ms,
        )
        if self.muted:
            self._overhear(text, start_ms=order.start_ms, end_ms=order.end_ms, turn=turn)
        return turn

    def _clear(self, effect: ClearPlayout) -> None:
        reply = self._replies.get(effect.reply_id)
        if reply is None:
            return
        if reply.task is not None:
            reply.task.cancel()
        heard = self._mouth.clear(reply.id)
        self._line.playback_cleared()
        if effect.withdrawn and not reply.lasting:
            self._withdraw(reply)
        else:
            self.barge_ins += reply.audible
            self._log.emit(self._timeline.now_ms(), "barge_in", reply=reply.id)
            self._commit(reply, heard=heard)
        self._end(reply, "cleared")

    def _withdraw(self, reply: Reply) -> None:
        """The caller went on with the turn that this reply answers: it never happened."""
        self._brain.rewind(reply.before)
        if reply.human_turn is not None:
            self.transcript.withdraw_from(reply.human_turn)
            self.human_turns -= 1
        self._log.emit(self._timeline.now_ms(), "reply.withdrawn", reply=reply.id)

    def _commit(self, reply: Reply, *, heard: str | None) -> None:
        """Write what was heard (None: all of it) into history and transcript, before anything else can happen."""
        if not reply.clauses:
            return
        interrupted = heard is not None
        text = reply.text
        heard = text if heard is None else heard
        self._brain.conversation.on_spoken(text, heard, interrupted)
        now_ms = self._timeline.now_ms()
        span: dict[str, Any] = {}
        if reply.engine_turn is not None:
            end_ms = self._timeline.media_at(now_ms)
            self.transcript.ended(reply.engine_turn, end_ms=end_ms, heard=heard, interrupted=interrupted)
            line = self.transcript.turns[reply.engine_turn]
            span = {"start_ms": line.start_ms, "end_ms": end_ms}
            if line.latency is not None:
                span["latency"] = asdict(line.latency)
        self._log.emit(
            now_ms,
            "turn.ai",
            turn=reply.engine_turn,
            reply=reply.id,
            pii_text=text,
            pii_heard=heard,
            interrupted=interrupted,
            **span,
        )

    def _end(self, reply: Reply, how: Ended) -> None:
        reply.ended = how
        reply.over.set()
        self._replies.pop(reply.id, None)
        self._log.emit(self._timeline.now_ms(), "reply.ended", reply=reply.id, how=how)
        self.context_changed()
        self.dispatch(ReplyEnded(reply_id=reply.id, how=how))
        self._line.reply_over()
