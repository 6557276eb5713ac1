"""Rules in words: what a rule asks of a call, what it does, why it did not take one, and what a caller hears."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, assert_never

from babel.dates import get_day_names

from voice_engine.domains.inbound.decisions import (
    Announce,
    Converse,
    Forward,
    LeaveMessage,
    Nobody,
    Over,
    Reject,
)
from voice_engine.domains.inbound.rehearsing import Rehearsal
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.ports.call import GreetingMode
from voice_engine.web.dashboard.desk.numbers import country_names
from voice_engine.web.dashboard.view import View

MOST_LISTED = 3
"""Values of a condition that are written out."""

Numbers = Mapping[str, PhoneNumber]


def said_of_conditions(view: View, conditions: Mapping[str, Any], numbers: Numbers) -> list[str]:
    """Each condition in words, in the order in which they are judged; empty: every call."""
    return [_SAID[name](view, value, numbers) for name, value in _in_order(conditions)]


def unmet_words(view: View, conditions: Mapping[str, Any], unmet: Sequence[str], numbers: Numbers) -> list[str]:
    """Why a rule did not take a call: the conditions that did not hold."""
    return [_SAID[name](view, value, numbers) for name, value in _in_order(conditions) if name in unmet]


def said_of_action(view: View, action: str, config: Mapping[str, Any]) -> str:
    """What a rule does."""
    words = view.words
    if action == "transfer":
        seconds = config.get("ring_seconds")
        text = words["rule_does_transfer"].format(number=view.formats.phone(str(config.get("target", ""))))
        return text + (words["rule_does_rings"].format(seconds=seconds) if seconds else "")
    if action == "reject":
        return words["rule_does_busy" if config.get("reason") == "busy" else "rule_does_reject"]
    return words["rule_does_voicemail" if action == "voicemail" else "rule_does_ai"]


def heard(view: View, found: Rehearsal) -> tuple[str, str | None]:
    """What the caller meets, and the words that they hear; None where nothing is said."""
    words, decision = view.words, found.decision
    match decision:
        case Converse():
            assistant = decision.spec.assistant
            if assistant is None or assistant.greeting_mode is GreetingMode.CALLER_FIRST:
                return words["hears_waits"], None
            if assistant.greeting_mode is GreetingMode.ASSISTANT_FIRST_GENERATED:
                return words["hears_generated"], None
            return words["hears_ai"], assistant.greeting
        case Forward():
            number, seconds = view.formats.phone(decision.number), decision.ring_s
            return words["hears_ringing"].format(number=number, seconds=seconds), None
        case LeaveMessage():
            return words["hears_voicemail"].format(seconds=decision.max_seconds), decision.greeting
        case Announce():
            return words["hears_announcement"], decision.text
        case Reject():
            return words["hears_busy" if decision.reason == "busy" else "hears_rejected"], None
        case Nobody() | Over():
            return words["hears_nothing"], None
        case _:
            assert_never(decision)


def day_names(view: View, width: Literal["wide", "abbreviated"] = "wide") -> list[str]:
    """Monday to Sunday, in the page's language."""
    names = get_day_names(width, locale=view.language)
    return [names[day] for day in range(7)]


def _in_order(conditions: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, conditions[name]) for name in _SAID if name in conditions]


def _yes_no(key: str) -> Callable[[View, Any, Numbers], str]:
    def say(view: View, value: Any, _numbers: Numbers) -> str:
        return view.words[f"{key}_{'yes' if value else 'no'}"]

    return say


def _listed(view: View, values: Sequence[str]) -> str:
    shown = [*values[:MOST_LISTED]]
    more = len(values) - len(shown)
    if more:
        shown.append(view.words["rule_more"].format(n=more))
    return ", ".join(shown) or view.words["rule_nobody"]


def _said_numbers(view: View, value: Any, _numbers: Numbers) -> str:
    return view.words["if_number"].format(list=_listed(view, [view.formats.phone(each) for each in value]))


def _said_prefixes(view: View, value: Any, _numbers: Numbers) -> str:
    return view.words["if_prefix"].format(list=_listed(view, value))


def _said_countries(view: View, value: Any, _numbers: Numbers) -> str:
    names = country_names(view)
    return view.words["if_country"].format(list=_listed(view, [names.get(each, each) for each in value]))


def _said_called(view: View, value: Any, numbers: Numbers) -> str:
    written = [view.formats.phone(numbers[each].e164) for each in value if each in numbers]
    return view.words["if_called"].format(list=_listed(view, written))


def _said_time(view: View, value: Any, _numbers: Numbers) -> str:
    zone = f" ({view.formats.zone(value['timezone'])})" if value.get("timezone") else ""
    start, end = (view.formats.clock(dt.time.fromisoformat(value[each])) for each in ("start", "end"))
    return view.words["if_time"].format(start=start, end=end) + zone


def _said_days(view: View, value: Any, _numbers: Numbers) -> str:
    names = day_names(view, "abbreviated")
    return view.words["if_days"].format(list=", ".join(names[day - 1] for day in sorted(value)))


def _said_often(view: View, value: Any, _numbers: Numbers) -> str:
    return view.words["if_often"].format(n=value)


_SAID: Mapping[str, Callable[[View, Any, Numbers], str]] = {
    "caller_vip": _yes_no("if_vip"),
    "caller_known": _yes_no("if_known"),
    "caller_anonymous": _yes_no("if_hidden"),
    "caller_numbers": _said_numbers,
    "caller_prefixes": _said_prefixes,
    "caller_countries": _said_countries,
    "called_number_ids": _said_called,
    "time_range": _said_time,
    "days_of_week": _said_days,
    "min_recent_calls": _said_often,
}
