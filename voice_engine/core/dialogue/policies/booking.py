"""Booking something by telephone: negotiate ⇄ fill → confirm, for whatever category.

Nothing is agreed without a date and what else the category requires, and nothing is achieved before the human
booked it, or said yes to our read-back, or read it back to us. Subclasses say what a plain "yes" agrees to.
"""

from collections.abc import Container, Sequence

from voice_engine.core.dialogue.commands import (
    AskSlot,
    Booked,
    Confirm,
    Goodbye,
    No,
    Repeat,
    Unavailable,
    When,
    Yes,
)
from voice_engine.core.dialogue.negotiation import Accept, decide
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.policies.counts import settle_counts
from voice_engine.core.dialogue.policies.days import settle_days
from voice_engine.core.dialogue.policies.details import answer_details, insists
from voice_engine.core.dialogue.policies.negotiating import NegotiatingPolicy
from voice_engine.core.dialogue.policies.outbound import OPEN_AFTER_SILENCE_MS
from voice_engine.core.dialogue.policies.said import (
    agrees,
    on_day,
    open_day,
    said_booked,
    said_moments,
    same,
    settled,
    states_a_condition,
    time_is_open,
    wants_details,
)
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.core.dialogue.turn import Turn

MAX_TIMELESS = 2
"""How often we ask again for an open time; only once when they say that it is booked: they think they are done."""


