"""The operations on live inbound calls, against their contract. A second task plays the process that holds them."""

from typing import Any

import pytest

from tests.fakes.api import code_of
from tests.fakes.inbound import CALLER, OURS, OWNER, TARGET, VOICE_URL, orders_taken
from tests.rest.v1.inbound.conftest import NOBODYS, Surface
from voice_engine.domains.calls.words import UNANNOUNCED
from voice_engine.domains.inbound.decisions import Forward
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.ports.call import Disposition

DENIED: tuple[tuple[str, dict[str, str]], ...] = (
    ("transfer", {"target_number": TARGET}),
    ("takeover", {"target_number": TARGET}),
    ("reject", {}),
)


async def test_a_live_call_is_transferred(surface: Surface) -> None:
    """The owner of the call gets the checked number; the answer tells where the caller went."""
    record = await surface.rig.answered()
    path = f"/v1/inbound/calls/{record.call.id}"

    async with orders_taken(surface.rig, record.call, ends={"disposition": Disposition.TRANSFERRED}) as taken:
        done = await surface.api.post(f"{path}/transfer", json={"target_number": "+1 646 555 0123"})

    read = (await surface.api.get(path)).json()
    assert [(order.kind, order.arguments) for order in taken] == [("transfer", {"number": TARGET})]
    assert done.json() == {
        "success": True,
        "call_id": record.call.id,
        "status": "completed",
        "handled_by": "transfer",
        "target_number": TARGET,
        "message": "Call transferred.",
    }
    assert (read["transferred_to"], read["handled_by"]) == (TARGET, "transfer")


async def test_a_transfer_may_go_unannounced(surface: Surface) -> None:
    record = await surface.rig.answered()
    path = f"/v1/inbound/calls/{record.call.id}/transfer"

    async with orders_taken(surface.rig, record.call) as taken:
        await surface.api.post(path, json={"target_number": TARGET, "announce": False})

    assert [order.arguments for order in taken] == [{"number": TARGET, "announce": UNANNOUNCED}]


async def test_a_transfer_that_is_bridged_keeps_the_call_live(surface: Surface) -> None:
    """The engine holds both legs: later orders still go to it, not to the carrier."""
    record = await surface.rig.answered()
    path = f"/v1/inbound/calls/{record.call.id}"

    async with orders_taken(surface.rig, record.call) as taken:
        done = await surface.api.post(f"{path}/transfer", json={"target_number": TARGET})
        await surface.api.post(f"{path}/transfer", json={"target_number": "+13055550111"})

    assert (done.json()["success"], done.json()["status"], done.json()["handled_by"]) == (
        True,
        "active",
        "transfer",
    )
    assert (await surface.api.get(path)).json()["transferred_to"] == "+13055550111"
    assert [order.arguments for order in taken] == [{"number": TARGET}, {"number": "+13055550111"}]
    assert not surface.rig.calls.telephony.steered.redirected


async def test_a_transfer_that_nobody_takes_leaves_the_caller_with_the_assistant(surface: Surface) -> None:
    record = await surface.rig.answered()
    path = f"/v1/inbound/calls/{record.call.id}"

    async with orders_taken(surface.rig, record.call, error="declined"):
        done = await surface.api.post(f"{path}/transfer", json={"target_number": TARGET})

    read = (await surface.api.get(path)).json()
    assert (done.json()["success"], done.json()["handled_by"]) == (False, "ai")
    assert done.json()["message"].startswith("Nobody there took the call")
    assert (read["transferred_to"], read["handled_by"]) == (None, "ai")


async def test_a_live_call_is_taken_over_from_the_default_phone(surface: Surface) -> None:
    """Without a number the default forwarding target is rung; the call stays live, a human on it."""
    surface.rig.targets.append(TARGET)
    record = await surface.rig.answered()

    async with orders_taken(surface.rig, record.call) as taken:
        done = await surface.api.post(f"/v1/inbound/calls/{record.call.id}/takeover")

    assert [(order.kind, order.arguments) for order in taken] == [("takeover", {"number": TARGET})]
    assert (done.json()["status"], done.json()["handled_by"]) == ("active", "human")
    assert done.json()["message"] == "You are on the call."


async def test_a_takeover_that_nobody_answers_leaves_the_caller_with_the_assistant(surface: Surface) -> None:
    """The answer says so, and the row still names the assistant."""
    record = await surface.rig.answered()

    async with orders_taken(surface.rig, record.call, error="no_answer"):
        done = await surface.api.post(
            f"/v1/inbound/calls/{record.call.id}/takeover", json={"target_number": TARGET}
        )

    assert (done.status_code, done.json()["success"], done.json()["handled_by"]) == (200, False, "ai")
    assert done.json()["message"].startswith("Nobody answered")


async def test_a_talking_call_is_rejected_after_a_goodbye(surface: Surface) -> None:
    """The engine says goodbye, the report then ends the call as rejected, and the carrier is told in any case."""
    record = await surface.rig.answered()
    path = f"/v1/inbound/calls/{record.call.id}"

    async with orders_taken(surface.rig, record.call, ends={"disposition": Disposition.MAX_DURATION}) as taken:
        done = await surface.api.post(f"{path}/reject", json={"reason": "spam"})

    read = (await surface.api.get(path)).json()
    waiting = await surface.rig.jobs.waiting("call.hang_up")
    assert [order.kind for order in taken] == ["reject"]
    assert (done.json()["status"], done.json()["message"]) == ("rejected", "Call rejected.")
    assert (read["status"], read["reject_reason"]) == ("rejected", "spam")
    assert len(waiting) == 1 and waiting[0].due_at is not None and waiting[0].due_at > surface.rig.calls.now


