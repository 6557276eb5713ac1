"""The rules' pages: making and changing rules, their order, and the tester."""

import datetime as dt
import re
from typing import Any

import pytest

from tests.fakes.business import add_business
from tests.fakes.dashboard import Tab
from tests.fakes.inbound import CALLER, OURS, TARGET
from tests.web.dashboard.desk.conftest import Desk
from tests.web.dashboard.desk.test_numbers import id_of
from voice_engine.domains.inbound.models import RoutingRule


async def rules(desk: Desk) -> list[RoutingRule]:
    """What is kept, in order."""
    async with desk.store.read(desk.who.organization_id) as work:
        return list(await desk.rig.domain.rules.list_all(work))


async def send(tab: Tab, path: str = "/app/rules/new", **fields: Any) -> Any:
    """The form as a browser sends it."""
    form = {"csrf": tab.csrf, "is_active": "yes", "action": "ai_answer", **fields}
    return await tab.client.post(path, data=form, headers={"Accept": "text/html"})


async def ask(tab: Tab, desk: Desk, **query: str) -> str:
    """The tester's answer."""
    given = {"number": await id_of(desk), "caller": CALLER.replace("+", "%2B"), **query}
    return await tab.fragment("/app/rules/test?" + "&".join(f"{key}={value}" for key, value in given.items()))


FULL: dict[str, Any] = {
    "name": "Everything",
    "caller_anonymous": "no",
    "caller_known": "yes",
    "caller_vip": "no",
    "caller_numbers": "(212) 555-0199\r\n+34 612 345 678",
    "caller_prefixes": "1212, +34",
    "caller_countries": ["US", "ES"],
    "days_of_week": ["1", "5"],
    "start": "22:00",
    "end": "06:00",
    "timezone": "Europe/Madrid",
    "min_recent_calls": "3",
    "action": "transfer",
    "target": "+1 (646) 555-0123",
    "ring_seconds": "20",
    "ai_greeting": "is another action's",
}


async def test_every_condition_that_rules_have_can_be_set(line: Desk) -> None:
    """And is kept as the API would keep it; the form shows it again as it stands."""
    number = await id_of(line)
    async with line.tab() as tab:
        made = await send(tab, **FULL, called_number_ids=[number])
        (rule,) = await rules(line)

        assert (made.status_code, made.headers["location"]) == (303, "/app/rules")
        assert rule.conditions == {
            "caller_anonymous": False,
            "caller_known": True,
            "caller_vip": False,
            "caller_numbers": [CALLER, "+34612345678"],
            "caller_prefixes": ["+1212", "+34"],
            "caller_countries": ["US", "ES"],
            "called_number_ids": [number],
            "days_of_week": [1, 5],
            "time_range": {"start": "22:00", "end": "06:00", "timezone": "Europe/Madrid"},
            "min_recent_calls": 3,
        }
        assert (rule.action, rule.action_config) == ("transfer", {"target": TARGET, "ring_seconds": 20})

        html = await tab.get(f"/app/rules/{rule.id}")
        for shown in ("22:00", 'value="Europe/Madrid" selected', TARGET, 'value="ES" checked', 'value="5" checked'):
            assert shown in html
        text = re.sub(r"\s+", " ", await tab.get("/app/rules"))
        assert "the caller is no VIP · the caller is in your contacts · the number is shown" in text
        assert "ring +1 646-555-0123 for 20 s" in text


async def test_a_rule_is_changed_switched_and_deleted(line: Desk) -> None:
    async with line.tab() as tab:
        await send(tab, name="First", action="voicemail", voicemail_greeting="Speak.")
        (rule,) = await rules(line)
        await send(tab, f"/app/rules/{rule.id}", name="Second", action="reject", reason="busy", is_active="")
        (changed,) = await rules(line)
        assert (changed.name, changed.action, changed.action_config, changed.is_active) == (
            "Second",
            "reject",
            {"reason": "busy"},
            False,
        )
        on = await tab.post(f"/app/rules/{rule.id}/switch", {"is_active": "yes"})
        assert "Turn off" in on.text
        gone = await tab.post(f"/app/rules/{rule.id}/delete")
        assert "No rules yet" in gone.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Give the rule a name"),
        ({"caller_numbers": "hello"}, "This is no phone number"),
        ({"caller_prefixes": "abc"}, "No number begins like this"),
        ({"start": "22:00"}, "This cannot be read"),
        ({"min_recent_calls": "many"}, "This cannot be read"),
        ({"timezone": "Mars/Base", "start": "01:00", "end": "02:00"}, "time zone is not known"),
        ({"action": "transfer"}, "Enter the phone to ring"),
        ({"action": "transfer", "target": "911"}, "Emergency numbers"),
        ({"action": "transfer", "target": OURS}, "circle"),
        ({"action": "transfer", "target": TARGET, "ring_seconds": "999"}, "This cannot be read"),
        ({"action": "dance"}, "This cannot be read"),
    ],
)
async def test_what_cannot_be_a_rule_comes_back_with_its_fault(
    line: Desk, fields: dict[str, Any], words: str
) -> None:
    """The form keeps what was typed; nothing is kept of it."""
    async with line.tab() as tab:
        answer = await send(tab, **{"name": "Mine", "instructions": "as typed", **fields})

    assert (answer.status_code, words in answer.text, "as typed" in answer.text) == (422, True, True)
    assert await rules(line) == []


