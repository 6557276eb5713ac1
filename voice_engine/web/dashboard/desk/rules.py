"""Routing rules: listed, put in order, switched, deleted; and which of them would take a call."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from starlette.responses import Response

from voice_engine.domains.inbound.rules import MOST_RULES
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.errors import InvalidInput
from voice_engine.store.uow import UnitOfWork
from voice_engine.web.dashboard.desk.reach import NAME, inbound_of, numbers_of, text_of
from voice_engine.web.dashboard.desk.ruleforms import ROUTES as FORM_ROUTES
from voice_engine.web.dashboard.desk.ruletext import heard, said_of_action, said_of_conditions, unmet_words
from voice_engine.web.dashboard.view import View, route

PATH = "/app/rules"


async def show_rules(view: View) -> Response:
    """The rules in their order, and the tester."""
    return await _page(view, "desk/rules.html")


async def show_list(view: View) -> Response:
    """The list alone, after somebody changed its order."""
    return await _page(view, "desk/_rules.html")


async def reorder(view: View) -> Response:
    """Put the rules in this order: JSON `{"ids": […]}`."""
    asked = (await view.json()).get("ids")
    if not isinstance(asked, list) or not all(isinstance(each, str) for each in asked) or len(asked) > MOST_RULES:
        raise InvalidInput("validation_error", "ids must be a list of rules' ids")
    async with view.store.begin(view.organization_id) as work:
        ordered = await inbound_of(view).domain.rules.reorder(work, asked)
        return view.answer({"ids": [rule.id for rule in ordered]})


async def switch(view: View) -> Response:
    """Switch a rule on or off."""
    form = await view.form()
    change = {"is_active": text_of(form, "is_active") == "yes"}
    async with view.store.begin(view.organization_id) as work:
        await inbound_of(view).domain.rules.update(work, _id(view), change)
    return await _page(view, "desk/_rules.html")


async def delete(view: View) -> Response:
    """Forget a rule."""
    async with view.store.begin(view.organization_id) as work:
        await inbound_of(view).domain.rules.delete(work, _id(view))
    return await _page(view, "desk/_rules.html")


async def test(view: View) -> Response:
    """Which rule would take this call: decided by what decides live ones, and taken back."""
    query = view.request.query_params
    withheld, caller = query.get("withheld") == "yes", query.get("caller", "").strip()
    if not withheld and not caller:
        raise InvalidInput("validation_error", view.words["rule_test_who"])
    at = _moment(view, query.get("at", ""))
    found = await inbound_of(view).domain.rehearsals.rehearse(
        view.organization_id, caller=None if withheld else caller, number_id=query.get("number", ""), at=at
    )
    async with view.store.read(view.organization_id) as work:
        rows = {rule.id: rule for rule in await inbound_of(view).domain.rules.list_all(work)}
        numbers = await _numbers(view, work)
    reasons = {
        verdict.rule_id: unmet_words(view, rows[verdict.rule_id].conditions, verdict.unmet, numbers)
        for verdict in found.verdicts
        if verdict.rule_id in rows
    }
    return view.page(
        "desk/_answer.html",
        found=found,
        reasons=reasons,
        heard=heard(view, found),
        kind=type(found.decision).__name__,
    )


async def _page(view: View, template: str) -> Response:
    async with view.store.read(view.organization_id) as work:
        rules = await inbound_of(view).domain.rules.list_all(work)
        numbers = await _numbers(view, work)
        shown = [
            {
                "rule": rule,
                "when": said_of_conditions(view, rule.conditions, numbers),
                "then": said_of_action(view, rule.action, rule.action_config),
            }
            for rule in rules
        ]
    local = view.formats.local(view.services.now())
    return view.page(
        template,
        shown=shown,
        numbers=list(numbers.values()),
        local_now=local.strftime("%Y-%m-%dT%H:%M"),
    )


async def _numbers(view: View, work: UnitOfWork) -> Mapping[str, PhoneNumber]:
    known = await numbers_of(view).service.list_all(work)
    return {number.id: number for number in known if not number.is_own}


def _moment(view: View, text: str) -> dt.datetime:
    """A moment of the organization's clock; now when none is named. Raises InvalidInput `validation_error`."""
    if not text:
        return view.services.now()
    try:
        local = dt.datetime.fromisoformat(text[:32]).replace(tzinfo=ZoneInfo(view.viewer.person.timezone))
        if not 1970 <= local.year <= 2200:
            raise ValueError(text)
    except ValueError as error:
        raise InvalidInput("validation_error", view.words["rule_test_when"]) from error
    return local.astimezone(dt.UTC)


def _id(view: View) -> str:
    return str(view.request.path_params["id"])


ROUTES = (
    route(PATH, show_rules, area=NAME),
    route(f"{PATH}/list", show_list, area=NAME),
    route(f"{PATH}/test", test, area=NAME),
    route(f"{PATH}/order", reorder, area=NAME, methods=["POST"]),
    *FORM_ROUTES,
    route(f"{PATH}/{{id}}/switch", switch, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/delete", delete, area=NAME, methods=["POST"]),
)
