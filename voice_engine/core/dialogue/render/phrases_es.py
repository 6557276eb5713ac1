"""Spanish words for slot values."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.language import speak_date, speak_phone, speak_time, spell
from voice_engine.core.dialogue.render.phrases import BasePhrases, joined
from voice_engine.ports.call import OpeningHours

_NUMBERS = (
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
)

_WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


class SpanishPhrases(BasePhrases):
    """Spanish words for slot values. Times come with their article ("las ocho y media")."""

    unnamed = "alguien sin nombre"

    def special(self, name: str, value: Any) -> str:
        """Numbers whose wording depends on what they count."""
        match name:
            case "phone":
                return speak_phone(str(value), "es")
            case "code" | "spelled":
                return spell(str(value), "es")
            case "guests":
                return "una persona" if value == 1 else f"{number(value)} personas"
            case "nights":
                return "una noche" if value == 1 else f"{number(value)} noches"
        return "una persona" if value == 1 else f"{number(value)} personas"

    def optional(self, name: str, value: Any) -> str:
        """A whole sentence that is said only when there is something to say."""
        match name:
            case "recorded":
                return " Esta llamada se graba."
            case "confirmation":
                return f" Y el número de confirmación es {self.special('code', value)}."
            case "phone_or_none":
                return f", con el teléfono {self.special('phone', value)}"
        return f" Por favor, llame al {self.special('phone', value)}."

    def hours(self, first: int, last: int, hours: OpeningHours) -> str:
        """A run of weekdays and their hours: "de lunes a viernes de las nueve a las cinco"."""
        days = f"el {_WEEKDAYS[first]}" if first == last else f"de {_WEEKDAYS[first]} a {_WEEKDAYS[last]}"
        return f"{days} de {self.time(hours.open)} a {self.time(hours.close)}"

    def booking(self, values: Mapping[str, Any]) -> str:
        """A booking as a noun: "una mesa para cuatro personas el sábado a las ocho"."""
        match values.get("category"):
            case "restaurant":
                head = "una mesa"
                if values.get("party_size"):
                    head += f" para {self.special('party_size', values['party_size'])}"
                tail = [str(values["seating"])] if values.get("seating") else []
            case "clinic":
                head = f"una cita para {values['service']}" if values.get("service") else "una cita"
                tail = [f"con {values['doctor']}"] if values.get("doctor") else []
                tail += [f"para {values['patient']}"] if values.get("patient") else []
            case "hotel":
                return self._stay(values)
            case _:
                head, tail = str(values.get("service") or "una cita"), []
        if values.get("date"):
            tail.append(f"el {self.date(values['date'])}")
        if values.get("time"):
            tail.append(f"a {self.time(values['time'])}")
        if values.get("name"):
            tail.append(f"a nombre de {values['name']}")
        return " ".join([head, *tail])

    def _stay(self, values: Mapping[str, Any]) -> str:
        room = values.get("room")
        parts = [f"una habitación {room}" if room else "una habitación"]
        if values.get("party_size"):
            parts.append(f"para {self.special('guests', values['party_size'])}")
        if values.get("date"):
            parts.append(f"desde el {self.date(values['date'])}")
        if values.get("nights"):
            parts.append(f"por {self.special('nights', values['nights'])}")
        elif values.get("check_out"):
            parts.append(f"hasta el {self.date(values['check_out'])}")
        if values.get("name"):
            parts.append(f"a nombre de {values['name']}")
        return " ".join(parts)

    def wish(self, values: Mapping[str, Any]) -> str:
        """A booking as an infinitive: "reservar una mesa …"."""
        questions = values.get("questions")
        if questions:
            return f"preguntar {self.series(questions)}"
        if values.get("errand"):
            return str(values["errand"])
        verb = "pedir" if values.get("category") == "clinic" else "reservar"
        return f"{verb} {self.booking(values)}"

    def window(self, first: dt.time, last: dt.time) -> str:
        """A span of times: "entre las siete y las nueve"."""
        if first == last:
            return f"a {self.time(first)}"
        if last >= dt.time(23, 30):
            return f"a partir de {self.time(first)}"
        if first <= dt.time(0, 30):
            return f"antes de {self.time(last)}"
        return f"entre {self.time(first)} y {self.time(last)}"

    def moment(self, when: When) -> str:
        """A date, a time or both."""
        parts = []
        if when.date is not None:
            parts.append(f"el {self.date(when.date)}")
        if when.time is not None:
            parts.append(f"a {self.time(when.time)}")
        return " ".join(parts)

    def date(self, day: dt.date) -> str:
        """A date with its weekday, so that a slip is heard."""
        return speak_date(day, "es")

    def time(self, moment: dt.time) -> str:
        """A time of day with its article."""
        return speak_time(moment, "es")

    def alternatives(self, items: Sequence[str]) -> str:
        """Joined by "o"."""
        return joined(items, "o")

    def series(self, items: Sequence[str]) -> str:
        """Joined by "y"."""
        return joined(items, "y")


def number(value: int) -> str:
    """A small number in words, a large one in digits."""
    return _NUMBERS[value] if 0 <= value < len(_NUMBERS) else str(value)
