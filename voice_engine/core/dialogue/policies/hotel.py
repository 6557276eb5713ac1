"""A room: check-in, nights, kind of room, guests and name; rate, breakfast, cancellation and card on the way."""

import re
from collections.abc import Sequence

from voice_engine.core.dialogue.commands import Booked, No, Offer, Provide, Unavailable, When, Yes
from voice_engine.core.dialogue.language import normalise
from voice_engine.core.dialogue.negotiation import Accept, decide
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.policies.booking import BookingPolicy
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.core.dialogue.turn import Turn

_PRICE = re.compile(
    r"[$€£]\s*(\d{2,5}(?:\.\d\d)?)|\b(\d{2,5}(?:[.,]\d\d)?)\s*(?:[$€£]|dollars|euros?|pounds|bucks|pesos)"
    r"|\b(\d{2,5})\s+(?:a|per|each|por|la)\s+(?:night|noche)"
    r"|\b(?:rate|price|cost|total|tarifa|precio)\D{1,20}?(\d{2,5})\b"
)
_A_HUNDRED = re.compile(r"\ba hundred\b")
_HUNDREDS = re.compile(r"\b(\d{1,2}00) (?:and |y )?(\d{1,2})\b")
_EXTRA = re.compile(
    r"\b(?:parking|park|breakfast|deposit|pets?|dogs?|tax(?:es)?|fees?|crib|cot|extra bed|resort|valet|early|late"
    r"|aparca\w*|garaje|coche|desayuno|fianza|deposito|senal|mascotas?|perro|tasas?|impuestos?|cuna|supletoria)\b"
)
"""What else a hotel charges for: its price is not the rate."""
_RATE = re.compile(
    r"\b(?:rate|room|night|total|altogether|tarifa|habitaci[oó]n|noche|en total|sale)\b", re.IGNORECASE
)
"""What a corrected rate is told with; another amount does not replace one that was named."""
_ONLY_ROOM = re.compile(
    r"\bonly (?:have |got |offer )?(?:an? |the )?(single|double|twin|triple|queen|king|suite)"
    r"|\bs[oó]lo (?:tenemos|tengo|queda[n]?|hay) (?:una? )?(?:habitaci[oó]n(?:es)? )?"
    r"(individual|doble|triple|suite|sencilla)",
    re.IGNORECASE,
)


class HotelPolicy(BookingPolicy):
    """Books a stay. A stay has dates and no time of day."""

    timed = False

    def other_values(self, turn: Turn) -> bool:
        """A rate is taken down and means that they have the room; another room than wished is not taken."""
        if self._other_room(turn):
            return True
        price = _said_price(turn)
        if price is None:
            return super().other_values(turn)
        if "price" not in turn.state.agreed or _RATE.search(turn.text):
            turn.agree(price=f"{price:g}")
            turn.note("price", f"{price:g}")
        if turn.has(Unavailable, Offer):
            return False
        if self._too_dear(turn, price):
            return True
        if turn.state.asked is Asked.REQUEST and self.agree_to_request(turn):
            self._go_on(turn)
            return True
        if turn.has(Yes, No, Booked, Provide):
            return False
        self.reprompt(turn)
        return True

    def _other_room(self, turn: Turn) -> bool:
        wished = brief_of(turn).slots.get("room")
        offered = _said_room(turn)
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

    def _too_dear(self, turn: Turn, price: float) -> bool:
        limit = brief_of(turn).price_limit
        if limit is None or price <= limit:
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
            return self.answer(turn, yes=True) if not turn.has(Unavailable) else False
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
        self.act(turn, decision)
        return True

    def agree_to_request(self, turn: Turn) -> bool:
        """They have it: the stay as it was asked for."""
        slots = brief_of(turn).slots
        if not super().agree_to_request(turn):
            return False
        turn.agree(nights=slots.get("nights"), room=slots.get("room"))
        turn.change(phase=Phase.FILL)
        return True


def _said_price(turn: Turn) -> float | None:
    """The rate that they name: an amount of money, or a bare amount a night."""
    for item in turn.all(Provide):
        if item.slot == "price":
            return _amount(str(item.value))
    words = " ".join(normalise(turn.text, turn.spec.language))
    words = _A_HUNDRED.sub("100", words)
    words = _HUNDREDS.sub(lambda found: str(int(found.group(1)) + int(found.group(2))), words)
    for found in _PRICE.finditer(words):
        start = max(words.rfind(stop, 0, found.start()) for stop in (".", ",", ";", "?", " and ", " y "))
        if not _EXTRA.search(words, max(start, 0), _end_of_clause(words, found.end())):
            return _amount(next(group for group in found.groups() if group))
    return None


def _end_of_clause(words: str, position: int) -> int:
    stops = [at for stop in (".", ",", ";", "?", " and ", " y ") if (at := words.find(stop, position)) >= 0]
    return min(stops, default=len(words))


def _said_room(turn: Turn) -> str | None:
    """The kind of room that they say they have instead of the one asked for."""
    for item in turn.all(Provide):
        if item.slot == "room":
            return str(item.value)
    found = _ONLY_ROOM.search(turn.text)
    return next(group for group in found.groups() if group).lower() if found else None


def _amount(price: str) -> float | None:
    digits = "".join(char for char in price.replace(",", ".") if char.isdigit() or char == ".").strip(".")
    try:
        return float(digits)
    except ValueError:
        return None
