"""A room: check-in, nights, kind of room, guests and name; rate, breakfast, cancellation and card on the way."""

from collections.abc import Sequence

from voice_engine.core.dialogue.commands import Offer, Provide, Unavailable, When
from voice_engine.core.dialogue.negotiation import Accept, decide
from voice_engine.core.dialogue.policies.booking import BookingPolicy
from voice_engine.core.dialogue.policies.outbound import brief_of
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.core.dialogue.turn import Turn


class HotelPolicy(BookingPolicy):
    """Books a stay. A stay has dates and no time of day."""

    timed = False

    def other_values(self, turn: Turn) -> bool:
        """A rate is taken down and means that they have the room; another room than wished is not taken."""
        if self._other_room(turn):
            return True
        price = next((item.value for item in turn.all(Provide) if item.slot == "price"), None)
        if price is None:
            return super().other_values(turn)
        turn.agree(price=price)
        turn.note("price", str(price))
        if turn.has(Unavailable, Offer):
            return False
        if self._too_dear(turn, price):
            return True
        if turn.state.asked is Asked.REQUEST and self.agree_to_request(turn):
            self._go_on(turn)
            return True
        return False

    def _other_room(self, turn: Turn) -> bool:
        wished = brief_of(turn).slots.get("room")
        offered = next((str(item.value) for item in turn.all(Provide) if item.slot == "room"), None)
        if offered is None or wished is None or wished in offered or offered in wished:
            return False
        turn.note("room", offered)
        turn.change(unavailable=True)
        if turn.state.rounds > 0:
            self.give_up(turn)
            return True
        turn.change(rounds=turn.state.rounds + 1)
        turn.say("counter_room", room=wished)
        turn.ask(Asked.REQUEST)
        return True

    def _too_dear(self, turn: Turn, price: object) -> bool:
        limit = brief_of(turn).price_limit
        amount = _amount(price)
        if limit is None or amount is None or amount <= limit:
            return False
        turn.change(unavailable=True, agreed={})
        if turn.state.rounds > 0:
            self.give_up(turn)
        else:
            turn.change(rounds=turn.state.rounds + 1)
            turn.say("counter_price")
            turn.ask(Asked.REQUEST)
        return True

    def weigh_dates(self, turn: Turn, options: Sequence[When]) -> bool:
        """Dates that they offer or repeat; a repeated one confirms the request."""
        wanted = brief_of(turn).wanted
        asked = wanted.date(turn.state.date_index)
        if all(option.date in {None, asked} for option in options):
            return self._answer(turn, yes=True) if not turn.has(Unavailable) else False
        fitting = [When(date=option.date, time=None) for option in options if option.date in wanted.dates]
        if fitting and fitting[0].date is not None:
            turn.change(date_index=wanted.dates.index(fitting[0].date), unavailable=False, fully_booked=False)
            self.agree_to_request(turn)
            self.read_back(turn)
            return True
        turn.change(offers=(*turn.state.offers, *options))
        turn.note("offer")
        decision = decide(wanted, (), date_index=turn.state.date_index, rounds=turn.state.rounds, whole_day=True)
        assert not isinstance(decision, Accept), "nothing was offered to accept"
        self._act(turn, decision)
        return True

    def agree_to_request(self, turn: Turn) -> bool:
        """They have it: the stay as it was asked for."""
        slots = brief_of(turn).slots
        if not super().agree_to_request(turn):
            return False
        turn.agree(nights=slots.get("nights"), room=slots.get("room"))
        turn.change(phase=Phase.FILL)
        return True


def _amount(price: object) -> float | None:
    digits = "".join(char for char in str(price).replace(",", ".") if char.isdigit() or char == ".").strip(".")
    try:
        return float(digits)
    except ValueError:
        return None
