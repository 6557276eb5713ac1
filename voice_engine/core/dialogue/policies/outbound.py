"""Every outbound call: who answered, disclosure first, and what may come up at any moment.

detect → open → (task: negotiate ⇄ fill → confirm) → close. Subclasses own the task; this module owns endings,
machines on the line, hold, and the asides after which the open question is put again.
"""

from abc import ABC, abstractmethod

from voice_engine.core.dialogue.commands import (
    AreYouRobot,
    AskSlot,
    AskTransfer,
    Beep,
    DeclineRecording,
    Dtmf,
    Goodbye,
    Greeting,
    Hold,
    HungUp,
    MachineHeard,
    Music,
    Offer,
    OptOut,
    Refuse,
    Repeat,
    Silence,
    Spell,
    Thanks,
    TimeLimit,
    TransferBegun,
    TransferEnded,
    Unavailable,
    Unclear,
    Unintelligible,
    WhoIsCalling,
    WrongNumber,
)
from voice_engine.core.dialogue.policies.base import brief_of, end_again, keep_promises
from voice_engine.core.dialogue.policies.machines import MachinePolicy, silent_machine
from voice_engine.core.dialogue.state import Phase
from voice_engine.core.dialogue.turn import Turn
from voice_engine.core.dialogue.whisper import TakeOffer, TurnDown, Wish

OPEN_AFTER_SILENCE_MS = 2_500
"""An answered line that stays silent this long is spoken to: people wait for the caller to begin."""
AFTER_MENU_MS = 10_000
"""After a key was pressed the line may stay silent this long before it is spoken to."""
HOLD_CHECK_IN_MS = 90_000
MAX_HOLD_CHECK_INS = 3
MAX_SILENCES = 3
MAX_MISUNDERSTOOD = 3
_CAREFUL = {
    "give_phone": ("spell_phone", "phone"),
    "spell_phone": ("spell_phone", "phone"),
    "give_name": ("spell_name", "name"),
    "spell_name": ("spell_name", "name"),
}


