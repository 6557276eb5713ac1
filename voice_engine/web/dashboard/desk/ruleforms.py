"""The form of a rule: every condition and action that there is, judged by the API's schema and the domain."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from voice_engine.domains.contacts.service import to_e164
from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.rules import NewRule
from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.safety.countries import countries_by_name
from voice_engine.errors import InvalidInput, NotFound, VoiceEngineError
from voice_engine.rest.v1.inbound.rule_schemas import RuleIn, new_rule
from voice_engine.web.dashboard.desk.numbers import country_names
from voice_engine.web.dashboard.desk.reach import NAME, inbound_of, may, numbers_of, region_of, text_of, wording
from voice_engine.web.dashboard.desk.ruletext import day_names
from voice_engine.web.dashboard.view import View, route

PATH = "/app/rules"
THREE_WAY = ("caller_vip", "caller_known", "caller_anonymous")
_BETWEEN = re.compile(r"[,;\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A rule as its form shows it. `faults` are words by the field's name; "" is the form as a whole."""

    values: Mapping[str, Any]
    faults: Mapping[str, str] = field(default_factory=dict)


async def show_new(view: View) -> Response:
    """An empty form."""
    return await _show(view, Typed(values=_values_of(None)), rule_id=None)


async def show_one(view: View) -> Response:
    """A rule's form."""
    async with view.store.read(view.organization_id) as work:
        rule = await inbound_of(view).domain.rules.get(work, str(view.request.path_params["id"]))
    return await _show(view, Typed(values=_values_of(rule)), rule_id=rule.id)


async def create(view: View) -> Response:
    """Keep a new rule; it is asked after those that are there."""
    return await _save(view, None)


async def update(view: View) -> Response:
    """Change a rule."""
    return await _save(view, str(view.request.path_params["id"]))


async def _save(view: View, rule_id: str | None) -> Response:
    form = await view.form()
    typed = _typed(form)
    try:
        wanted = _rule_of(view, form, region=await region_of(view))
        async with view.store.begin(view.organization_id) as work:
            rules = inbound_of(view).domain.rules
            if rule_id is None:
                await rules.create(work, wanted)
            else:
                changes = {
                    "name": wanted.name,
                    "is_active": wanted.is_active,
                    "action": wanted.action,
                    "conditions": wanted.conditions,
                    "action_config": wanted.action_config,
                }
                await rules.update(work, rule_id, changes)
    except _Faulty as fault:
        return await _show(view, Typed(values=typed, faults=fault.faults), rule_id=rule_id, status=422)
    except NotFound:
        raise
    except VoiceEngineError as error:
        faults = {_field_of(error): _fault_of(view, error)}
        return await _show(view, Typed(values=typed, faults=faults), rule_id=rule_id, status=422)
    return view.go(PATH)


async def _show(view: View, typed: Typed, *, rule_id: str | None, status: int = 200) -> Response:
    async with view.store.read(view.organization_id) as work:
        known = await numbers_of(view).service.list_all(work)
    return view.page(
        "desk/rule.html",
        status=status,
        rule_id=rule_id,
        v=typed.values,
        faults=typed.faults,
        numbers=[number for number in known if not number.is_own],
        phones=[number for number in known if number.is_own and number.is_verified],
        countries=countries_by_name(),
        country_names=country_names(view),
        zones=sorted(available_timezones()),
        days=list(enumerate(day_names(view), start=1)),
        may_transfer=may(view, Feature.TRANSFER),
    )


class _Faulty(Exception):
    """The form says what cannot be a rule."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("the form has faults")
        self.faults = faults


def _rule_of(view: View, form: FormData, *, region: str) -> NewRule:
    """The form as a rule of the API's shape. Raises _Faulty."""
    action = text_of(form, "action") or "ai_answer"
    body = {
        "name": text_of(form, "name"),
        "action": action,
        "is_active": text_of(form, "is_active") == "yes",
        "conditions": _conditions(view, form, region=region),
        "action_config": _config(form, action),
    }
    try:
        return new_rule(RuleIn.model_validate(body))
    except ValidationError as error:
        words = view.words
        raise _Faulty(
            {
                str(
                    each["loc"][-1]
                    if each["loc"][0] == "action_config"
                    else each["loc"][min(1, len(each["loc"]) - 1)]
                )
                if each["loc"][0] != "name"
                else "name": words["rule_fault_name" if each["loc"][0] == "name" else "rule_fault"]
                for each in error.errors(include_url=False, include_context=False, include_input=False)
            }
        ) from error


