"""What the owner wants, read once from an outbound call's submission: typed slots, and what may be told of them.

The submission carries some of it in fields and some in prose ("a double room for three nights"). Nothing is
known of the owner but `user_name`, `user_phone` and what the prose says.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from voice_engine.core.dialogue.language import Context, Window, parse_window, understand
from voice_engine.core.dialogue.negotiation import Wanted
from voice_engine.core.dialogue.prose import Prose, read_prose
from voice_engine.core.dialogue.whisper import Wish
from voice_engine.ports.call import CallSpec, Category, Language, Submission

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_BEGINS_A_QUESTION = re.compile(
    r"(?:whether|if|how|what|when|where|who|which|si|c[oó]mo|cu[aá]nt[oa]s?|cu[aá]l(?:es)?|cu[aá]ndo|qu[eé]|d[oó]nde"
    r"|a qu[eé])\b",
    re.IGNORECASE,
)
_ENDS = (".", "!", "?", ";")
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
    prose = read_prose(
        " ".join(note if note.endswith(_ENDS) else f"{note}." for note in notes), category=submission.task_category
    )
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


def amended(brief: Brief, told: Mapping[str, Any]) -> Brief:
    """The brief as its owner changed it while the call ran: `told` has slots, `earliest`, `latest`, `any_time`."""
    if not told:
        return brief
    wanted = brief.wanted
    if "date" in told:
        wanted = replace(wanted, dates=(told["date"],))
    if told.get("any_time"):
        wanted = replace(wanted, earliest=None, latest=None)
    elif "earliest" in told:
        preferred = told.get("time")
        wanted = replace(wanted, earliest=told["earliest"], latest=told["latest"], preferred=preferred)
    slots = {**brief.slots, **{key: told[key] for key in ("date", "time", "party_size") if key in told}}
    if "earliest" in told and "time" not in told:
        slots.pop("time", None)
    return replace(brief, wanted=wanted, slots=slots)


def told_by(brief: Brief, wish: Wish) -> dict[str, Any]:
    """What a wish changes, for `amended`. A time outside the window becomes all that is wanted; a window's old
    preference stands if it lies inside it."""
    told: dict[str, Any] = {"date": wish.date, "party_size": wish.party_size}
    wanted = brief.wanted
    if wish.any_time:
        told |= {"any_time": True}
    elif wish.earliest is not None and wish.latest is not None:
        window = Wanted(earliest=wish.earliest, latest=wish.latest)
        kept = wanted.preferred if wanted.preferred is not None and window.allows(wanted.preferred) else None
        told |= {"any_time": False, "earliest": wish.earliest, "latest": wish.latest, "time": kept}
    elif wish.time is not None:
        inside = wanted.earliest is not None and wanted.allows(wish.time)
        earliest, latest = (wanted.earliest, wanted.latest) if inside else (wish.time, wish.time)
        told |= {"any_time": False, "earliest": earliest, "latest": latest, "time": wish.time}
    return {key: value for key, value in told.items() if value is not None}


def retold(told: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """What was told so far, and the news: a new window takes the time of an older one with it."""
    kept = {key: value for key, value in told.items() if key != "time" or "earliest" not in news}
    return {**kept, **news}


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
    """What the owner wants to know: the whole errand, or asked once the booking stands.

    "Ask for a window table" is no question of a booking; what begins like a question is.
    """
    if submission.task_category is Category.GENERAL:
        return prose.questions
    return tuple(question for question in prose.questions if _BEGINS_A_QUESTION.match(question))


def _wanted(submission: Submission, spec: CallSpec) -> Wanted:
    """Dates in the owner's order and the window of times, from fields first and prose second."""
    prose = " ".join((submission.time_preference_text or "", *submission.additional_instructions)).strip()
    contexts = _contexts(submission, spec)
    dates = [submission.appointment_date] if submission.appointment_date else []
    for day in _dates(prose, contexts):
        if day not in dates and day >= spec.answered_at.date():
            dates.append(day)
    preferred = submission.appointment_time
    earliest = latest = preferred
    window = _window(submission.time_preference_text or "", contexts)
    if window is not None:
        wish = preferred or window.preferred
        earliest, latest, preferred = _bounds(window.earliest, window.latest, wish)
        if preferred is None and window.order is not None:
            preferred = earliest if window.order == "earliest" else latest
    return Wanted(dates=tuple(dates), preferred=preferred, earliest=earliest, latest=latest)


def _contexts(submission: Submission, spec: CallSpec) -> list[Context]:
    """The languages that the owner may have written in, the likeliest first."""
    languages = dict.fromkeys((submission.language, spec.language, "en", "es"))
    return [
        Context(language=language, now=spec.answered_at, category=submission.task_category)
        for language in languages
    ]


def _dates(prose: str, contexts: list[Context]) -> tuple[dt.date, ...]:
    found = (understand(prose, context).slots.dates for context in contexts) if prose else iter(())
    return next((dates for dates in found if dates), ())


def _window(text: str, contexts: list[Context]) -> Window | None:
    """The window that the text states in whichever language it says something about time."""
    windows = (parse_window(text, context) for context in contexts) if text else iter(())
    return next((window for window in windows if _says_something(window)), None)


def _says_something(window: Window) -> bool:
    return any(value is not None for value in (window.earliest, window.latest, window.preferred, window.order))


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
