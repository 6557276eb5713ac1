"""The engine's half: the live reply, and what the caller says over it without wanting the floor.

| reply    | entered by                     | left by                                      |
|----------|--------------------------------|----------------------------------------------|
| ordered  | `start` (StartReply)           | ReplyAudible, or as below                    |
| audible  | ReplyAudible                   | as below                                     |
| held     | `hold` (HoldPlayout)           | `resume`, `clear`; ReplyEnded when all was sent |
| clearing | `clear` (ClearPlayout)         | ReplyEnded                                   |
| ended    | ReplyEnded                     | –                                            |
"""

from .effects import ClearPlayout, HoldPlayout, NoteBackchannel, ResumePlayout, StartReply
from .events import ReplyEnded
from .listening import Listener
from .settings import TurnSettings
from .turn import LiveReply, Turn, Utterance


class Speaker:
    """Owns the one live reply. Effects go to the listener's `out`, in one order with its own."""

    def __init__(self, settings: TurnSettings, ear: Listener, *, next_reply: int = 1) -> None:
        self._settings = settings
        self._ear = ear
        self.reply: LiveReply | None = None
        self.next_reply = next_reply
        self.deferred: Utterance | None = None
        """A backchannel that is the answer if the reply ends soon."""
        self.quiet_since_ms = 0
        """Media time at which the last reply ended."""

    def start(self, turn: Turn | None, key: str | None) -> None:
        """Order a reply to `turn`, or the unasked speech `key`."""
        assert self.reply is None, "one reply at a time"
        decided_ms = self._ear.media_ms
        reply = self.reply = LiveReply(id=self.next_reply, turn=turn, decided_ms=decided_ms)
        self.next_reply += 1
        if turn is None:
            order = StartReply(reply_id=reply.id, text=None, key=key, decided_ms=decided_ms)
        else:
            reply.forced = turn.forced and self._ear.gate.stirring
            spans = turn.spans()
            order = StartReply(
                reply_id=reply.id,
                text=turn.text,
                start_ms=spans[0][0],
                end_ms=spans[-1][1],
                decided_ms=decided_ms,
                spans=spans,
            )
        self._ear.out.append(order)

    def audible(self, reply_id: int) -> None:
        """Its first audio is on the way."""
        if self.reply is not None and self.reply.id == reply_id:
            self.reply.audible_ms = self._ear.media_ms
            self._ear.gate.set_speaking(speaking=True)

    def hold(self, reply: LiveReply) -> None:
        """React to speech over it."""
        if not reply.held:
            reply.held = True
            self._ear.out.append(HoldPlayout(reply_id=reply.id))

    def resume(self, reply: LiveReply) -> None:
        """That was no interruption."""
        if reply.held and not reply.clearing:
            reply.held = False
            self._ear.out.append(ResumePlayout(reply_id=reply.id))

    def clear(self, reply: LiveReply, *, withdrawn: bool) -> None:
        """That was one."""
        if not reply.clearing:
            reply.clearing = True
            self._ear.out.append(ClearPlayout(reply_id=reply.id, withdrawn=withdrawn))

    def ended(self, event: ReplyEnded) -> LiveReply | None:
        """The live reply is over: return it, or None when the event is about another."""
        reply, ear = self.reply, self._ear
        if reply is None or reply.id != event.reply_id:
            return None
        self.reply = None
        self.quiet_since_ms = ear.media_ms
        ear.gate.set_speaking(speaking=False)
        deferred, self.deferred = self.deferred, None
        if deferred is not None:
            if ear.turn is None:
                ear.turn = Turn()
            ear.turn.utterances.insert(0, deferred)
        return reply

    def set_aside(self, utterance: Utterance, *, may_answer: bool) -> None:
        """A backchannel: noted, unless the reply asks something and ends so soon that this was the answer."""
        ear = self._ear
        self.note_deferred()
        if not may_answer:
            self.note(utterance)
            ear.drop(utterance)
            return
        self.deferred = utterance
        ear.set_apart(utterance)

    def weigh_deferred(self) -> None:
        """The reply went on for so long that the backchannel was no answer to it."""
        deferred = self.deferred
        if deferred is not None and self._ear.media_ms - deferred.end_ms > self._settings.tail_answer_ms:
            self.note_deferred()

    def note_deferred(self) -> None:
        """Settle that it was a backchannel."""
        deferred, self.deferred = self.deferred, None
        if deferred is not None:
            self.note(deferred)
            self._ear.drop(deferred)

    def note(self, utterance: Utterance) -> None:
        """Tell the transcript."""
        self._ear.out.append(
            NoteBackchannel(
                utterance_id=utterance.id,
                text=utterance.text,
                start_ms=utterance.start_ms,
                end_ms=utterance.end_ms,
            )
        )