def _conditions(view: View, form: FormData, *, region: str) -> dict[str, Any]:
    conditions: dict[str, Any] = {
        name: text_of(form, name) == "yes" for name in THREE_WAY if text_of(form, name) in {"yes", "no"}
    }
    lists: dict[str, Sequence[object]] = {
        "caller_numbers": _numbers(view, text_of(form, "caller_numbers"), region),
        "caller_prefixes": _parts(text_of(form, "caller_prefixes")),
        "caller_countries": form.getlist("caller_countries"),
        "called_number_ids": form.getlist("called_number_ids"),
        "days_of_week": [int(str(day)) for day in form.getlist("days_of_week") if str(day) in "1234567"],
    }
    conditions |= {name: list(values) for name, values in lists.items() if values}
    start, end, zone = text_of(form, "start"), text_of(form, "end"), text_of(form, "timezone")
    if start or end:
        conditions["time_range"] = {"start": start[:5], "end": end[:5], **({"timezone": zone} if zone else {})}
    often = text_of(form, "min_recent_calls")
    if often:
        conditions["min_recent_calls"] = int(often) if often.isascii() and often.isdigit() else often
    return conditions


def _numbers(view: View, text: str, region: str) -> list[str]:
    try:
        return [to_e164(each, region=region) for each in _parts(text)]
    except InvalidInput as error:
        raise _Faulty({"caller_numbers": wording(view, error)}) from error


def _config(form: FormData, action: str) -> dict[str, Any]:
    """The settings that this action has; those of others, which the page hides, are left out."""
    fields = {
        "ai_answer": ("ai_greeting", "instructions", "ai_language"),
        "transfer": ("target", "ring_seconds"),
        "voicemail": ("voicemail_greeting", "voicemail_language"),
        "reject": ("reason",),
    }.get(action, ())
    config: dict[str, Any] = {}
    for name in fields:
        text = text_of(form, name).replace("\r\n", "\n")
        if text:
            config[name.removeprefix("ai_").removeprefix("voicemail_")] = text
    seconds = config.get("ring_seconds")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        config["ring_seconds"] = int(seconds)
    return config


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _field_of(error: VoiceEngineError) -> str:
    """The form's field that the domain refuses."""
    if error.code != "validation_error":
        return "target"
    fields = error.details.get("fields")
    named = str(fields[0]["field"]) if isinstance(fields, list) and fields else ""
    place = named.rpartition(".")[2] if named.startswith("action_config") else named.removeprefix("conditions.")
    return place.partition(".")[0]


def _fault_of(view: View, error: VoiceEngineError) -> str:
    """What the domain refuses, in the page's language."""
    if error.code != "validation_error":
        return wording(view, error)
    return view.words.get(f"rule_refused_{_field_of(error)}") or error.message


def _typed(form: FormData) -> dict[str, Any]:
    values: dict[str, Any] = {name: text_of(form, name) for name in form}
    for name in ("caller_countries", "called_number_ids", "days_of_week"):
        values[name] = [str(each) for each in form.getlist(name)]
    return {**_values_of(None), "is_active": "", **values}


def _values_of(rule: RoutingRule | None) -> dict[str, Any]:
    """A rule as the form's values; None: one that is not made yet."""
    conditions: Mapping[str, Any] = {} if rule is None else rule.conditions
    config: Mapping[str, Any] = {} if rule is None else rule.action_config
    action = "ai_answer" if rule is None else rule.action
    span = conditions.get("time_range") or {}
    ways = {name: {True: "yes", False: "no"}.get(conditions.get(name, ""), "") for name in THREE_WAY}
    return {
        **ways,
        "name": "" if rule is None else rule.name,
        "is_active": "yes" if rule is None or rule.is_active else "",
        "action": action,
        "caller_numbers": "\n".join(conditions.get("caller_numbers", ())),
        "caller_prefixes": ", ".join(conditions.get("caller_prefixes", ())),
        "caller_countries": conditions.get("caller_countries", []),
        "called_number_ids": conditions.get("called_number_ids", []),
        "days_of_week": [str(day) for day in conditions.get("days_of_week", ())],
        "start": span.get("start", ""),
        "end": span.get("end", ""),
        "timezone": span.get("timezone") or "",
        "min_recent_calls": str(conditions.get("min_recent_calls", "")),
        "target": config.get("target", ""),
        "ring_seconds": str(config.get("ring_seconds", "")),
        "reason": config.get("reason", ""),
        "instructions": config.get("instructions", ""),
        "ai_greeting": config.get("greeting", "") if action == "ai_answer" else "",
        "ai_language": config.get("language", "") if action == "ai_answer" else "",
        "voicemail_greeting": config.get("greeting", "") if action == "voicemail" else "",
        "voicemail_language": config.get("language", "") if action == "voicemail" else "",
    }


ROUTES = (
    route(f"{PATH}/new", show_new, area=NAME),
    route(f"{PATH}/new", create, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}", show_one, area=NAME),
    route(f"{PATH}/{{id}}", update, area=NAME, methods=["POST"]),
)
