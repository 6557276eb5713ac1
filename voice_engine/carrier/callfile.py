"""The part of a call's file that says what the call is for: read into a `CallSpec`.

Shared by recorded calls (`call.yaml`) and scripted respondents.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from voice_engine.carrier.yamlfile import Field
from voice_engine.ports.call import (
    Assistant,
    Business,
    BusySpan,
    CallSpec,
    Category,
    Direction,
    GreetingMode,
    KnowledgeEntry,
    KnownBooking,
    Language,
    OpeningHours,
    Submission,
)

CALL_KEYS = frozenset({"direction", "language", "now", "submission", "assistant", "expect"})

LANGUAGES: tuple[Language, ...] = ("en", "es")

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_CATEGORIES = tuple(category for category in Category if category is not Category.RECEPTIONIST)

_SUBMISSION_KEYS = frozenset(
    {
        "task_category", "task_description", "respondent_phone", "business_name", "user_name", "user_phone",
        "appointment_date", "appointment_time", "time_preference_text", "party_size", "language", "call_language",
        "is_urgent", "additional_instructions",
    }
)  # fmt: skip

_ASSISTANT_KEYS = frozenset(
    {"name", "greeting", "greeting_mode", "business", "hours", "knowledge", "transfer_targets", "calendar"}
)

_CALENDAR_KEYS = frozenset({"slot_minutes", "busy", "bookings"})
_BOOKING_KEYS = frozenset({"start", "name", "phone", "service", "reference"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFile:
    """What the engine is told of a call."""

    spec: CallSpec


def read_call(root: Field, fields: Mapping[str, Field], call_id: str) -> CallFile:
    """Read the call's keys of a file's top level. Raises InvalidInput."""
    directions: tuple[Direction, ...] = ("inbound", "outbound")
    direction = _required(root, fields, "direction").choice(directions)
    language = _required(root, fields, "language").choice(LANGUAGES)
    now = _required(root, fields, "now").moment()
    if direction == "outbound":
        submission = _submission(_required(root, fields, "submission"), language)
        spec = CallSpec(
            call_id=call_id,
            direction=direction,
            language=language,
            answered_at=now,
            submission=submission,
            app_language=submission.language,
        )
        return CallFile(spec=spec)
    assistant = _assistant(_required(root, fields, "assistant"), now)
    spec = CallSpec(
        call_id=call_id,
        direction=direction,
        language=language,
        answered_at=now,
        assistant=assistant,
        app_language=language,
    )
    return CallFile(spec=spec)


def _required(parent: Field, fields: Mapping[str, Field], key: str) -> Field:
    if key not in fields or (fields[key].is_null and key not in ("submission", "assistant")):
        raise parent.error(f"{key} is missing" if not parent.key else f"needs {key}", "missing_key")
    return fields[key]


def _submission(field: Field, line_language: Language) -> Submission:
    f = {key: value for key, value in field.mapping(_SUBMISSION_KEYS).items() if not value.is_null}
    call_language = f["call_language"].choice(LANGUAGES) if "call_language" in f else None
    if call_language is not None and call_language != line_language:
        raise f["call_language"].error(f"is {call_language}, but the line's language is {line_language}")
    return Submission(
        task_category=_required(field, f, "task_category").choice(_CATEGORIES),
        task_description=_required(field, f, "task_description").words(),
        respondent_phone=_phone(_required(field, f, "respondent_phone")),
        business_name=_words(f, "business_name"),
        user_name=_words(f, "user_name"),
        user_phone=_phone(f["user_phone"]) if "user_phone" in f else None,
        appointment_date=f["appointment_date"].date() if "appointment_date" in f else None,
        appointment_time=f["appointment_time"].time() if "appointment_time" in f else None,
        time_preference_text=_words(f, "time_preference_text"),
        party_size=f["party_size"].integer(1, 50) if "party_size" in f else None,
        language=f["language"].choice(LANGUAGES) if "language" in f else "en",
        call_language=call_language,
        is_urgent=f["is_urgent"].boolean() if "is_urgent" in f else False,
        additional_instructions=tuple(item.words() for item in f["additional_instructions"].items())
        if "additional_instructions" in f
        else (),
    )


def _assistant(field: Field, now: dt.datetime) -> Assistant:
    f = {key: value for key, value in field.mapping(_ASSISTANT_KEYS).items() if not value.is_null}
    business = _business(f.get("business"), _words(f, "name"))
    calendar = f["calendar"].mapping(_CALENDAR_KEYS) if "calendar" in f else {}
    slot_minutes = calendar["slot_minutes"].integer(5, 480) if "slot_minutes" in calendar else 30
    return Assistant(
        name=_words(f, "name") or business.name,
        business=business,
        greeting=_words(f, "greeting"),
        greeting_mode=GreetingMode(f["greeting_mode"].choice([mode.value for mode in GreetingMode]))
        if "greeting_mode" in f
        else GreetingMode.ASSISTANT_FIRST,
        hours=_hours(f["hours"]) if "hours" in f else {},
        knowledge=tuple(_knowledge(item) for item in f["knowledge"].items()) if "knowledge" in f else (),
        transfer_targets={key: _phone(value) for key, value in f["transfer_targets"].mapping().items()}
        if "transfer_targets" in f
        else {},
        slot_minutes=slot_minutes,
        busy=tuple(_busy(item, now) for item in calendar["busy"].items()) if "busy" in calendar else (),
        bookings=tuple(_booking(item, now) for item in calendar["bookings"].items())
        if "bookings" in calendar
        else (),
    )


def _business(field: Field | None, name: str | None) -> Business:
    f = {} if field is None else field.mapping({"name", "type", "address", "timezone", "services"})
    f = {key: value for key, value in f.items() if not value.is_null}
    return Business(
        name=_words(f, "name") or name or "the office",
        type=_words(f, "type") or "",
        address=_words(f, "address") or "",
        timezone=_words(f, "timezone") or "UTC",
        services=tuple(item.words() for item in f["services"].items()) if "services" in f else (),
    )


def _hours(field: Field) -> dict[str, OpeningHours]:
    hours = {}
    for day, value in field.mapping(WEEKDAYS).items():
        if value.is_null:
            continue
        times = value.mapping({"open", "close"})
        opens, closes = _required(value, times, "open"), _required(value, times, "close")
        hours[day] = OpeningHours(open=opens.time(), close=_closing(closes))
    return hours


def _closing(field: Field) -> dt.time:
    return dt.time(0, 0) if field.text() == "24:00" else field.time()


def _knowledge(field: Field) -> KnowledgeEntry:
    f = field.mapping({"key", "text"})
    return KnowledgeEntry(key=_required(field, f, "key").words(), text=_required(field, f, "text").words())


def _busy(field: Field, now: dt.datetime) -> BusySpan:
    f = field.mapping({"start", "end"})
    start, end = (_moment(_required(field, f, key), now) for key in ("start", "end"))
    if end <= start:
        raise field.error("must end after it starts")
    return BusySpan(start=start, end=end)


def _booking(field: Field, now: dt.datetime) -> KnownBooking:
    f = {key: value for key, value in field.mapping(_BOOKING_KEYS).items() if not value.is_null}
    return KnownBooking(
        start=_moment(_required(field, f, "start"), now),
        name=_words(f, "name"),
        phone=_phone(f["phone"]) if "phone" in f else None,
        service=_words(f, "service"),
        reference=_words(f, "reference"),
    )


def _moment(field: Field, now: dt.datetime) -> dt.datetime:
    """An ISO time; without an offset it is local to the call."""
    try:
        moment = dt.datetime.fromisoformat(field.text())
    except ValueError:
        raise field.error(f"must be an ISO time such as 2026-02-13T10:00, not {field.text()!r}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)


def _words(fields: Mapping[str, Field], key: str) -> str | None:
    return fields[key].words() if key in fields else None


def _phone(field: Field) -> str:
    """E.164. Whether a number is dialable is not decided here: sample numbers are not."""
    text = field.words()
    if not (text.startswith("+") and text[1:].isdigit() and 7 <= len(text) <= 16):
        raise field.error(f"must be a number in E.164 such as +15550100123, not {text!r}")
    return text
