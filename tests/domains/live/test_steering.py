"""What a member may do with a live call: an order and an audit row each, for their own calls only."""

import hashlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import add_account
from tests.fakes.inbound import OWNER, TARGET, InboundRig, open_inbound, orders_taken, report
from voice_engine.domains.calls.models import Call, CallCommand
from voice_engine.domains.live.steering import MOST_LETTERS, Steering
from voice_engine.errors import Conflict, InvalidInput, NotFound, UpstreamFailed, VoiceEngineError
from voice_engine.ports.call import Disposition
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

Deed = Callable[[Steering, str, str, str], Coroutine[Any, Any, object]]
DEEDS: dict[str, Deed] = {
    "stop": lambda one, organization, user, call: one.stop(organization, user, call),
    "transfer": lambda one, organization, user, call: one.transfer(organization, user, call, TARGET),
    "whisper": lambda one, organization, user, call: one.whisper(organization, user, call, "nine is fine"),
    "hand_back": lambda one, organization, user, call: one.hand_back(organization, user, call),
    "take_over": lambda one, organization, user, call: one.take_over(organization, user, call),
}


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """Orders are waited for as long as a loaded machine may need."""
    one = await open_inbound(store, tmp_path, order_wait_s=20.0, transfer_wait_s=20.0)
    await one.add_number()
    return one


async def live(rig: InboundRig, direction: str = "outbound") -> Call:
    if direction == "inbound":
        return (await rig.answered()).call
    return (await rig.calls.answered())[0]


async def deed(rig: InboundRig, name: str, call: Call) -> object:
    return await DEEDS[name](rig.domain.steering, rig.account.organization_id, rig.account.user_id, call.id)


async def audited(rig: InboundRig) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    async with rig.store.system("tests", writes=False) as work:
        rows = (await work.session.scalars(sa.select(AuditRow).where(AuditRow.action.like("call.%")))).all()
    return [(row.action, row.actor, row.subject, row.facts) for row in rows]


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
async def test_a_browser_gets_a_place_in_the_call(rig: InboundRig, direction: str) -> None:
    """The ticket goes to whoever asked; the row has its digest, and who they are."""
    call = await live(rig, direction)

    async with orders_taken(rig, call) as taken:
        entrance = await rig.domain.steering.take_over(rig.account.organization_id, rig.account.user_id, call.id)

    digest = hashlib.sha256(entrance.ticket.encode()).hexdigest()
    assert [(order.kind, order.arguments) for order in taken] == [
        ("join", {"ticket": digest, "user": rig.account.user_id})
    ]
    assert entrance.owner == OWNER
    assert await audited(rig) == [("call.taken_over", rig.account.user_id, call.id, {"through": "browser"})]


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
async def test_a_whisper_reaches_the_engine_and_not_the_audit(rig: InboundRig, direction: str) -> None:
    """That somebody whispered is audited; what they wrote is the call's."""
    call = await live(rig, direction)

    async with orders_taken(rig, call) as taken:
        await rig.domain.steering.whisper(
            rig.account.organization_id, rig.account.user_id, call.id, " nine\n is fine "
        )

    assert [(order.kind, order.arguments) for order in taken] == [("whisper", {"text": "nine is fine"})]
    assert await audited(rig) == [("call.whispered", rig.account.user_id, call.id, {"letters": 12})]


@pytest.mark.parametrize("raw", ["", "  ", None, 7, "x" * (MOST_LETTERS + 1)])
async def test_a_whisper_says_something_and_not_too_much(rig: InboundRig, raw: object) -> None:
    call = await live(rig)

    with pytest.raises(InvalidInput, match="write something"):
        await rig.domain.steering.whisper(rig.account.organization_id, rig.account.user_id, call.id, raw)


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
async def test_a_stopped_call_is_hung_up_on_twice(rig: InboundRig, direction: str) -> None:
    """By its process, and by the carrier should that be gone. A second click finds it over."""
    call = await live(rig, direction)

    await deed(rig, "stop", call)

    orders = await rig.calls.lifecycle.commands_for(OWNER, [call.id])
    assert [order.kind for order in orders] == ["stop"]
    assert len(await rig.jobs.waiting("call.hang_up")) == 1
    with pytest.raises(Conflict) as refused:
        await deed(rig, "stop", call)
    assert refused.value.code == "call_not_active"


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
async def test_a_transfer_goes_to_the_checked_number(rig: InboundRig, direction: str) -> None:
    call = await live(rig, direction)

    async with orders_taken(rig, call) as taken:
        error = await rig.domain.steering.transfer(
            rig.account.organization_id, rig.account.user_id, call.id, "+1 (646) 555-0123"
        )

    assert error is None
    assert [(order.kind, order.arguments) for order in taken] == [("transfer", {"number": TARGET})]
    assert (await rig.calls.call(call.id)).handled_by == "transfer"


