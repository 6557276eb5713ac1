"""What a business's plan and standing hold up on `/v1`: asking for calls, dialling them, reading what was said."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.api import code_of
from tests.fakes.calls import body
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.minutes.models import MinuteHold
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.usage.models import BillingAccount
from voice_engine.ports.call import EngineEvent
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

CUSTOMER = "+12125550143"


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> BusinessRig:
    return await open_business_line(store, tmp_path)


async def set_plan(rig: BusinessRig, plan: Tier) -> None:
    async with rig.store.begin(rig.account.organization_id) as work:
        (await work.session.scalars(sa.select(BillingAccount))).one().plan = plan


async def queued(rig: BusinessRig) -> str:
    """A call that the business asked for while it might."""
    async with rig.client() as api:
        made = await api.post("/api/calls/outbound", json={"customerNumber": CUSTOMER})
    return str(made.json()["call"]["id"])


async def ended_undialled(rig: BusinessRig, call_id: str) -> dict[str, object]:
    """What the call says of its end, nothing dialled and nothing held."""
    await rig.jobs.run_due()
    call = await rig.calls.call(call_id)
    async with rig.store.begin(rig.account.organization_id) as work:
        hold = (await work.session.scalars(sa.select(MinuteHold).where(MinuteHold.source_id == call_id))).one()
    assert rig.calls.telephony.orders == {}
    assert (call.status, call.ended_reason, hold.state) == ("failed", "not_allowed", "RELEASED")
    return dict(call.outcome or {})


async def test_a_call_is_refused_below_the_plan_and_nothing_is_kept(rig: BusinessRig) -> None:
    await set_plan(rig, Tier.FREE)

    async with rig.client_of_v1(Tier.FREE) as v1:
        refused = await v1.post("/v1/calls", json=body())
        listed = (await v1.get("/v1/calls")).json()

    assert (refused.status_code, code_of(refused)) == (403, "forbidden")
    details = refused.json()["error"]["details"]
    assert (details["reason"], details["requiredPlan"]) == ("plan_upgrade_required", "ENTERPRISE")
    assert listed["calls"] == []


async def test_a_queued_call_of_a_suspended_organization_ends_undialled(rig: BusinessRig) -> None:
    call_id = await queued(rig)
    await rig.describe(status=OrganizationStatus.SUSPENDED)

    assert (await ended_undialled(rig, call_id))["refused"] == "organization_suspended"


async def test_a_queued_call_ends_undialled_when_the_plan_got_smaller(rig: BusinessRig) -> None:
    call_id = await queued(rig)
    await set_plan(rig, Tier.PRO)

    assert (await ended_undialled(rig, call_id))["refused"] == "plan_upgrade_required"


@pytest.mark.parametrize(
    ("plan", "transcript", "recording"),
    [(Tier.FREE, 403, 403), (Tier.ADVANCED, 200, 403), (Tier.PRO, 200, 404)],
)
async def test_what_was_said_is_shown_from_the_same_plans_as_on_the_business_surface(
    rig: BusinessRig, plan: Tier, transcript: int, recording: int
) -> None:
    """No recording was kept here, so that whoever may hear it is told that there is none."""
    call = (await rig.talk()).call

    async with rig.client_of_v1(plan) as v1:
        row = await v1.get(f"/v1/inbound/calls/{call.id}")
        words = await v1.get(f"/v1/inbound/calls/{call.id}/transcript")
        audio = await v1.get(f"/v1/inbound/calls/{call.id}/recording")
        outbound = await v1.get(f"/v1/calls/{call.id}/recording")

    assert row.status_code == 200
    assert (words.status_code, audio.status_code, outbound.status_code) == (transcript, recording, recording)
    if recording == 403:
        assert audio.json()["error"]["details"]["reason"] == "plan_upgrade_required"


async def test_events_have_no_words_below_the_plan(rig: BusinessRig) -> None:
    """The log's places stay as they are: whoever follows goes on from the same cursor."""
    record = await rig.answered()
    said = EngineEvent(sequence=1, at_ms=900, type="turn.ai", facts={"turn": 0, "pii_text": "Hello."})
    await rig.calls.lifecycle.note_events(record.call.id, [said])

    async with rig.client_of_v1(Tier.FREE) as free, rig.client_of_v1(Tier.ADVANCED) as paid:
        hidden = (await free.get("/v1/inbound/events")).json()
        shown = (await paid.get("/v1/inbound/events")).json()

    assert [event["type"] for event in hidden["events"]] == ["call.ringing", "call.answered"]
    assert "Hello." in json.dumps(shown) and "Hello." not in json.dumps(hidden)
    assert hidden["next_cursor"] == shown["next_cursor"]
