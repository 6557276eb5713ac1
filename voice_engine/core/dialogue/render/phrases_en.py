"""English words for slot values."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.language import speak_date, speak_phone, speak_time, spell
from voice_engine.core.dialogue.render.phrases import BasePhrases, joined
from voice_engine.ports.call import OpeningHours

_NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class EnglishPhrases(BasePhrases):
    """English words for slot values."""

    unnamed = "an unnamed caller"

    def special(self, name: str, value: Any) -> str:
        """Numbers whose wording depends on what they count."""
        match name:
            case "phone":
                return speak_phone(str(value), "en")
            case "code" | "spelled":
                return spell(str(value), "en")
            case "guests":
                return "one guest" if value == 1 else f"{number(value)} guests"
            case "nights":
                return "one night" if value == 1 else f"{number(value)} nights"
        return number(value)

    def optional(self, name: str, value: Any) -> str:
        """A whole sentence that is said only when there is something to say."""
        match name:
            case "recorded":
                return " This call is recorded."
            case "confirmation":
                return f" And the confirmation number is {self.special('code', value)}."
            case "phone_or_none":
                return f", at {self.special('phone', value)}"
        return f" Please call back at {self.special('phone', value)}."

    def hours(self, first: int, last: int, hours: OpeningHours) -> str:
        """A run of weekdays and their hours: "Monday to Friday from nine to five"."""
        days = _WEEKDAYS[first] if first == last else f"{_WEEKDAYS[first]} to {_WEEKDAYS[last]}"
        return f"{days} from {self.time(hours.open)} to {self.time(hours.close)}"

    def booking(self, values: Mapping[str, Any]) -> str:
        """A booking as a noun: "a table for four on Saturday at eight"."""
        match values.get("category"):
            case "restaurant":
                head = "a table"
                if values.get("party_size"):
                    head += f" for {number(values['party_size'])}"
                tail = [values["seating"]] if values.get("seating") else []
            case "clinic":
                head = self._appointment(values)
                tail = [f"for {values['patient']}"] if values.get("patient") else []
            case "hotel":
                return self._stay(values)
            case _:
                head, tail = str(values.get("service") or "an appointment"), []
        if values.get("date"):
            tail.append(f"on {self.date(values['date'])}")
        if values.get("time"):
            tail.append(f"at {self.time(values['time'])}")
        if values.get("name"):
            tail.append(f"under the name {values['name']}")
        return " ".join([head, *tail])

    def _appointment(self, values: Mapping[str, Any]) -> str:
        head = f"an appointment for {values['service']}" if values.get("service") else "an appointment"
        return f"{head} with {values['doctor']}" if values.get("doctor") else head

    def _stay(self, values: Mapping[str, Any]) -> str:
        room = values.get("room")
        parts = [f"a {room} room" if room else "a room"]
        if values.get("party_size"):
            parts.append(f"for {self.special('guests', values['party_size'])}")
        if values.get("date"):
            parts.append(f"from {self.date(values['date'])}")
        if values.get("nights"):
            parts.append(f"for {self.special('nights', values['nights'])}")
        elif values.get("check_out"):
            parts.append(f"until {self.date(values['check_out'])}")
        if values.get("name"):
            parts.append(f"under the name {values['name']}")
        return " ".join(parts)

    def wish(self, values: Mapping[str, Any]) -> str:
        """A booking as an infinitive: "book a table for four …"."""
        questions = values.get("questions")
        if questions:
            return f"ask {self.series(questions)}"
        if values.get("errand"):
            return str(values["errand"])
        return f"book {self.booking(values)}"

    def window(self, first: dt.time, last: dt.time) -> str:
        """A span of times: "between seven and nine"."""
        if first == last:
            return f"at {self.time(first)}"
        if last >= dt.time(23, 30):
            return f"after {self.time(first)}"
        if first <= dt.time(0, 30):
            return f"before {self.time(last)}"
        return f"between {self.time(first)} and {self.time(last)}"

    def moment(self, when: When) -> str:
        """A date, a time or both."""
        parts = []
        if when.date is not None:
            parts.append(self.date(when.date))
        if when.time is not None:
            parts.append(f"at {self.time(when.time)}" if parts else self.time(when.time))
        return " ".join(parts)

    def date(self, day: dt.date) -> str:
        """A date with its weekday, so that a slip is heard."""
        return speak_date(day, "en")

    def time(self, moment: dt.time) -> str:
        """A time of day."""
        return speak_time(moment, "en")

    def alternatives(self, items: Sequence[str]) -> str:
        """Joined by "or"."""
        return joined(items, "or")

    def series(self, items: Sequence[str]) -> str:
        """Joined by "and"."""
        return joined(items, "and")


def number(value: int) -> str:
    """A small number in words, a large one in digits."""
    return _NUMBERS[value] if 0 <= value < len(_NUMBERS) else str(value)