async def test_a_plan_without_transfers_says_so(small_office: Desk) -> None:
    async with small_office.tab() as tab:
        assert "Needs the Advanced plan" in await tab.get("/app/rules/new")
        answer = await send(tab, name="VIPs", action="transfer", target=TARGET)

    assert (answer.status_code, "This needs the Advanced plan" in answer.text) == (422, True)


async def test_the_order_is_kept_and_a_stale_one_refused(line: Desk) -> None:
    async with line.tab() as tab:
        for name in ("a", "b", "c"):
            await send(tab, name=name)
        made = {rule.name: rule.id for rule in await rules(line)}
        a, b, c = made["a"], made["b"], made["c"]
        kept = await tab.ask("/app/rules/order", {"ids": [c, a, b]})
        stale = await tab.ask("/app/rules/order", {"ids": [a, b]})
        nonsense = [await tab.ask("/app/rules/order", body) for body in ({}, {"ids": "abc"}, {"ids": [1]})]

    assert kept.json() == {"ids": [c, a, b]}
    assert [rule.name for rule in await rules(line)] == ["c", "a", "b"]
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "rules_changed")
    assert {answer.status_code for answer in nonsense} == {400}


async def test_the_tester_says_which_and_why_and_what_is_heard(line: Desk) -> None:
    async with line.tab() as tab:
        await send(tab, name="VIPs", caller_vip="yes", action="reject")
        line.rig.calls.now += dt.timedelta(seconds=1)
        await send(
            tab, name="Nights", start="22:00", end="06:00", action="voicemail", voicemail_greeting="We sleep."
        )
        night = await ask(tab, line, at="2026-02-13T23:30")
        day = await ask(tab, line, at="2026-02-13T12:00")
        withheld = await ask(tab, line, withheld="yes", at="2026-02-13T23:30")
        nobody = await tab.client.get("/app/rules/test", headers={"HX-Request": "true"})

    assert "“Nights” takes this call" in night and "We sleep." in night and "the caller is a VIP" in night
    assert "No rule takes it" in day and "assistant" in day and "from 10:00 PM to 6:00 AM" in day
    assert "withheld number" in withheld and "“Nights” takes" in withheld
    assert "Enter the caller" in nobody.text


async def test_the_tester_judges_by_the_clock_of_the_organization(line: Desk) -> None:
    """Half past eleven at night in New York is half past four in the morning of UTC."""
    async with line.tab() as tab:
        await send(tab, name="Before midnight", start="23:00", end="23:59", action="voicemail")

        assert 'data-taker="Before midnight"' in await ask(tab, line, at="2026-02-13T23:30")
        assert 'data-taker=""' in await ask(tab, line, at="2026-02-14T04:30")


async def test_another_organizations_rule_is_not_there(line: Desk) -> None:
    stranger = await add_business(line.store)
    async with line.tab() as tab:
        await send(tab, name="Mine <b>")
        (rule,) = await rules(line)
        assert "Mine &lt;b&gt;" in await tab.get("/app/rules")
    async with line.tab(stranger) as tab:
        assert "Mine" not in await tab.get("/app/rules")
        await tab.get(f"/app/rules/{rule.id}", status=404)
        changed = await send(tab, f"/app/rules/{rule.id}", name="Theirs")
        for path in ("switch", "delete"):
            assert (await tab.post(f"/app/rules/{rule.id}/{path}")).status_code == 404
        moved = await tab.ask("/app/rules/order", {"ids": [rule.id]})
        tried = await tab.client.get(
            f"/app/rules/test?number={await id_of(line)}&withheld=yes", headers={"HX-Request": "true"}
        )

    assert (changed.status_code, moved.status_code, tried.status_code) == (404, 409, 404)
    assert [(one.name, one.is_active) for one in await rules(line)] == [("Mine <b>", True)]