class OutboundPolicy(MachinePolicy, ABC):
    """The common part of outbound calls."""

    def open(self, turn: Turn) -> None:
        """Let them speak first; a line that stays silent is greeted."""
        turn.wait(check_in_ms=OPEN_AFTER_SILENCE_MS)

    def step(self, turn: Turn) -> None:
        """Handle channel events, endings, machines and asides, then the task."""
        if turn.ended:
            end_again(turn)
            return
        if self._channel(turn) or self._ending(turn) or self.machine(turn) or self._hold(turn):
            return
        if not turn.state.opened:
            self._first_words(turn)
            return
        asides = self._asides(turn)
        if self._refusal(turn) or self._repeat(turn):
            return
        spoken = len(turn.actions)
        handled = self.task(turn)
        if turn.ended or (not handled and self._farewell(turn)):
            return
        if handled:
            turn.change(misunderstood=0, silences=0, repeats=0)
        elif asides or turn.has(Greeting, Thanks):
            if len(turn.actions) == spoken:
                self.reprompt(turn)
        else:
            self._misunderstood(turn)

    # What the owner wants in the middle of the call, and what was said while a human led it.

    def resume(self, turn: Turn) -> None:
        """Lead on: put the open question again, or begin."""
        if turn.state.opened:
            self.reprompt(turn)
        else:
            self.opening(turn)

    def instructed(self, turn: Turn, instruction: TakeOffer | TurnDown | Wish) -> bool:
        """A call that negotiates nothing has nothing to take: it is passed on as a note."""
        return False

    def overheard(self, turn: Turn) -> None:
        """What must not be lost, whoever it was said to: that they want no calls, or no recording."""
        turn.change(on_hold=turn.has(Hold), hold_check_ins=0, opened=True)
        keep_promises(turn)

    def sender(self, turn: Turn) -> str:
        """The owner."""
        return brief_of(turn).owner

    # What a category adds beside `asked` and `asked_briefly`.

    @abstractmethod
    def task(self, turn: Turn) -> bool:
        """Do the category's part; whether anything in the utterance was of use."""

    @abstractmethod
    def reprompt(self, turn: Turn) -> None:
        """Put the open question again."""

    @abstractmethod
    def opening(self, turn: Turn) -> None:
        """Disclose and ask."""

    # Channel events.

    def _channel(self, turn: Turn) -> bool:
        for command in turn.commands:
            match command:
                case HungUp():
                    self._hung_up(turn)
                case TimeLimit():
                    turn.say("time_limit", interruptible=False)
                    turn.hang_up("max_duration")
                case Silence():
                    self._silence(turn, command)
                case Music(playing=playing):
                    self._music(turn, playing=playing)
                case Beep():
                    self.beep(turn)
                case MachineHeard():
                    turn.change(machine_heard=True)
                case Dtmf() | TransferBegun() | TransferEnded():
                    pass
                case Unintelligible():
                    self._unintelligible(turn)
                case _:
                    continue
            return True
        return False

    def _hung_up(self, turn: Turn) -> None:
        if turn.state.assented and turn.state.agreed:
            turn.change(confirmed=True)
        done = turn.state.phase is Phase.CLOSE
        turn.change(phase=Phase.ENDED, asked=None, on_hold=False)
        if turn.state.end is None:
            turn.change(end="completed" if done else "respondent_hung_up")

    def _silence(self, turn: Turn, silence: Silence) -> None:
        state = turn.state
        if state.on_hold:
            self._check_in(turn)
        elif state.phase is Phase.VOICEMAIL or state.beeped or silent_machine(state):
            self.leave_message(turn)
        elif state.listening_to_menu:
            turn.change(listening_to_menu=False)
            turn.wait(check_in_ms=AFTER_MENU_MS)
        elif state.phase is Phase.CLOSE:
            turn.say("goodbye", interruptible=False)
            turn.hang_up("completed")
        elif state.assented and state.silences > 0 and self.take_assent(turn):
            pass
        elif not state.opened and state.silences == 0:
            turn.change(silences=1)
            self.opening(turn)
            turn.wait()
        else:
            self._nobody_there(turn)

    def _nobody_there(self, turn: Turn) -> None:
        turn.change(silences=turn.state.silences + 1)
        if turn.state.silences > MAX_SILENCES:
            turn.say("silence_end", interruptible=False)
            turn.hang_up("silence")
            return
        turn.say("are_you_there")
        if turn.state.opened and turn.state.silences > 1:
            self.reprompt(turn)

    def _check_in(self, turn: Turn) -> None:
        if turn.state.hold_check_ins < MAX_HOLD_CHECK_INS:
            turn.change(hold_check_ins=turn.state.hold_check_ins + 1)
            turn.say("still_holding")
        turn.wait(on_hold=True, check_in_ms=HOLD_CHECK_IN_MS)

    def _music(self, turn: Turn, *, playing: bool) -> None:
        if playing and not turn.state.on_hold:
            turn.change(on_hold=True, listening_to_menu=False)
            turn.wait(on_hold=True, check_in_ms=HOLD_CHECK_IN_MS)
        elif not playing and turn.state.on_hold:
            turn.wait(on_hold=True, check_in_ms=HOLD_CHECK_IN_MS)

    def _unintelligible(self, turn: Turn) -> None:
        if turn.state.on_hold or turn.state.phase is Phase.VOICEMAIL:
            return
        if not turn.state.opened:
            self.opening(turn)
        else:
            self._misunderstood(turn)

    # Endings.

    def _ending(self, turn: Turn) -> bool:
        opt_out = turn.find(OptOut)
        if opt_out is not None:
            turn.change(do_not_call_quote=opt_out.quote)
            turn.prove("do_not_call")
            turn.say("opted_out", interruptible=False)
            turn.hang_up("opted_out")
            return True
        if turn.has(WrongNumber) and not turn.state.confirmed:
            turn.prove("wrong_number")
            turn.say("wrong_number", interruptible=False)
            turn.hang_up("wrong_number")
            return True
        return False

    def _refusal(self, turn: Turn) -> bool:
        refuse = turn.find(Refuse)
        if refuse is None:
            return False
        turn.change(refused=turn.text or refuse.reason, callback=refuse.callback)
        turn.note("refused")
        turn.say("callback" if refuse.callback else "refused", owner=brief_of(turn).owner, interruptible=False)
        turn.hang_up("completed")
        return True

    def _farewell(self, turn: Turn) -> bool:
        if not turn.has(Goodbye):
            if turn.state.phase is Phase.CLOSE and turn.only(Thanks, Greeting):
                turn.wait(check_in_ms=OPEN_AFTER_SILENCE_MS)
                return True
            return False
        if turn.state.phase is Phase.CLOSE or not self.before_goodbye(turn):
            turn.say("goodbye", interruptible=False)
            turn.hang_up("completed" if turn.state.phase is Phase.CLOSE else "respondent_hung_up")
        return True

    def before_goodbye(self, turn: Turn) -> bool:
        """Ask the one thing that must not stay open when they say goodbye; whether anything was asked."""
        return False

    def take_assent(self, turn: Turn) -> bool:
        """Nobody answers the last check of what they agreed to: close on their yes; whether that was done."""
        return False

    # Hold, opening, asides.

    def _hold(self, turn: Turn) -> bool:
        turn.change(beeped=False)
        if turn.has(Hold) and not turn.has(AreYouRobot, WhoIsCalling):
            turn.change(on_hold=True, hold_check_ins=0, silences=0)
            if turn.state.opened:
                turn.say("sure_hold")
            turn.wait(on_hold=True, check_in_ms=HOLD_CHECK_IN_MS)
            return True
        if turn.state.on_hold:
            turn.change(on_hold=False)
            if turn.has(Greeting) and turn.state.opened and not turn.state.agreed:
                turn.change(opened=False)  # Somebody else may have picked up: they are told who calls.
        return False

    def _first_words(self, turn: Turn) -> None:
        turn.change(listening_to_menu=False, silences=0)
        if turn.has(DeclineRecording):
            self._decline_recording(turn)
        self.opening(turn)

    def _asides(self, turn: Turn) -> bool:
        """Answer what is not about the task; whether anything was answered."""
        owner = brief_of(turn).owner
        if turn.has(DeclineRecording):
            self._decline_recording(turn)
        if turn.has(AreYouRobot):
            turn.change(robot_asked=True)
            turn.say("robot", owner=owner, interruptible=False)
        elif turn.has(WhoIsCalling):
            turn.say("who_and_why", owner=owner, asked=self.asked(turn))
        if turn.has(AskTransfer):
            turn.say("no_transfer", owner=owner)
        return bool(turn.actions)

    def _decline_recording(self, turn: Turn) -> None:
        if not turn.state.recording_declined:
            turn.change(recording_declined=True)
            turn.stop_recording()
        turn.say("recording_stopped")

    def _repeat(self, turn: Turn) -> bool:
        spell = turn.find(Spell)
        if spell is not None:
            self.spell(turn, spell)
            return True
        repeat = turn.find(Repeat)
        if repeat is None or (repeat.slot is None and turn.has(AskSlot, Offer, Unavailable)):
            return False  # "What? Oh, a table. For when?" has caught up by itself.
        turn.change(repeats=turn.state.repeats + 1)
        self.repeat(turn, repeat)
        return True

    def spell(self, turn: Turn, spell: Spell) -> None:
        """Spell a slot letter by letter."""
        value = brief_of(turn).slots.get(spell.slot)
        if value is None:
            turn.say("unknown")
        else:
            turn.say("spell_name", spelled=str(value), slow=True)

    def repeat(self, turn: Turn, repeat: Repeat) -> None:
        """Say it again, slower; from the second time on digits one by one and names spelled."""
        slots = brief_of(turn).slots
        for act, text in turn.state.last_said:
            careful = _CAREFUL.get(act) if turn.state.repeats > 1 else None
            if careful is not None and careful[1] in slots:
                turn.say(careful[0], spelled=str(slots[careful[1]]), slow=True)
            else:
                turn.say_text(act, text, slow=True)
        if not turn.state.last_said:
            self.opening(turn)

    def _misunderstood(self, turn: Turn) -> None:
        turn.change(misunderstood=turn.state.misunderstood + 1)
        if turn.state.phase is Phase.CLOSE and turn.has(Unclear):
            turn.wait(check_in_ms=OPEN_AFTER_SILENCE_MS)
            return
        if turn.state.misunderstood >= MAX_MISUNDERSTOOD:
            turn.say("cannot_hear", owner=brief_of(turn).owner, interruptible=False)
            turn.hang_up("not_understood")
            return
        turn.say("not_understood")
        if turn.state.asked is not None:
            self.reprompt(turn)
