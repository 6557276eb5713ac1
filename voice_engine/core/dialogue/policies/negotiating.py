"""Which moment to take and what to ask for instead: the negotiation of a booking, as spoken turns.

`negotiation.decide` decides; this module says it. What a plain "yes" agrees to, and when a booking counts as
made, is the business of `booking`.
"""

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence

from voice_engine.core.dialogue.brief import told_by
from voice_engine.core.dialogue.commands import No, Provide, Unavailable, When
from voice_engine.core.dialogue.negotiation import (
    Accept,
    AskTime,
    Clarify,
    Counter,
    Decision,
    GiveUp,
    NextDate,
    decide,
)
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.policies.details import offers_wait_list
from voice_engine.core.dialogue.policies.outbound import OutboundPolicy
from voice_engine.core.dialogue.policies.said import on_day, open_day, still_offered
from voice_engine.core.dialogue.policies.whispered import listening
from voice_engine.core.dialogue.state import Asked, DialogueState, Phase
from voice_engine.core.dialogue.turn import Turn
from voice_engine.core.dialogue.whisper import TakeOffer, TurnDown, Wish
from voice_engine.ports.call import Evidence

_ANY = dt.time(12, 0)
"""Stands for the time of a booking that has none."""


class NegotiatingPolicy(OutboundPolicy):
    """Asks for a moment, weighs what they offer, and gives up when nothing fits."""

    timed = True
    """Whether a time of day is part of the booking (not for a stay)."""

    def opening(self, turn: Turn) -> None:
        """Disclose, ask for exactly what is wanted."""
        asked = brief_of(turn).booking(self.wanted_values(turn), with_name=False)
        turn.say("open", owner=brief_of(turn).owner, asked=asked, recorded=turn.spec.record, interruptible=False)
        turn.change(opened=True, phase=Phase.NEGOTIATE)
        turn.ask(Asked.REQUEST)

    def asked(self, turn: Turn) -> dict[str, object]:
        """The purpose of the call, for `{asked}`."""
        return brief_of(turn).booking(self.wanted_values(turn), with_name=False)

    def wanted_values(self, turn: Turn) -> dict[str, object]:
        """Date and time being asked for now: what was agreed, else what is wanted."""
        wanted = brief_of(turn).wanted
        values: dict[str, object] = {"date": wanted.date(turn.state.date_index)}
        if self.timed:
            values["time"] = wanted.preferred
        values.update(turn.state.agreed)
        return {key: value for key, value in values.items() if value is not None}

    # What is done with what was settled.

    @abstractmethod
    def answer(self, turn: Turn, *, yes: bool) -> bool:
        """Take a plain yes or no as an answer to the open question; whether it was one."""

    @abstractmethod
    def read_back(self, turn: Turn) -> None:
        """Say everything that stands and ask whether it is right."""

    # Offers and refusals.

    def weigh(self, turn: Turn, options: Sequence[When]) -> bool:
        """Decide on moments that they named; always True."""
        state = turn.state
        day = open_day(state)
        if day is not None:
            options = [on_day(option, day) for option in options]
        options = still_offered(turn, options)
        if not options:
            turn.say("ask_time")  # They offered what they had just refused: one of the two was misheard.
            turn.ask(Asked.TIME)
            return True
        wanted = brief_of(turn).wanted
        whole_day = any(item.whole_day for item in turn.all(Unavailable))
        decision = decide(
            wanted, options, date_index=state.date_index, rounds=state.rounds, whole_day=whole_day and not options
        )
        self._note_offers(turn, options, accepted=isinstance(decision, Accept))
        turn.change(unavailable=turn.state.unavailable or turn.has(Unavailable))
        self.act(turn, decision)
        return True

    def _note_offers(self, turn: Turn, options: Sequence[When], *, accepted: bool) -> None:
        """Keep for the report what was offered and not taken."""
        state = turn.state
        if not accepted:
            offers = tuple(option for option in options if option not in state.offers)
            turn.change(offers=(*state.offers, *offers))
            if offers:
                turn.note("offer")

    def refused_slot(self, turn: Turn, *, whole_day: bool) -> None:
        """What we asked for is not to be had: ask for something else, or give up."""
        turn.change(unavailable=True, fully_booked=whole_day, agreed={}, their_read_back=False)
        turn.note("unavailable")
        state = turn.state
        decision = decide(
            brief_of(turn).wanted, (), date_index=state.date_index, rounds=state.rounds, whole_day=whole_day
        )
        self.act(turn, decision)

    def act(self, turn: Turn, decision: Decision) -> None:
        """Say what was decided."""
        match decision:
            case Accept(date=day, time=moment):
                self._accept(turn, day, moment)
            case Clarify(options=options):
                self.clarify(turn, options)
            case AskTime(date=None):
                turn.say("ask_date")
                turn.ask(Asked.DATE)
            case AskTime(date=day):
                turn.change(candidates=(When(date=day),))
                turn.say("ask_time_on", date=day)
                turn.ask(Asked.TIME)
            case Counter():
                self._counter(turn)
            case NextDate(index=index, date=day):
                turn.change(date_index=index, rounds=0, candidates=())
                values = brief_of(turn).booking({"time": brief_of(turn).wanted.preferred} if self.timed else {})
                turn.say("next_date", date=day, what=values)
                turn.ask(Asked.REQUEST)
            case GiveUp():
                self.give_up(turn)

    def _accept(self, turn: Turn, day: dt.date, moment: dt.time) -> None:
        agreed = turn.state.agreed
        known = agreed.get("time")
        if known == moment and agreed.get("date") == day:
            self.answer(turn, yes=True)
            return
        explained = turn.has(Unavailable, No) or turn.state.asked in {
            Asked.READ_BACK, Asked.CORRECTION, Asked.CLARIFY, Asked.TIME, Asked.WINDOW, Asked.REQUEST,
        }  # fmt: skip
        if known is not None and not explained:
            self.clarify(turn, (When(date=None, time=known), When(date=None, time=moment)))
            return
        turn.agree(date=day, time=moment)
        turn.change(phase=Phase.FILL, candidates=(), timeless=0, unread_booking=None)
        turn.change(unavailable=False, fully_booked=False, their_read_back=False)
        if turn.before.asked in {Asked.READ_BACK, Asked.CORRECTION}:
            self.read_back(turn)
            return
        shown = When(date=day if day != brief_of(turn).wanted.date(turn.state.date_index) else None, time=moment)
        what = brief_of(turn).booking({"date": day})
        turn.say("accept_switch" if known is not None else "accept", moment=shown, what=what)
        turn.ask(Asked.BOOKED)

    def clarify(self, turn: Turn, options: tuple[When, ...]) -> None:
        """Ask which of two moments was meant."""
        turn.change(candidates=options)
        turn.say("clarify", options=options)
        turn.ask(Asked.CLARIFY)

    def _counter(self, turn: Turn) -> None:
        wanted = brief_of(turn).wanted
        again = turn.state.rounds > 0
        turn.change(rounds=turn.state.rounds + 1)
        asked = wanted.date(turn.state.date_index)
        if not self.timed or wanted.earliest is None or wanted.latest is None:
            turn.say("counter_any")
        elif asked is not None and any(offer.date not in {None, asked} for offer in turn.state.offers[-1:]):
            turn.say("counter_on", date=asked, window=(wanted.earliest, wanted.latest))
        elif not wanted.flexible:
            turn.say("counter_exact", window=(wanted.earliest, wanted.latest))
        else:
            turn.say("counter_again" if again else "counter", window=(wanted.earliest, wanted.latest))
        turn.ask(Asked.WINDOW)

    def give_up(self, turn: Turn) -> None:
        """Nothing fits: thank them and report what they offered."""
        turn.change(agreed={}, unavailable=True)
        if offers_wait_list(turn):
            return  # That is answered with the details, and the call goes on.
        owner = brief_of(turn).owner
        if turn.state.offers:
            turn.say("give_up_offers", owner=owner, options=turn.state.offers[-3:], interruptible=False)
        else:
            turn.say("give_up", owner=owner, interruptible=False)
        turn.hang_up("completed")

    # What the owner wants meanwhile.

    def instructed(self, turn: Turn, instruction: TakeOffer | TurnDown | Wish) -> bool:
        """Weigh what they offered by the owner's new wish, and ask for it if nothing of it fits; always True."""
        match instruction:
            case Wish():
                self._wished(turn, instruction)
            case TakeOffer():
                offer = turn.state.offers[-1] if turn.state.offers else None
                if offer is not None:
                    self._wished(turn, _as_wish(offer))
            case TurnDown():
                self._turned_down_by_owner(turn)
        return True

    def resume(self, turn: Turn) -> None:
        """Take what they offered before, if the owner has wished for it since; else lead on as ever."""
        if not self._takes_earlier_offer(turn):
            super().resume(turn)

    def _takes_earlier_offer(self, turn: Turn) -> bool:
        state, wanted = turn.state, brief_of(turn).wanted
        if not (self.timed and state.told and state.offers and state.opened) or "date" in state.agreed:
            return False
        decision = decide(wanted, state.offers, date_index=state.date_index, rounds=0)
        if isinstance(decision, Accept):
            turn.evidence = _evidence_of_offer(state)
            self.act(turn, decision)
        return isinstance(decision, Accept)

    def _wished(self, turn: Turn, wish: Wish) -> None:
        before, may_speak = turn.state, listening(turn)
        turn.amend(told_by(brief_of(turn), wish))
        turn.change(rounds=0, date_index=0 if wish.date is not None else before.date_index)
        if not may_speak:
            return  # Whoever speaks, or comes back to the phone, is answered by the new wish.
        wanted = brief_of(turn).wanted
        stands = before.agreed.get("date") in wanted.dates and wanted.allows(before.agreed.get("time") or _ANY)
        exact = wish.time is None or before.agreed.get("time") == wish.time
        if stands and exact and wish.party_size is None:
            return
        turn.change(agreed={}, confirmed=False, confirmation=None, assented=False, their_read_back=False)
        turn.change(candidates=(), unavailable=False, phase=Phase.NEGOTIATE)
        if wish.party_size is not None or not self._takes_earlier_offer(turn):
            turn.change(asked=None)
            self.reprompt(turn)

    def _turned_down_by_owner(self, turn: Turn) -> None:
        state = turn.state
        if not state.agreed and not state.offers:
            return
        turn.change(agreed={}, confirmed=False, confirmation=None, assented=False, their_read_back=False)
        turn.change(offers=(), candidates=(), phase=Phase.NEGOTIATE)
        if listening(turn):
            turn.say("counter_any")
            turn.ask(Asked.WINDOW)

    # What a category adds.

    def other_values(self, turn: Turn) -> bool:
        """Values that are no moment: party size, rate, room …; whether anything was done with them."""
        wrong = {
            item.slot: item.value
            for item in turn.all(Provide)
            if item.slot == "party_size" and brief_of(turn).slots.get("party_size") not in {None, item.value}
        }
        if wrong:
            turn.say("correct", what=brief_of(turn).booking(self.wanted_values(turn)))
            return True
        return False

    def weigh_dates(self, turn: Turn, options: Sequence[When]) -> bool:
        """Offers to a booking without a time of day."""
        return False

    def agree_to_request(self, turn: Turn) -> bool:
        """They said yes to the request: agree to what was asked; False when part of it is still open."""
        wanted = brief_of(turn).wanted
        day = wanted.date(turn.state.date_index)
        if day is None:
            turn.say("ask_date")
            turn.ask(Asked.DATE)
            return False
        if self.timed and wanted.preferred is None:
            turn.change(candidates=(When(date=day),))
            turn.say("ask_time")
            turn.ask(Asked.TIME)
            return False
        turn.agree(date=day, time=wanted.preferred if self.timed else None)
        turn.change(phase=Phase.FILL)
        return True


def _as_wish(offer: When) -> Wish:
    if offer.until is not None:
        return Wish(date=offer.date, earliest=offer.time, latest=offer.until)
    return Wish(date=offer.date, time=offer.time)


def _evidence_of_offer(state: DialogueState) -> Evidence | None:
    """Where they said what they could offer: there the owner's yes to it has its evidence."""
    return next((item.evidence for item in reversed(state.heard) if item.about == "offer"), None)
