"""Who has the floor: stepped with every event of a call, returns what is to be done. Pure.

The caller's half is `listening`, the engine's `speaking`; `interruption` judges speech over a reply, `endpointing`
how long a silence ends a turn.

| floor            | event                                  | effects                         | next           |
|------------------|----------------------------------------|---------------------------------|----------------|
| free             | turn over: silence ≥ wait, text known  | StartReply(text)                | reply          |
| free             | turn over without words                | ReportUnintelligible, if speech | free           |
| free             | SpeechWanted                           | StartReply(key)                 | reply          |
| free             | silence ≥ idle time                    | ReportSilence                   | free           |
| caller's         | pause and text                         | PrepareReply                    | caller's       |
| caller's         | pause and SpeechWanted(urgent)         | StartReply(key); the turn waits | reply          |
| caller's         | talks too long                         | InterruptCaller, StartReply     | reply (forced) |
| reply            | speech begins                          | OpenUtterance, HoldPlayout      | reply, held    |
| reply, held      | it was noise / a backchannel           | Resume, Drop / Note             | reply          |
| reply, held      | it was an interruption                 | ClearPlayout                    | clearing       |
| reply, protected | speech begins / before its first audio | none / Hold until they stop     | reply          |
| reply            | DigitPressed                           | ClearPlayout                    | clearing       |
| reply, clearing  | ReplyEnded                             | –                               | free           |
| any              | HungUp                                 | –                               | over           |

One reply is live at a time; a reply is live from StartReply to its ReplyEnded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from .effects import InterruptCaller, PrepareReply, ReportSilence, ReportUnintelligible, TurnEffect
from .endpointing import CallerPace, Ending, ending_of, ends_sentence, is_doubtful, required_wait_ms
from .events import (
    ContextChanged,
    DigitPressed,
    FrameHeard,
    HungUp,
    HypothesisHeard,
    MusicChanged,
    ReplyAudible,
    ReplyEnded,
    SpeechWanted,
    TimePassed,
    TurnEvent,
)
from .hearing import FRAME_MS
from .idle import IdleTimer
from .interruption import Verdict, judge
from .listening import LATE_ONSET_PREROLL_MS, Listener
from .settings import TurnSettings
from .speaking import Speaker
from .turn import LiveReply, Turn, Utterance
from .words import is_backchannel

SNAPSHOT_VERSION = 1
_STALL_MS = 1000
"""Silence is assumed only after media has been missing this long: a late burst may bring speech."""
_NOTHING: Sequence[TurnEffect] = ()


class TurnMachine:
    """One call's floor. Times: `now_ms` is the session's clock, media time is counted in frames."""

    def __init__(self, settings: TurnSettings, language: str) -> None:
        self._settings = settings
        self._language = language
        self._ear = Listener(settings)
        self._mouth = Speaker(settings, self._ear)
        self._pace = CallerPace(settings)
        self._idle = IdleTimer(settings.idle_prompt_ms)
        self._context = ContextChanged()
        self._wanted: list[SpeechWanted] = []
        self._frame_at_ms = 0.0
        self._music = False
        self._punctuates = False
        self._over = False

    @property
    def caller_has_floor(self) -> bool:
        """Whether a turn of theirs is under way: being spoken, or its words not known yet."""
        return self._ear.turn is not None

    def step(self, event: TurnEvent, now_ms: float) -> Sequence[TurnEffect]:
        """Take one event at `now_ms` (which never decreases) and return the effects, in order."""
        if self._over:
            return _NOTHING
        if type(event) is FrameHeard:
            return self._frame(event, now_ms)
        self._idle.begin(now_ms)
        self._take(event, now_ms)
        if not self._over:
            self._advance(now_ms)
        return self._hand_over()

    def _hand_over(self) -> Sequence[TurnEffect]:
        out = self._ear.out
        if not out:
            return _NOTHING
        self._ear.out = []
        return out

    def _frame(self, event: FrameHeard, now_ms: float) -> Sequence[TurnEffect]:
        ear = self._ear
        ear.media_ms = event.media_ms + FRAME_MS
        self._frame_at_ms = now_ms
        speech = ear.gate.hear(event.voiced, event.level_dbfs)
        utterance = ear.utterance
        if utterance is not None:
            if speech:
                ear.continue_utterance(utterance, event.level_dbfs)
        elif speech:
            if not self._music:
                self._begin(event)
        elif ear.turn is None and self._mouth.deferred is None and not self._wanted and now_ms < self._idle.due_ms:
            return _NOTHING
        self._idle.begin(now_ms)
        self._advance(now_ms)
        return self._hand_over()

    def _take(self, event: TurnEvent, now_ms: float) -> None:  # noqa: C901, PLR0912  # a flat table
        match event:
            case HypothesisHeard():
                self._heard(event, now_ms)
            case SpeechWanted():
                if all(wanted.key != event.key for wanted in self._wanted):
                    self._wanted.append(event)
            case ReplyAudible():
                self._mouth.audible(event.reply_id)
            case ReplyEnded():
                self._reply_ended(event, now_ms)
            case ContextChanged():
                self._context_changed(event, now_ms)
            case DigitPressed():
                self._idle.spoken()
                self._idle.restart(now_ms)
                if self._mouth.reply is not None and self._context.interruptible:
                    self._mouth.clear(self._mouth.reply, withdrawn=False)
            case MusicChanged():
                self._music_changed(event, now_ms)
            case HungUp():
                self._over = True
            case TimePassed():
                pass
            case FrameHeard():
                raise AssertionError("frames have their own way in")
            case _:
                assert_never(event)

    # The caller's side.

    def _begin(self, frame: FrameHeard) -> None:
        """Speech may have begun: open an utterance and, if a reply is on, react to it."""
        turn = self._ear.turn
        if turn is not None and turn.forced:
            return  # they are being interrupted: what they still say belongs to no turn
        reply = self._mouth.reply
        utterance = self._ear.onset(frame, strict=reply is not None and reply.audible_ms is not None)
        turn = self._ear.turn
        if utterance is None or turn is None:
            return
        if len(turn.utterances) == 1:
            self._reckon_wait(turn)
        if reply is None or reply.clearing:
            return
        utterance.over_reply = True
        utterance.early = reply.audible_ms is None or utterance.start_ms <= reply.audible_ms
        if reply.forced or (not self._context.interruptible and reply.audible_ms is not None):
            return
        self._mouth.hold(reply)

    def _heard(self, event: HypothesisHeard, now_ms: float) -> None:
        utterance = self._ear.answered(event)
        turn = self._ear.turn
        if utterance is None or turn is None:
            return
        self._punctuates = self._punctuates or ends_sentence(utterance.text)
        self._reckon_wait(turn)
        if self._mouth.reply is not None or turn.forced or self._settings.endpointing_fixed_ms is not None:
            return
        if self._silence_ms(turn, now_ms) >= turn.wait_ms:
            return  # the turn ends now: there is nothing to prepare any more
        text = turn.text
        if not text or text == turn.prepared or not all(u.known for u in turn.utterances):
            return
        if ending_of(text, self._language, self._context.expecting) is not Ending.CUED:
            turn.prepared = text
            self._ear.out.append(PrepareReply(text=text))

    def _reckon_wait(self, turn: Turn) -> None:
        last = turn.utterances[-1]
        turn.wait_ms = required_wait_ms(
            self._settings,
            turn.text,
            language=self._language,
            context=self._context,
            extra_ms=self._pace.extra_ms,
            punctuates=self._punctuates,
            doubtful=is_doubtful(self._settings, self._language, last.sureness, last.alternatives),
        )

    # What follows from the state, after every event.

    def _advance(self, now_ms: float) -> None:
        ear = self._ear
        if ear.utterance is not None:
            self._attend(ear.utterance, now_ms)
        if self._mouth.deferred is not None:
            self._mouth.weigh_deferred()
        if ear.turn is not None:
            self._weigh_turn(ear.turn, now_ms)
        if self._wanted and self._mouth.reply is None:
            self._weigh_wanted(now_ms)
        if now_ms >= self._idle.due_ms:
            self._weigh_idle(now_ms)

    def _attend(self, utterance: Utterance, now_ms: float) -> None:
        reply = self._mouth.reply
        if reply is not None and reply.held and utterance.over_reply and not reply.clearing:
            self._weigh_interruption(reply, utterance, now_ms)
            return
        self._ear.attend(utterance, now_ms)
        if reply is not None and reply.forced:
            self._weigh_forced(reply, utterance, now_ms)

    def _weigh_forced(self, reply: LiveReply, utterance: Utterance, now_ms: float) -> None:
        """The caller who was interrupted has stopped: from now on their speech is a barge-in again."""
        if self._ear.media_ms - utterance.end_ms >= self._settings.forced_quiet_ms:
            reply.forced = False
            if utterance.open:
                self._ear.close(utterance, now_ms)

    def _weigh_interruption(self, reply: LiveReply, utterance: Utterance, now_ms: float) -> None:
        ear, mouth = self._ear, self._mouth
        if not self._context.interruptible:
            ear.attend(utterance, now_ms)
            if ear.media_ms - utterance.end_ms >= self._settings.forced_quiet_ms:
                mouth.resume(reply)
            return
        verdict = judge(self._settings, utterance, language=self._language, media_ms=ear.media_ms, now_ms=now_ms)
        match verdict:
            case Verdict.WAIT:
                pass
            case Verdict.ASK:
                ear.ask(utterance, "barge_in", now_ms)
            case Verdict.CLEAR:
                self._accept(reply, utterance)
            case Verdict.NOISE:
                ear.drop(utterance)
                mouth.resume(reply)
            case Verdict.BACKCHANNEL:
                mouth.set_aside(utterance, may_answer=self._context.expecting is not None)
                mouth.resume(reply)
            case _:
                assert_never(verdict)

    def _accept(self, reply: LiveReply, utterance: Utterance) -> None:
        """The caller has the floor. What they said before a reply without audio is part of this turn."""
        withdrawn = utterance.early and reply.turn is not None
        turn = self._ear.turn
        assert turn is not None
        if withdrawn and reply.turn is not None:
            turn.utterances[:0] = reply.turn.utterances
        if reply.turn is not None and utterance.start_ms - reply.decided_ms <= self._settings.cut_window_ms:
            reply.cut = True
            self._pace.turn_was_cut()
        self._reckon_wait(turn)
        utterance.over_reply = False
        self._mouth.clear(reply, withdrawn=withdrawn)

    def _silence_ms(self, turn: Turn, now_ms: float) -> float:
        return self._ear.media_ms - turn.end_ms + self._stalled_ms(now_ms)

    def _stalled_ms(self, now_ms: float) -> float:
        """How long media has been missing, beyond the time in which a late burst may still come."""
        return max(0.0, now_ms - self._frame_at_ms - _STALL_MS)

    def _stirring(self, now_ms: float) -> bool:
        """Whether the caller may just be starting to speak."""
        return self._ear.gate.stirring and not self._stalled_ms(now_ms)

    def _weigh_turn(self, turn: Turn, now_ms: float) -> None:
        """End the caller's turn when it is over and the floor is free."""
        if self._mouth.reply is not None:
            return
        ear = self._ear
        if not turn.forced:
            self._interrupt_long(turn, now_ms)
        silence_ms = self._silence_ms(turn, now_ms)
        if not turn.forced and (silence_ms < turn.wait_ms or self._stirring(now_ms)):
            return
        if not ear.texts_known(turn, now_ms):
            return
        self._end_turn(turn, now_ms)

    def _interrupt_long(self, turn: Turn, now_ms: float) -> None:
        length_ms = self._ear.media_ms - turn.start_ms
        if length_ms < self._settings.too_long_ms or self._context.listening_to_menu or self._context.on_hold:
            return
        turn.forced = True
        self._ear.out.append(InterruptCaller())
        if self._ear.utterance is not None:
            self._ear.close(self._ear.utterance, now_ms)

    def _end_turn(self, turn: Turn, now_ms: float) -> None:
        ear = self._ear
        text = turn.text
        if not text:
            ear.end_turn()
            if turn.voiced_ms >= self._settings.unintelligible_ms and not self._context.on_hold:
                self._idle.restart(now_ms)
                ear.out.append(ReportUnintelligible(start_ms=turn.start_ms, end_ms=turn.end_ms))
            return
        if self._is_listening_noise(turn, text):
            for utterance in turn.utterances:
                if utterance.text:
                    self._mouth.note(utterance)
                    utterance.text = ""
            ear.end_turn()
            return
        ear.end_turn()
        self._idle.spoken()
        self._mouth.start(turn, None)

    def _is_listening_noise(self, turn: Turn, text: str) -> bool:
        """Whether it was all said over a reply that went on, and is no answer to it."""
        if not all(utterance.over_reply for utterance in turn.utterances):
            return False
        answers = self._context.expecting is not None and (
            turn.end_ms >= self._mouth.quiet_since_ms - self._settings.tail_answer_ms
        )
        return not answers and turn.end_ms <= self._mouth.quiet_since_ms and is_backchannel(text, self._language)

    def _weigh_wanted(self, now_ms: float) -> None:
        ear, wanted = self._ear, self._wanted[0]
        turn = ear.turn
        if turn is not None:
            urgent = next((candidate for candidate in self._wanted if candidate.urgent), None)
            if urgent is None or ear.media_ms - turn.end_ms < self._settings.pause_ms or turn.forced:
                return
            wanted = urgent
            if ear.utterance is not None:
                ear.close(ear.utterance, now_ms)
        if self._stirring(now_ms):
            return
        self._wanted.remove(wanted)
        self._mouth.start(None, wanted.key)

    def _weigh_idle(self, now_ms: float) -> None:
        context = self._context
        if self._mouth.reply is not None or self._ear.turn is not None or self._music:
            return
        if context.on_hold or context.listening_to_menu:
            return
        silent_ms, count = self._idle.fire(now_ms)
        self._ear.out.append(ReportSilence(silent_ms=silent_ms, count=count))

    def _reply_ended(self, event: ReplyEnded, now_ms: float) -> None:
        reply = self._mouth.ended(event)
        if reply is None:
            return
        self._idle.restart(now_ms)
        if reply.turn is not None and not reply.cut:
            self._pace.turn_was_whole()
        if self._ear.turn is not None:
            self._reckon_wait(self._ear.turn)

    def _context_changed(self, event: ContextChanged, now_ms: float) -> None:
        before, self._context = self._context, event
        if (before.on_hold or before.listening_to_menu) and not (event.on_hold or event.listening_to_menu):
            self._idle.restart(now_ms)
        if self._ear.turn is not None:
            self._reckon_wait(self._ear.turn)

    def _music_changed(self, event: MusicChanged, now_ms: float) -> None:
        """Music takes no turns: what was said before it ends here; what is said after it has begun already."""
        ear, self._music = self._ear, event.playing
        if not event.playing:
            self._idle.restart(now_ms)
            since_ms = ear.gate.onset_ms(strict=False)
            if since_ms is not None and ear.utterance is None and self._mouth.reply is None:
                ear.begin(ear.media_ms - since_ms, ear.gate.speech_dbfs or -30.0, LATE_ONSET_PREROLL_MS)
                if ear.turn is not None:
                    self._reckon_wait(ear.turn)
            return
        utterance = ear.utterance
        if utterance is None:
            return
        if utterance.over_reply and self._mouth.reply is not None:
            ear.drop(utterance)
            self._mouth.resume(self._mouth.reply)
            return
        utterance.settled = bool(utterance.text)
        ear.close(utterance, now_ms)
        if ear.turn is not None:
            ear.turn.forced = True

    # The journal.

    def snapshot(self) -> dict[str, Any]:
        """JSON-ready state between turns. Speech in progress and a live reply do not outlive their stream."""
        return {
            "version": SNAPSHOT_VERSION,
            "next_utterance": self._ear.next_utterance,
            "next_reply": self._mouth.next_reply,
            "speech_dbfs": self._ear.gate.speech_dbfs,
            "extra_ms": self._pace.extra_ms,
            "idle_count": self._idle.count,
            "wanted": [[wanted.key, wanted.urgent] for wanted in self._wanted],
            "punctuates": self._punctuates,
            "over": self._over,
        }

    @classmethod
    def restore(cls, settings: TurnSettings, language: str, snapshot: Mapping[str, Any]) -> "TurnMachine":
        """A machine that goes on from `snapshot` on a new stream (media time starts again at 0).

        Raises ValueError for a snapshot of another version.
        """
        if snapshot.get("version") != SNAPSHOT_VERSION:
            raise ValueError(f"turn snapshot version {snapshot.get('version')!r} is not {SNAPSHOT_VERSION}")
        machine = cls(settings, language)
        machine._ear = Listener(
            settings, next_utterance=snapshot["next_utterance"], speech_dbfs=snapshot["speech_dbfs"]
        )
        machine._mouth = Speaker(settings, machine._ear, next_reply=snapshot["next_reply"])
        machine._pace = CallerPace(settings, snapshot["extra_ms"])
        machine._idle = IdleTimer(settings.idle_prompt_ms, snapshot["idle_count"])
        machine._wanted = [SpeechWanted(key=key, urgent=urgent) for key, urgent in snapshot["wanted"]]
        machine._punctuates = snapshot["punctuates"]
        machine._over = snapshot["over"]
        return machine
