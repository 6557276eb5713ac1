"""The operations on routing rules, against their contract."""

from typing import Any

import pytest

from tests.fakes.api import code_of
from tests.fakes.inbound import OURS, TARGET
from tests.rest.v1.inbound.conftest import NOBODYS, Surface
from voice_engine.domains.inbound.decisions import Forward

VIP = {
    "name": "VIP callers",
    "priority": 10,
    "conditions": {"caller_vip": True},
    "action": "transfer",
    "action_config": {"target": "+1 (646) 555-0123"},
}


async def test_a_rule_is_kept_listed_changed_and_forgotten(surface: Surface) -> None:
    """The whole life of a rule; its target is written as E.164."""
    made = await surface.api.post("/v1/inbound/rules", json=VIP)
    path = f"/v1/inbound/rules/{made.json()['id']}"
    changed = await surface.api.put(path, json={"priority": 3, "is_active": False})
    listed = await surface.api.get("/v1/inbound/rules")
    gone = await surface.api.delete(path)
    again = await surface.api.delete(path)

    assert made.status_code == 201
    assert made.json()["action_config"] == {"target": TARGET}
    assert (changed.json()["priority"], changed.json()["is_active"]) == (3, False)
    assert changed.json()["conditions"] == {"caller_vip": True}
    assert listed.json() == {"rules": [changed.json()], "total": 1}
    assert (gone.status_code, gone.content) == (204, b"")
    assert (again.status_code, code_of(again)) == (404, "rule_not_found")


async def test_rules_are_listed_in_the_order_in_which_they_are_asked(surface: Surface) -> None:
    """Higher priorities first, of equals the older one."""
    for name, priority in (("a", 1), ("b", 9), ("c", 1)):
        body = {"name": name, "action": "voicemail", "priority": priority}
        assert (await surface.api.post("/v1/inbound/rules", json=body)).status_code == 201
        surface.rig.calls.now = surface.rig.calls.now.replace(microsecond=surface.rig.calls.now.microsecond + 1)

    listed = await surface.api.get("/v1/inbound/rules")

    assert [rule["name"] for rule in listed.json()["rules"]] == ["b", "a", "c"]


async def test_the_next_call_obeys_a_rule_made_over_the_wire(surface: Surface) -> None:
    """Conditions survive the way through schema and row."""
    night = {"start": "00:00", "end": "23:59", "timezone": "Europe/Madrid"}
    body = {**VIP, "conditions": {"time_range": night, "caller_countries": ["us"], "caller_prefixes": ["1-212"]}}

    made = await surface.api.post("/v1/inbound/rules", json=body)

    assert made.json()["conditions"]["caller_prefixes"] == ["+1212"]
    assert isinstance(await surface.rig.ring(), Forward)


@pytest.mark.parametrize(
    "change",
    [
        {"conditions": {"caller_mood": True}},
        {"conditions": {"caller_vip": None}},
        {"conditions": {"caller_vip": "yes"}},
        {"conditions": {"caller_numbers": ["5551234567"]}},
        {"conditions": {"caller_prefixes": [""]}},
        {"conditions": {"caller_prefixes": ["+1abc"]}},
        {"conditions": {"caller_countries": ["XX"]}},
        {"conditions": {"called_number_ids": ["7"]}},
        {"conditions": {"days_of_week": [0]}},
        {"conditions": {"days_of_week": [8]}},
        {"conditions": {"time_range": {"start": "24:00", "end": "06:00"}}},
        {"conditions": {"time_range": {"start": "22:00"}}},
        {"conditions": {"time_range": {"start": "22:00", "end": "06:00", "timezone": "Mars/Base"}}},
        {"conditions": []},
        {"action_config": {}},
        {"action_config": {"target": "  "}},
        {"action_config": {"target": OURS}},
        {"action_config": {"target": TARGET, "ring_seconds": 4}},
        {"action_config": {"target": TARGET, "language": "de"}},
        {"action": "forward"},
        {"name": ""},
        {"name": "n" * 101},
        {"name": None},
        {"priority": 1001},
        {"priority": "high"},
        {"is_active": "no"},
    ],
)
async def test_a_rule_that_means_nothing_is_refused(surface: Surface, change: dict[str, Any]) -> None:
    """400 with the field's name, on creation and on change; nothing is kept."""
    kept = (await surface.api.post("/v1/inbound/rules", json=VIP)).json()

    made = await surface.api.post("/v1/inbound/rules", json={**VIP, **change})
    changed = await surface.api.put(f"/v1/inbound/rules/{kept['id']}", json=change)

    assert (made.status_code, code_of(made)) == (400, "validation_error")
    assert made.json()["error"]["details"]["fields"]
    assert (changed.status_code, code_of(changed)) == (400, "validation_error")
    assert (await surface.api.get("/v1/inbound/rules")).json()["rules"] == [kept]


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("911", 422, "emergency_number"),
        ("5551234567", 422, "invalid_phone_number"),
        ("+19005551234", 422, "toll_number"),
        ("+18765551234", 403, "unsupported_country"),
    ],
)
async def test_a_target_passes_the_number_checks(surface: Surface, target: str, status: int, code: str) -> None:
    """The same gate as calls, on creation and on change."""
    kept = (await surface.api.post("/v1/inbound/rules", json=VIP)).json()
    config = {"action_config": {"target": target}}

    made = await surface.api.post("/v1/inbound/rules", json={**VIP, **config})
    changed = await surface.api.put(f"/v1/inbound/rules/{kept['id']}", json=config)

    assert (made.status_code, code_of(made)) == (status, code)
    assert (changed.status_code, code_of(changed)) == (status, code)


async def test_an_action_cannot_become_a_transfer_without_a_target(surface: Surface) -> None:
    """The rule is judged as it would stand."""
    made = await surface.api.post("/v1/inbound/rules", json={"name": "night", "action": "voicemail"})

    changed = await surface.api.put(f"/v1/inbound/rules/{made.json()['id']}", json={"action": "transfer"})

    assert (changed.status_code, code_of(changed)) == (400, "validation_error")


@pytest.mark.parametrize("rule_id", ["{kept}", NOBODYS, "nonsense"])
async def test_a_rule_of_somebody_else_is_not_there(surface: Surface, rule_id: str) -> None:
    """Another owner's id, an unknown one and none at all answer alike."""
    kept = (await surface.api.post("/v1/inbound/rules", json=VIP)).json()
    path = f"/v1/inbound/rules/{rule_id.format(kept=kept['id'])}"

    changed = await surface.other.put(path, json={"priority": 1})
    deleted = await surface.other.delete(path)

    assert (changed.status_code, code_of(changed)) == (404, "rule_not_found")
    assert (deleted.status_code, code_of(deleted)) == (404, "rule_not_found")
    assert (await surface.other.get("/v1/inbound/rules")).json() == {"rules": [], "total": 0}
