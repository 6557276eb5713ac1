"""The form of a new call: what was typed, as it is shown again and as the domain is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from voice_engine.domains.calls.asking import Asked, NewCall, NewDate
from voice_engine.domains.calls.models import Call
from voice_engine.ports.call import Category
from voice_engine.rest.v1.calls.schemas import CallIn, new_call
from voice_engine.store.rows import new_id

ALWAYS = ("respondent_phone", "business_name", "task_description", "user_name", "user_phone", "call_language")
BY_CATEGORY: Mapping[str, tuple[str, ...]] = {
    "restaurant": ("party_size", "appointment_date", "appointment_time", "time_preference_text"),
    "clinic": ("appointment_date", "appointment_time", "time_preference_text"),
    "hotel": ("party_size", "appointment_date", "time_preference_text"),
    "general": ("time_preference_text",),
}
"""Which fields a call of each kind has; what a form sends besides is not looked at."""

CATEGORIES = tuple(BY_CATEGORY)
FIELDS = (
    *ALWAYS,
    "task_category",
    "party_size",
    "appointment_date",
    "appointment_time",
    "time_preference_text",
    "additional_instructions",
    "is_urgent",
    "when",
    "later_date",
    "later_time",
    "timezone",
    "key",
)
MOST_CHARS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForm:
    """What stands in the form: text by the fields' names, "" for what is empty. `key` names this form."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """A field's text."""
        return self.values[name]

    @property
    def category(self) -> str:
        """The kind of call, the first of them where the form says none."""
        return self.values["task_category"] if self.values["task_category"] in CATEGORIES else CATEGORIES[0]

    def as_preview(self, language: str) -> NewCall:
        """The request as far as it is typed."""
        given = self._submission(language)
        instructions = tuple(given.pop("additional_instructions"))
        party_size = given.pop("party_size", None)
        asked = Asked(
            **{
                **given,
                "task_category": Category(self.category),
                "task_description": given["task_description"] or "",
            },
            party_size=party_size if isinstance(party_size, int) else None,
            additional_instructions=instructions,
        )
        return NewCall(asked=asked, timezone=self["timezone"] or None, scheduled_for=self.later)

    def as_request(self, language: str) -> tuple[NewCall | None, dict[str, str]]:
        """The request, or the fields at fault with the kind of each fault."""
        try:
            body = CallIn.model_validate(
                {"submission": self._submission(language), "timezone": self["timezone"] or None}
            )
        except ValidationError as error:
            return None, {
                str(fault["loc"][1]): str(fault["type"]) for fault in error.errors() if len(fault["loc"]) > 1
            }
        asked = new_call(body)
        return NewCall(asked=asked.asked, timezone=asked.timezone, scheduled_for=self.later), {}

    @property
    def later(self) -> NewDate | None:
        """When the call is to be made, on the other party's clock; None: at once."""
        if self["when"] != "later":
            return None
        return NewDate(date=self["later_date"], time=self["later_time"])

    def _submission(self, language: str) -> dict[str, Any]:
        fields = {name: self[name].strip() or None for name in (*ALWAYS, *BY_CATEGORY[self.category])}
        size = fields.get("party_size")
        return {
            **fields,
            "task_category": self.category,
            "party_size": int(size) if size is not None and size.isdecimal() and len(size) < 4 else size,
            "language": language,
            "is_urgent": self["is_urgent"] == "yes",
            "additional_instructions": [
                line for line in map(str.strip, self["additional_instructions"].split("\n")) if line
            ],
        }


def read_form(sent: Mapping[str, Any]) -> CallForm:
    """What a browser sent."""
    return CallForm(values={name: _text(sent.get(name)) for name in FIELDS})


def empty_form(*, name: str, language: str, number: str = "") -> CallForm:
    """A new form, for somebody of this name."""
    values = dict.fromkeys(FIELDS, "")
    values |= {"task_category": CATEGORIES[0], "user_name": name, "call_language": language, "when": "now"}
    return CallForm(values={**values, "respondent_phone": number, "key": new_id()})


def form_of(call: Call, *, name: str, language: str, today: str) -> CallForm:
    """The form of a call that is made again; a day that is over is left out. `today` is an ISO date."""
    blank = empty_form(name=name, language=language)
    task = call.task or {}
    if call.to_number is None or task.get("respondent_phone") != call.to_number:  # erased since
        return blank
    kept = {name: str(task[name]) for name in _REPEATED if task.get(name) is not None}
    if kept.get("appointment_date", today) < today:
        del kept["appointment_date"]
    if task["task_category"] not in CATEGORIES:
        kept.pop("task_category", None)
    return CallForm(
        values={
            **blank.values,
            **kept,
            "additional_instructions": "\n".join(task.get("additional_instructions") or ()),
            "timezone": call.timezone if call.zone_given else "",
        }
    )


_REPEATED = frozenset(FIELDS) - {"additional_instructions", "is_urgent", "when", "later_date", "later_time", "key"}


def _text(value: object) -> str:
    return value.replace("\r\n", "\n").replace("\0", "")[:MOST_CHARS] if isinstance(value, str) else ""