class BookingPolicy(NegotiatingPolicy):
    """Negotiates one booking and has it confirmed."""

    def task(self, turn: Turn) -> bool:
        """Offers, refusals, confirmations and yes or no first; then the details they ask for."""
        turn.commands = settle_days(turn)
        turn.commands = settle_counts(turn)
        before = turn.state
        if before.wait_listed:
            return self._wait_listed(turn)
        if before.confirmed and before.asked is Asked.QUESTION:
            return self._extra_answered(turn)
        moved = self._move(turn)
        if turn.ended:
            return True
        answered = answer_details(turn)
        told = turn.state.phase is Phase.CLOSE or turn.state.asked is Asked.QUESTION
        if turn.state.confirmed and not before.confirmed and not told:
            self._after_booking(turn, answered=answered)
        return moved or answered

    def _wait_listed(self, turn: Turn) -> bool:
        """We are on their list: what they still ask is answered, and nothing of it is a booking."""
        if not answer_details(turn) and not turn.has(Goodbye):
            turn.close()
        return turn.spoke or not turn.has(Goodbye)

    def _move(self, turn: Turn) -> bool:
        booked = said_booked(turn)
        if booked is not None:
            return self._book(turn, booked)
        confirm = turn.find(Confirm)
        if confirm is not None and confirm.slots and not states_a_condition(turn, confirm):
            return self._their_read_back(turn, confirm)
        options = said_moments(turn)
        if options and self.timed:
            return self.weigh(turn, options)
        if self.other_values(turn):
            return True
        if options:
            return self.weigh_dates(turn, options)
        if self._turned_down(turn):
            return True
        if confirm is not None or turn.has(Yes, No):
            return self.answer(turn, yes=not turn.has(No))
        return False

    def _turned_down(self, turn: Turn) -> bool:
        """They refuse, or say goodbye after a refusal; whether it was that."""
        if turn.has(Goodbye) and turn.state.unavailable and not settled(turn.state):
            self.give_up(turn)
        elif insists(turn):
            self._refused_without(turn)
        elif not turn.has(Unavailable):
            return False
        elif turn.state.asked is Asked.WITHOUT:
            self._refused_without(turn)
        else:
            self.refused_slot(turn, whole_day=any(item.whole_day for item in turn.all(Unavailable)))
        return True

    # Yes, no, booked.

    def answer(self, turn: Turn, *, yes: bool) -> bool:
        """Take a plain yes or no as an answer to the open question; whether it was one."""
        state = turn.state
        if state.phase is Phase.CLOSE:
            turn.wait(check_in_ms=OPEN_AFTER_SILENCE_MS)
            return True
        return self._yes(turn) if yes else self._no(turn)

    def _yes(self, turn: Turn) -> bool:
        state = turn.state
        match state.asked:
            case Asked.READ_BACK if state.unheard:
                self.read_back(turn)  # They spoke over it: a yes to half a read-back confirms nothing.
            case Asked.READ_BACK:
                self._confirmed(turn)
            case Asked.WINDOW | Asked.TIME if self.timed:
                self._ask_open_time(turn)
            case Asked.WINDOW | Asked.CLARIFY | Asked.DATE | Asked.CORRECTION:
                self.reprompt(turn)
            case Asked.WITHOUT:
                turn.change(missing=None, asked=None)
                self._go_on(turn)
            case Asked.REQUEST | None if not settled(state):
                if state.asked is Asked.REQUEST and self.agree_to_request(turn):
                    self._go_on(turn)
                elif state.asked is None:
                    self.reprompt(turn)
            case Asked.BOOKED:
                turn.change(assented=self.complete(turn))
                self._go_on(turn)
            case _:
                self._go_on(turn)
        return True

    def take_assent(self, turn: Turn) -> bool:
        """Their yes named all of it, and the check of it is met with silence: thank them, and goodbye."""
        if turn.state.asked is not Asked.READ_BACK or not self.complete(turn):
            return False
        turn.change(confirmed=True)
        turn.say("thanks_booked")
        turn.close()
        return True

    def _go_on(self, turn: Turn) -> None:
        """Something was settled: read back what stands, unless they are asking for details right now."""
        if turn.state.their_read_back and self.complete(turn):
            self._confirmed(turn)
        elif not wants_details(turn):
            self.reprompt(turn)

    def _no(self, turn: Turn) -> bool:
        match turn.state.asked:
            case Asked.READ_BACK | Asked.CORRECTION:
                turn.say("what_to_correct")
                turn.ask(Asked.CORRECTION)
            case Asked.CLARIFY:
                turn.change(candidates=())
                turn.say("ask_time")
                turn.ask(Asked.TIME)
            case Asked.WITHOUT:
                self._refused_without(turn)
            case Asked.REQUEST | Asked.WINDOW | Asked.BOOKED | Asked.TIME:
                self.refused_slot(turn, whole_day=False)
            case _:
                return False
        return True

    def _refused_without(self, turn: Turn) -> None:
        turn.change(refused=turn.text or "no", agreed={})
        turn.note("refused")
        turn.say("refused", owner=brief_of(turn).owner, interruptible=False)
        turn.hang_up("completed")

    def _their_read_back(self, turn: Turn, confirm: Confirm) -> bool:
        brief, state = brief_of(turn), turn.state
        expected = {**brief.slots, **self.wanted_values(turn)}
        wrong = [key for key, value in confirm.slots.items() if key in expected and not same(expected[key], value)]
        moment = _moment_of(confirm)
        superseded = open_day(state) not in {None, expected.get("date")}
        new_time = "time" in confirm.slots and ("time" not in expected or superseded)
        if "time" in wrong or "date" in wrong or new_time:
            return self.weigh(turn, [moment])
        if wrong:
            turn.say("correct", what=brief.booking(self.wanted_values(turn)))
            turn.change(candidates=())
            turn.ask(Asked.BOOKED if settled(state) else Asked.REQUEST)
            return True
        if not settled(state) and not self._settle_request(turn, named=confirm.slots, booked=False):
            return True
        turn.agree(**{key: turn.state.agreed[key] for key in ("date", "time") if key in turn.state.agreed})
        for key in confirm.slots:
            turn.prove(key)
        if state.asked is Asked.READ_BACK and not turn.text.rstrip().endswith("?"):
            self._confirmed(turn)
            return True
        turn.change(their_read_back=True, phase=Phase.CONFIRM)
        turn.say("that_is_right")
        turn.ask(Asked.BOOKED)
        return True

    def _book(self, turn: Turn, booked: Booked) -> bool:
        """They say it is booked: true for what stands, or for an acceptable value said in the same breath."""
        said = said_moments(turn) + [
            When(date=item.slots.get("date"), time=item.slots.get("time")) for item in turn.all(Confirm)
        ]
        said = [option for option in said if option.date is not None or option.time is not None]
        day = open_day(turn.state)
        said = [on_day(option, day) for option in said] if day is not None else said
        expected = self.wanted_values(turn)
        new = [option for option in said if not agrees(option, expected)]
        if new and not self._take(turn, new):
            return True
        if not settled(turn.state) and not self._settle_request(turn, named=_named(said), booked=True):
            return True
        self._confirmed(turn, code=booked.code)
        return True

    def _take(self, turn: Turn, options: Sequence[When]) -> bool:
        """Take a moment that they booked on their own; False when it cannot be taken (and that was said)."""
        state = turn.state
        decision = decide(brief_of(turn).wanted, options, date_index=state.date_index, rounds=state.rounds)
        if isinstance(decision, Accept):
            turn.agree(date=decision.date, time=decision.time)
            return True
        self.act(turn, decision)
        return False

    def _settle_request(self, turn: Turn, *, named: Container[str], booked: bool) -> bool:
        """Agree to what we asked for; not when its time was left open and they did not name one.

        Args:
            turn: the step.
            named: the slots that this utterance states.
            booked: they say that it is booked already.
        """
        if self.timed and "time" not in named and time_is_open(turn.state):
            self._ask_open_time(turn, booked=booked)
            return False
        return self.agree_to_request(turn)

    def _ask_open_time(self, turn: Turn, *, booked: bool = False) -> None:
        """Whatever they said, it was no time: ask for it again, but not for ever, and never make one up."""
        state = turn.state
        if booked:
            turn.change(unread_booking=turn.text)
        if state.timeless >= MAX_TIMELESS or (booked and state.unread_booking is not None):
            turn.say("time_unclear", owner=brief_of(turn).owner, interruptible=False)
            turn.hang_up("not_understood")
            return
        turn.change(timeless=state.timeless + 1)
        turn.say("ask_time_booked" if turn.state.unread_booking is not None else "ask_time")
        turn.ask(Asked.TIME)

    def _confirmed(self, turn: Turn, *, code: str | None = None) -> None:
        already = turn.state.confirmed
        turn.change(confirmed=True, asked=None, phase=Phase.CONFIRM, missing=None)
        turn.change(confirmation=code or turn.state.confirmation)
        turn.prove("confirmed")
        if code:
            turn.prove("confirmation")
        if already:
            turn.say("thanks_booked")
            turn.close()
        elif not wants_details(turn):
            self._after_booking(turn, answered=False)

    def _after_booking(self, turn: Turn, *, answered: bool) -> None:
        if answered:
            turn.ask(None)
            return
        read_back_heard = turn.before.asked is Asked.READ_BACK and not turn.state.confirmation
        if read_back_heard:
            turn.say("thanks_booked")
        else:
            what = brief_of(turn).booking(turn.state.agreed)
            turn.say("booked", what=what, confirmation=turn.state.confirmation)
        if not turn.has(Goodbye) and self._ask_extra(turn):
            return
        if turn.has(Goodbye):
            turn.say("goodbye", interruptible=False)
            turn.hang_up("completed")
        else:
            turn.close()

    # What else the owner wants to know.

    def _ask_extra(self, turn: Turn) -> bool:
        """Put the owner's next question, now that the booking stands; whether there was one."""
        questions = brief_of(turn).questions
        index = turn.state.question_index
        if index >= len(questions):
            return False
        turn.say("extra_question", question=questions[index])
        turn.ask(Asked.QUESTION)
        return True

    def _extra_answered(self, turn: Turn) -> bool:
        """Take down what they answer to it, and ask the next one or close."""
        if turn.has(Repeat) or not turn.text:
            return False
        turn.note(brief_of(turn).questions[turn.state.question_index])
        turn.change(question_index=turn.state.question_index + 1)
        if turn.has(AskSlot):
            answer_details(turn)
        if turn.has(Goodbye) or not self._ask_extra(turn):
            turn.say("thanks_answers")
            turn.close()
        return True

    def overheard(self, turn: Turn) -> None:
        """They book with a human of ours: at the moment that they name with it, else at the one that stood.

        What the human agreed to was not all heard: it is read back before it counts as booked.
        """
        super().overheard(turn)
        booked = turn.find(Booked)
        if booked is None:
            return
        confirm = turn.find(Confirm)
        moments = [*said_moments(turn), *([_moment_of(confirm)] if confirm is not None else [])]
        named = next((moment for moment in moments if moment.time is not None or not self.timed), None)
        if named is not None and (named.date or self.wanted_values(turn).get("date")):
            turn.agree(date=named.date or self.wanted_values(turn)["date"], time=named.time)
        if settled(turn.state):
            turn.change(confirmation=booked.code or turn.state.confirmation, assented=named is not None)
            turn.change(phase=Phase.CONFIRM, asked=None)

    # Keeping the thread.

    def complete(self, turn: Turn) -> bool:
        """Whether every required slot is agreed or was given by us."""
        known = {**brief_of(turn).slots, **turn.state.agreed}
        timed = {"date", "time"} & set(brief_of(turn).required)
        return all(key in turn.state.agreed for key in timed) and all(
            key in known for key in brief_of(turn).required if key != "name"
        )

    def read_back(self, turn: Turn) -> None:
        """Say everything that stands and ask whether it is right."""
        turn.say("read_back", what=brief_of(turn).booking(turn.state.agreed))
        turn.change(phase=Phase.CONFIRM)
        turn.ask(Asked.READ_BACK)

    def reprompt(self, turn: Turn) -> None:
        """Put the open question again."""
        state, brief = turn.state, brief_of(turn)
        if state.phase is Phase.CLOSE:
            turn.close()
        elif state.confirmed and state.asked is Asked.QUESTION:
            self._ask_extra(turn)
        elif state.confirmed:
            self._after_booking(turn, answered=False)
        elif state.asked is Asked.CLARIFY and state.candidates:
            self.clarify(turn, state.candidates)
        elif state.asked is Asked.WITHOUT:
            turn.say("unknown_slot")
        elif state.asked is Asked.CORRECTION:
            turn.say("what_to_correct")
        elif settled(state):
            self.read_back(turn)
        elif state.asked is Asked.WINDOW and brief.wanted.earliest and brief.wanted.latest and self.timed:
            turn.say("counter", window=(brief.wanted.earliest, brief.wanted.latest))
        elif state.asked in {Asked.TIME, Asked.DATE}:
            turn.say("ask_time" if state.asked is Asked.TIME else "ask_date")
        else:
            turn.change(candidates=())  # The request names its time again, so a yes agrees to it.
            turn.say("request_again", asked=brief.booking(self.wanted_values(turn), with_name=False))
            turn.ask(Asked.REQUEST)

    def repeat(self, turn: Turn, repeat: Repeat) -> None:
        """Again and slower; a slot they name is said alone, and spelled the second time."""
        if repeat.slot is None:
            super().repeat(turn, repeat)
            return
        answer_details(turn, slots=(repeat.slot,), again=turn.state.repeats)

    def before_goodbye(self, turn: Turn) -> bool:
        """What was accepted must not stay unconfirmed."""
        if (
            turn.state.confirmed
            or not settled(turn.state)
            or (turn.state.asked is Asked.READ_BACK and not turn.state.assented)
        ):
            return False
        if turn.state.their_read_back or turn.state.assented:
            self._confirmed(turn)
            return True
        self.read_back(turn)
        return True


def _moment_of(confirm: Confirm) -> When:
    return When(date=confirm.slots.get("date"), time=confirm.slots.get("time"))


def _named(moments: Sequence[When]) -> frozenset[str]:
    """Which of date and time the moments state."""
    return frozenset(key for moment in moments for key in ("date", "time") if getattr(moment, key) is not None)