async def test_a_transfer_that_nobody_takes_says_why(rig: InboundRig) -> None:
    call = await live(rig)

    async with orders_taken(rig, call, error="no_answer"):
        error = await deed(rig, "transfer", call)

    assert error == "no_answer"
    assert (await rig.calls.call(call.id)).handled_by != "transfer"


async def test_an_outbound_call_is_not_transferred_to_itself(rig: InboundRig) -> None:
    call = await live(rig)

    with pytest.raises(InvalidInput, match="ring itself"):
        await rig.domain.steering.transfer(
            rig.account.organization_id, rig.account.user_id, call.id, call.to_number or ""
        )


@pytest.mark.parametrize("name", DEEDS)
async def test_a_call_of_another_organization_is_not_there(rig: InboundRig, name: str) -> None:
    """And no order is written, nor audit row."""
    call, bob = await live(rig), await add_account(rig.store, "Bob")

    with pytest.raises(NotFound) as refused:
        await DEEDS[name](rig.domain.steering, bob.organization_id, bob.user_id, call.id)

    assert refused.value.code == "call_not_found"
    assert await audited(rig) == []
    async with rig.store.system("tests", writes=False) as work:
        assert await work.session.scalar(sa.select(sa.func.count()).select_from(CallCommand)) == 0


@pytest.mark.parametrize("name", DEEDS)
async def test_a_call_that_is_over_takes_no_orders(rig: InboundRig, name: str) -> None:
    call = await live(rig)
    await rig.calls.lifecycle.finish(call.id, report(call.id, disposition=Disposition.COMPLETED), None)

    with pytest.raises(Conflict) as refused:
        await deed(rig, name, call)

    assert refused.value.code == "call_not_active"


@pytest.mark.parametrize("name", ["whisper", "hand_back", "take_over"])
async def test_a_call_that_nobody_talks_on_yet_cannot_be_joined(rig: InboundRig, name: str) -> None:
    call, _ = await rig.calls.dialled()

    with pytest.raises(Conflict) as refused:
        await deed(rig, name, call)

    assert refused.value.code == "call_not_active"


@pytest.mark.parametrize(
    ("name", "error", "kind"),
    [
        ("take_over", "takeover_in_progress", Conflict),
        ("whisper", "human_on_line", Conflict),
        ("hand_back", "not_taken_over", Conflict),
        ("whisper", "call_not_active", Conflict),
        ("transfer", "not_redirectable", Conflict),
        ("take_over", "order_failed", UpstreamFailed),
    ],
)
async def test_what_the_engine_has_against_it_is_said(
    rig: InboundRig, name: str, error: str, kind: type[VoiceEngineError]
) -> None:
    call = await live(rig)

    async with orders_taken(rig, call, error=error):
        with pytest.raises(kind) as refused:
            await deed(rig, name, call)

    assert refused.value.code in {error, "service_unavailable"}


async def test_a_process_that_does_not_answer_is_not_waited_for(store: Store, tmp_path: Path) -> None:
    """And the order is withdrawn: nobody is let in later by a ticket that was never handed out."""
    rig = await open_inbound(store, tmp_path, order_wait_s=0.05)
    call = await live(rig)

    with pytest.raises(UpstreamFailed) as refused:
        await deed(rig, "take_over", call)

    assert refused.value.code == "service_unavailable"
    assert await rig.calls.lifecycle.commands_for(OWNER, [call.id]) == []
