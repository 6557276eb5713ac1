"""A request for a call: its fields as they came, and what they mean once they are judged."""

from dataclasses import dataclass
from typing import Any

from voice_engine.domains.calls import scheduling
from voice_engine.domains.safety.languages import check_language
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category, Language, Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The submission, its shape checked. Fields typed `object` have a code of their own and are judged here."""

    task_category: Category
    task_description: str
    respondent_phone: object = None
    business_name: str | None = None
    user_name: str | None = None
    user_phone: str | None = None
    appointment_date: object = None
    appointment_time: object = None
    time_preference_text: str | None = None
    party_size: int | None = None
    language: object = None
    call_language: object = None
    is_urgent: bool = False
    additional_instructions: tuple[str, ...] = ()

    @property
    def number(self) -> str | None:
        """The number to call as it was written; None: there is none."""
        return self.respondent_phone if isinstance(self.respondent_phone, str) else None

    def texts(self) -> tuple[str | None, ...]:
        """All prose, for the rules about content."""
        return (
            self.task_description,
            self.time_preference_text,
            self.business_name,
            self.user_name,
            *self.additional_instructions,
        )

    def judge(self, e164: str) -> Submission:
        """The submission that the engine gets, for a number that passed the gate.

        Raises:
            InvalidInput: `unsupported_language`, `scheduling_violation`.
        """
        language = _language(self.language, "en")
        call_language = _language(self.call_language, language)
        day, time = self.appointment_date, self.appointment_time
        return Submission(
            task_category=self.task_category,
            task_description=self.task_description,
            respondent_phone=e164,
            business_name=self.business_name,
            user_name=self.user_name,
            user_phone=self.user_phone,
            appointment_date=None if day is None else scheduling.parse_date(day, field="appointment_date"),
            appointment_time=None if time is None else scheduling.parse_time(time, field="appointment_time"),
            time_preference_text=self.time_preference_text,
            party_size=self.party_size,
            language=language,
            call_language=call_language,
            is_urgent=self.is_urgent,
            additional_instructions=self.additional_instructions,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDate:
    """A wall-clock time for a call, its fields as they came."""

    date: object
    time: object
    timezone: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A request for a call.

    When it is made: at `scheduled_at`, an instant, or at `scheduled_for`, on the call's own clock, whose `timezone`
    is not read: the call has one zone.
    """

    asked: Asked
    timezone: object = None
    session_id: str | None = None
    scheduled_at: object = None
    scheduled_for: NewDate | None = None
    goal_id: object = None


def _language(value: Any, default: Language) -> Language:  # any JSON
    if value is None:
        return default
    if not isinstance(value, str):
        raise InvalidInput("unsupported_language", "calls are held in English (en) or Spanish (es)")
    return check_language(value)