async def test_a_ringing_call_is_rejected_at_once(surface: Surface) -> None:
    """Nobody talks yet: the row ends, and the carrier hangs up."""
    sid = surface.rig.calls.telephony.add_inbound(to=OURS, from_number=CALLER)
    await surface.rig.ring(sid=sid)
    record = await surface.rig.record(sid)

    done = await surface.api.post(f"/v1/inbound/calls/{record.call.id}/reject", json={})
    await surface.rig.jobs.run_due()

    assert (done.json()["status"], done.json()["handled_by"]) == ("rejected", "none")
    assert surface.rig.calls.telephony.steered.hung_up == [sid]


async def test_a_call_that_rings_elsewhere_is_decided_anew(surface: Surface) -> None:
    """The carrier holds it: reception is asked again, and sends it to the new number."""
    rig = surface.rig
    await rig.add_rule(action="transfer", action_config={"target": TARGET})
    sid = rig.calls.telephony.add_inbound(to=OURS, from_number=CALLER)
    await rig.ring(sid=sid)
    record = await rig.record(sid)

    done = await surface.api.post(
        f"/v1/inbound/calls/{record.call.id}/transfer", json={"target_number": "+13055550111"}
    )

    again = await rig.ring(sid=sid)
    assert done.json()["success"]
    assert rig.calls.telephony.steered.redirected == [(sid, VOICE_URL)]
    assert isinstance(again, Forward) and again.number == "+13055550111"


async def test_an_order_that_nobody_takes_is_withdrawn(impatient: Surface) -> None:
    """503 in bounded time; a process that comes later finds nothing to do."""
    record = await impatient.rig.answered()

    answer = await impatient.api.post(
        f"/v1/inbound/calls/{record.call.id}/transfer", json={"target_number": TARGET}
    )

    assert (answer.status_code, code_of(answer)) == (503, "service_unavailable")
    assert await impatient.rig.calls.lifecycle.commands_for(OWNER, [record.call.id]) == []


@pytest.mark.parametrize(("verb", "body"), DENIED)
async def test_a_call_that_is_over_cannot_be_steered(surface: Surface, verb: str, body: dict[str, str]) -> None:
    """409, with or without a good number."""
    record = await surface.rig.talk()

    answer = await surface.api.post(f"/v1/inbound/calls/{record.call.id}/{verb}", json=body)

    assert (answer.status_code, code_of(answer)) == (409, "call_not_active")


@pytest.mark.parametrize(("verb", "body"), DENIED)
@pytest.mark.parametrize("call_id", ["{theirs}", NOBODYS, "nonsense"])
async def test_a_call_of_somebody_else_cannot_be_steered(
    surface: Surface, verb: str, body: dict[str, str], call_id: str
) -> None:
    """404 for another owner's id, an unknown one and none at all; the call goes on."""
    record = await surface.rig.answered()

    path = f"/v1/inbound/calls/{call_id.format(theirs=record.call.id)}/{verb}"
    answer = await surface.other.post(path, json=body)

    assert (answer.status_code, code_of(answer)) == (404, "call_not_found")
    assert await _status(surface, record) == "active"


@pytest.mark.parametrize("verb", ["transfer", "takeover"])
@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("112", 422, "emergency_number"),
        ("5551234567", 422, "invalid_phone_number"),
        ("+19005551234", 422, "toll_number"),
        ("+18765551234", 403, "unsupported_country"),
        (OURS, 400, "validation_error"),
        (CALLER, 400, "validation_error"),
    ],
)
async def test_a_number_that_may_not_be_rung_is_refused(
    surface: Surface, verb: str, target: str, status: int, code: str
) -> None:
    """Nothing is ordered, and the caller stays."""
    record = await surface.rig.answered()

    path = f"/v1/inbound/calls/{record.call.id}/{verb}"
    answer = await surface.api.post(path, json={"target_number": target})

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert await surface.rig.calls.lifecycle.commands_for(OWNER, [record.call.id]) == []


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("transfer", {}, 422, "missing_phone_number"),
        ("transfer", {"target_number": 5}, 422, "missing_phone_number"),
        ("transfer", {"target_number": TARGET, "announce": "yes"}, 400, "validation_error"),
        ("takeover", {}, 409, "no_forwarding_target"),
        ("takeover", {"target_number": 5}, 400, "validation_error"),
        ("reject", {"reason": "tired"}, 400, "validation_error"),
    ],
)
async def test_an_order_that_says_too_little_or_nonsense_is_refused(
    surface: Surface, verb: str, body: dict[str, Any], status: int, code: str
) -> None:
    """Each with its own code."""
    record = await surface.rig.answered()

    answer = await surface.api.post(f"/v1/inbound/calls/{record.call.id}/{verb}", json=body)

    assert (answer.status_code, code_of(answer)) == (status, code)


async def test_a_second_order_to_a_call_that_says_goodbye_is_refused(impatient: Surface) -> None:
    """Rejected once is rejected."""
    record = await impatient.rig.answered()
    path = f"/v1/inbound/calls/{record.call.id}/reject"

    first = await impatient.api.post(path, json={})
    second = await impatient.api.post(path, json={})

    assert (first.status_code, first.json()["message"]) == (200, "The assistant is saying goodbye.")
    assert (second.status_code, code_of(second)) == (409, "call_not_active")


async def _status(surface: Surface, record: Record) -> str:
    return str((await surface.api.get(f"/v1/inbound/calls/{record.call.id}")).json()["status"])
