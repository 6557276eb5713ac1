"""An appointment: service or doctor, date, time and patient. Never medical advice, and no data not allowed."""

from voice_engine.core.dialogue.commands import Provide
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.policies.booking import BookingPolicy
from voice_engine.core.dialogue.turn import Turn


class ClinicPolicy(BookingPolicy):
    """Makes an appointment; another doctor than the wished one is taken only when none was wished."""

    def other_values(self, turn: Turn) -> bool:
        """A doctor whom they name is noted when the owner has no wish."""
        doctor = next((item.value for item in turn.all(Provide) if item.slot == "doctor"), None)
        if doctor is not None and "doctor" not in brief_of(turn).slots:
            turn.agree(doctor=str(doctor))
        return super().other_values(turn)
