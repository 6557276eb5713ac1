"""Answering for a business: what it is asked, in which order of importance, and the ends of an inbound call.

Bookings are in `desk_booking`, facts in `desk_facts`, messages in `desk_message`, transfers in `desk_transfer`.
What is not known is never guessed: the caller is offered to leave a message. The caller's number unlocks nothing.
"""

import re

from voice_engine.core.dialogue.commands import (
    AreYouRobot,
    AskFact,
    Beep,
    DeclineRecording,
    Dtmf,
    Goodbye,
    Greeting,
    Hold,
    HungUp,
    LeaveMessage,
    MachineHeard,
    Music,
    No,
    OptOut,
    Provide,
    Repeat,
    Silence,
    Spell,
    Thanks,
    TimeLimit,
    ToolResult,
    Unintelligible,
    WhoIsCalling,
    WrongNumber,
    Yes,
)
from voice_engine.core.dialogue.policies import (
    desk_booking,
    desk_facts,
    desk_message,
    desk_results,
    desk_transfer,
)
from voice_engine.core.dialogue.policies.base import end_again, keep_promises
from voice_engine.core.dialogue.policies.desk import assistant_of, reprompt
from voice_engine.core.dialogue.policies.whispered import listening
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.core.dialogue.turn import Turn
from voice_engine.core.dialogue.whisper import TakeOffer, TurnDown, Wish
from voice_engine.ports.call import GreetingMode

HELLO_AFTER_MS = 15_000
"""A caller who was to speak first and does not is asked once whether they are there; as long again, it is over."""
PICKED_UP_MS = 2_500
"""Whoever was called and says nothing is spoken to."""
HOLD_CHECK_IN_MS = 90_000
MAX_SILENCES = 2
MAX_MISUNDERSTOOD = 3
_SPAM = re.compile(
    r"extended warranty|search engine|google (?:listing|ranking|business)|business loan"
    r"|merchant (?:services|account)"
    r"|solar panel|lower your (?:rate|bill)|you(?:'ve| have) (?:won|been selected)|press (?:one|1) to"
    r"|promotional offer|final notice|pr[eé]stamo para (?:su|tu) (?:negocio|empresa)|placas solares"
    r"|ha sido seleccionad|posicionamiento (?:en|web)|oferta promocional|pulse (?:uno|1)",
    re.IGNORECASE,
)


