"""What the owner wants, read once from an outbound call's submission: typed slots, and what may be told of them.

The submission carries some of it in fields and some in prose ("a double room for three nights"). Nothing is
known of the owner but `user_name`, `user_phone` and what the prose says.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voice_engine.core.dialogue.language import Context, parse_window, understand
from voice_engine.core.dialogue.negotiation import Wanted
from voice_engine.core.dialogue.prose import Prose, read_prose
from voice_engine.ports.call import CallSpec, Category, Language, Submission

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
OWNER_WORDS: Mapping[Language, str] = {"en": "a client", "es": "un cliente"}
REQUIRED: Mapping[Category, tuple[str, ...]] = {
    Category.RESTAURANT: ("date", "time", "party_size", "name"),
    Category.CLINIC: ("date", "time", "name"),
    Category.HOTEL: ("date", "nights", "name"),
    Category.GENERAL: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The owner's wish. `slots` holds every value that may be told, by slot name.

    `notes` are the owner's own sentences, the only source for anything that has no slot.
    """

    category: Category
    owner: str
    wanted: Wanted
    slots: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    errand: str | None = None
    price_limit: float | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """The slots that must be agreed before the task counts as achieved."""
        return REQUIRED.get(self.category, ())

    def booking(self, agreed: Mapping[str, Any], *, with_name: bool = True) -> dict[str, Any]:
        """The booking as it stands: what was agreed, else what is wanted, for a spoken phrase."""
        keys = ("party_size", "room", "nights", "service", "doctor", "seating", "patient")
        values: dict[str, Any] = {"category": self.category.value}
        values.update({key: self.slots[key] for key in keys if key in self.slots})
        values.update({key: value for key, value in agreed.items() if value is not None})
        values.pop("phone", None)
        if with_name and "name" in self.slots:
            values["name"] = values.get("name", self.slots["name"])
        else:
            values.pop("name", None)
        return values


def read_brief(spec: CallSpec) -> Brief:
    """Read the brief of an outbound call. The call's clock fixes what "tomorrow" in the prose means."""
    submission = spec.submission
    assert submission is not None, "only an outbound call has a brief"
    notes = _sentences(submission)
    prose = read_prose(" ".join(f"{note.rstrip('.')}." for note in notes), category=submission.task_category)
    slots: dict[str, Any] = dict(prose.slots)
    slots.update(_fields(submission))
    if slots.get("date") and slots.get("nights"):
        slots["check_out"] = slots["date"] + dt.timedelta(days=slots["nights"])
    elif slots.get("date") and slots.get("check_out"):
        slots["nights"] = (slots["check_out"] - slots["date"]).days
    return Brief(
        category=submission.task_category,
        owner=submission.user_name or OWNER_WORDS[spec.language],
        wanted=_wanted(submission, spec),
        slots=slots,
        notes=notes,
        questions=_questions(submission, prose),
        errand=prose.errand if submission.task_category is Category.GENERAL else None,
        price_limit=prose.price_limit,
    )


def _sentences(submission: Submission) -> tuple[str, ...]:
    texts = (submission.task_description, *submission.additional_instructions)
    return tuple(part.strip() for text in texts for part in _SENTENCE_END.split(text) if part.strip())


def _fields(submission: Submission) -> dict[str, Any]:
    fields = {
        "name": submission.user_name,
        "phone": submission.user_phone,
        "date": submission.appointment_date,
        "time": submission.appointment_time,
        "party_size": submission.party_size,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _questions(submission: Submission, prose: Prose) -> tuple[str, ...]:
    return prose.questions if submission.task_category is Category.GENERAL else ()


def _wanted(submission: Submission, spec: CallSpec) -> Wanted:
    """Dates in the owner's order and the window of times, from fields first and prose second."""
    prose = " ".join((submission.time_preference_text or "", *submission.additional_instructions)).strip()
    context = Context(language=submission.language, now=spec.answered_at, category=submission.task_category)
    spoken = understand(prose, context).slots if prose else None
    dates = [submission.appointment_date] if submission.appointment_date else []
    for day in spoken.dates if spoken else ():
        if day not in dates and day >= spec.answered_at.date():
            dates.append(day)
    preferred = submission.appointment_time
    earliest = latest = preferred
    if submission.time_preference_text:
        window = parse_window(submission.time_preference_text, context)
        if window is not None:
            earliest, latest, preferred = _bounds(window.earliest, window.latest, preferred or window.preferred)
    return Wanted(dates=tuple(dates), preferred=preferred, earliest=earliest, latest=latest)


def _bounds(
    earliest: dt.time | None, latest: dt.time | None, preferred: dt.time | None
) -> tuple[dt.time | None, dt.time | None, dt.time | None]:
    """A window open at one end reaches to that end of the day; the preference always lies inside it."""
    if earliest is None and latest is None:
        return preferred, preferred, preferred
    first, last = earliest or dt.time(0, 0), latest or dt.time(23, 59)
    if preferred is not None and not Wanted(earliest=first, latest=last).allows(preferred):
        first, last = min(first, preferred), max(last, preferred)
    return first, last, preferred