class ReceptionistPolicy:
    """Leads inbound calls, and those that an assistant makes itself."""

    def open(self, turn: Turn) -> None:
        """Greet, or let the caller speak first. Who is called speaks first in any case."""
        if turn.spec.direction == "outbound":
            turn.wait(check_in_ms=PICKED_UP_MS)
        elif assistant_of(turn).greeting_mode is GreetingMode.CALLER_FIRST:
            turn.wait(check_in_ms=HELLO_AFTER_MS)
        else:
            self._greet(turn)

    def step(self, turn: Turn) -> None:
        """Handle channel events and endings, then answer, then go on with the task."""
        if turn.ended:
            end_again(turn)
            return
        if desk_transfer.step(turn):
            return
        if self._channel(turn) or self._ending(turn) or self._hold(turn):
            return
        if self._begun(turn):
            return
        asides = self._asides(turn)
        if desk_transfer.begin(turn) or self._repeat(turn):
            return
        if self._serve(turn):
            turn.change(misunderstood=0, silences=0, repeats=0)
        elif self._farewell(turn) or desk_facts.look_anyway(turn):
            pass
        elif asides or turn.has(Greeting, Thanks):
            if not turn.spoke or asides:
                reprompt(turn)
        else:
            self._misunderstood(turn)

    def _begun(self, turn: Turn) -> bool:
        """Greet who spoke first; whether that is all. Who was called says a name or hello: it asks for nothing."""
        if turn.state.opened:
            return False
        self._greet(turn, answering=True)
        return turn.spec.direction == "outbound"

    def _serve(self, turn: Turn) -> bool:
        """Facts first (they may come up in the middle of anything), then the task at hand or a new one."""
        told = turn.state.asked is not Asked.MESSAGE and desk_facts.answer(turn)
        if turn.has(LeaveMessage) or turn.state.desk.task == "message":
            done = desk_message.step(turn)
        elif (
            turn.state.asked is Asked.MESSAGE_OFFER
            and (turn.has(Yes) or desk_message.leaves_contact(turn))
            and not desk_booking.is_wish(turn, vague=True)
        ):
            done = desk_message.begin(turn)
        elif desk_booking.is_wish(turn) or turn.state.desk.task is not None:
            done = desk_booking.step(turn, interrupted=told)
        else:
            about_a_day = told and not desk_booking.names_a_time(turn)
            done = (not about_a_day and desk_booking.maybe_begin(turn)) or self._nothing_else(turn)
        return told or done

    def _nothing_else(self, turn: Turn) -> bool:
        if turn.state.asked in {Asked.ELSE, Asked.MESSAGE_OFFER} and turn.has(No) and not turn.has(AskFact):
            turn.say(_farewell(turn), interruptible=False)
            turn.hang_up("completed")
            return True
        if turn.state.asked in {Asked.ELSE, Asked.INTENT} and turn.only(Yes):
            turn.say("go_on")
            turn.ask(Asked.INTENT)
            return True
        return False

    # What the owner wants in the middle of the call, and what was said while a human led it.

    def resume(self, turn: Turn) -> None:
        """Lead on: put the open question again, or greet."""
        if not turn.state.opened:
            self._greet(turn)
        elif turn.state.phase is Phase.CLOSE:
            turn.close()
        else:
            reprompt(turn)

    def instructed(self, turn: Turn, instruction: TakeOffer | TurnDown | Wish) -> bool:
        """Values of a booking that is being made count as the caller's own; nothing else is the desk's to take."""
        if not isinstance(instruction, Wish) or turn.state.desk.task not in {"booking", "reschedule"}:
            return False
        values = {"date": instruction.date, "time": instruction.time}
        given = tuple(Provide(slot=slot, value=value) for slot, value in values.items() if value is not None)  # type: ignore[arg-type]  # the keys are slots
        if not given or not listening(turn):
            return False
        turn.commands = given
        self.step(turn)
        return True

    def overheard(self, turn: Turn) -> None:
        """What must not be lost, whoever it was said to: that they want no calls, or no recording."""
        turn.change(on_hold=False, opened=True)
        keep_promises(turn)

    def sender(self, turn: Turn) -> str:
        """The business."""
        return assistant_of(turn).business.name

    # Greeting.

    def _greet(self, turn: Turn, *, answering: bool = False) -> None:
        assistant = assistant_of(turn)
        turn.change(opened=True, phase=Phase.NEGOTIATE)
        recorded = turn.spec.record
        called = turn.spec.direction == "outbound"
        if answering and not called and not turn.only(Greeting):
            turn.say("greet_short", business=assistant.business.name, recorded=recorded)
        elif assistant.greeting:
            generates = assistant.greeting_mode is GreetingMode.ASSISTANT_FIRST_GENERATED
            generated = generates and not answering and not called
            act = "greet_generated" if generated else "greet_own"
            turn.say(act, greeting=assistant.greeting.strip(), recorded=recorded)
        else:
            turn.say("greet", business=assistant.business.name, recorded=recorded)
        turn.ask(Asked.INTENT)

    # Channel events.

    def _channel(self, turn: Turn) -> bool:
        for command in turn.commands:
            match command:
                case HungUp():
                    self._hung_up(turn)
                case TimeLimit():
                    turn.say("time_limit", interruptible=False)
                    turn.hang_up("max_duration")
                case Silence(silent_ms=silent_ms):
                    self._silence(turn, silent_ms)
                case ToolResult():
                    self._tool(turn, command)
                case Music() | Beep() | Dtmf() | MachineHeard():
                    pass
                case Unintelligible():
                    if not turn.state.on_hold:
                        self._misunderstood(turn)
                case _:
                    continue
            return True
        return False

    def _hung_up(self, turn: Turn) -> None:
        desk_message.keep_unchecked(turn)
        desk = turn.state.desk
        done = turn.state.phase is Phase.CLOSE or (desk.served and desk.task is None)
        turn.change(phase=Phase.ENDED, asked=None, on_hold=False)
        if turn.state.end is None:
            turn.change(end="completed" if done else "respondent_hung_up")

    def _tool(self, turn: Turn, result: ToolResult) -> None:
        purpose = turn.state.desk.pending.get(result.id)
        if purpose is None:
            return
        turn.change_desk(pending={key: val for key, val in turn.state.desk.pending.items() if key != result.id})
        if purpose == "knowledge":
            desk_facts.on_result(turn, result)
        elif purpose == desk_facts.GUESS:
            if not desk_facts.on_guess(turn, result):
                self._misunderstood(turn)
        else:
            desk_results.on_result(turn, purpose, result)

    def _silence(self, turn: Turn, silent_ms: int) -> None:
        state = turn.state
        if state.on_hold:
            turn.say("still_holding")
            turn.wait(on_hold=True, check_in_ms=HOLD_CHECK_IN_MS)
        elif state.phase is Phase.CLOSE:
            turn.say("goodbye", interruptible=False)
            turn.hang_up("completed")
        elif not state.opened and turn.spec.direction == "outbound":
            self._greet(turn)
        elif not state.opened:
            self._nobody_began(turn, silent_ms)
        elif state.silences >= MAX_SILENCES:
            turn.say("silence_end", interruptible=False)
            turn.hang_up("silence")
        else:
            turn.change(silences=state.silences + 1)
            turn.say("are_you_there")
            if turn.state.silences > 1:
                reprompt(turn)

    def _nobody_began(self, turn: Turn, silent_ms: int) -> None:
        """The caller was to speak first: no sound from us until they had their time."""
        if silent_ms < HELLO_AFTER_MS:
            return
        if turn.state.silences:
            turn.say("silence_end", interruptible=False)
            turn.hang_up("silence")
        else:
            turn.change(silences=1)
            turn.say("hello")
            turn.wait(check_in_ms=HELLO_AFTER_MS)

    # Endings.

    def _ending(self, turn: Turn) -> bool:
        opt_out = turn.find(OptOut)
        if opt_out is not None:
            turn.change(do_not_call_quote=opt_out.quote)
            turn.prove("do_not_call")
            turn.say("opted_out", interruptible=False)
            turn.hang_up("opted_out")
        elif turn.has(WrongNumber):
            turn.say("wrong_number_inbound", business=assistant_of(turn).business.name, interruptible=False)
            turn.hang_up("wrong_number")
        elif turn.state.desk.task is None and _SPAM.search(turn.text):
            turn.change(refused=turn.text)
            turn.say("spam", interruptible=False)
            turn.hang_up("rejected")
        else:
            return False
        return True

    def _farewell(self, turn: Turn) -> bool:
        state = turn.state
        thanked_after_service = turn.has(Thanks) and state.desk.served and state.asked in {Asked.ELSE, None}
        if not turn.has(Goodbye) and not thanked_after_service:
            return False
        if state.desk.pending:
            return True  # They are told the result first.
        turn.say(_farewell(turn), interruptible=False)
        turn.hang_up("completed")
        return True

    # Asides.

    def _hold(self, turn: Turn) -> bool:
        if turn.has(Hold) and not turn.has(AreYouRobot, WhoIsCalling):
            turn.change(on_hold=True)
            turn.say("sure_hold")
            turn.wait(on_hold=True, check_in_ms=HOLD_CHECK_IN_MS)
            return True
        turn.change(on_hold=False)
        return False

    def _asides(self, turn: Turn) -> bool:
        business = assistant_of(turn).business.name
        before = len(turn.actions)
        if turn.has(DeclineRecording):
            if not turn.state.recording_declined:
                turn.change(recording_declined=True)
                turn.stop_recording()
            turn.say("recording_stopped")
        if turn.has(AreYouRobot):
            turn.change(robot_asked=True)
            turn.say("robot_inbound", business=business, interruptible=False)
        elif turn.has(WhoIsCalling):
            turn.say("who_inbound", business=business)
        return len(turn.actions) > before

    def _repeat(self, turn: Turn) -> bool:
        if not turn.has(Repeat, Spell):
            return False
        turn.change(repeats=turn.state.repeats + 1)
        for act, text in turn.state.last_said:
            turn.say_text(act, text, slow=True)
        return True

    def _misunderstood(self, turn: Turn) -> None:
        turn.change(misunderstood=turn.state.misunderstood + 1)
        if turn.state.misunderstood >= MAX_MISUNDERSTOOD:
            turn.say("cannot_hear_inbound", interruptible=False)
            turn.hang_up("not_understood")
            return
        turn.say("not_understood")
        reprompt(turn)


def _farewell(turn: Turn) -> str:
    """Who was called is not thanked for calling."""
    return "goodbye" if turn.spec.direction == "outbound" else "farewell_inbound"
