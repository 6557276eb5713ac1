"""One row, whoever held the call: both surfaces show it, and of several that end it one is heard."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.inbound import OURS, OWNER, new_sid, report
from tests.fakes.vapi import CUSTOMER, VapiCall, VapiRig
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.minutes.models import UsageEvent
from voice_engine.domains.webhooks.assembly import build_intake
from voice_engine.domains.webhooks.service import Intake
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store

OWN_CALLS = 12


@pytest.fixture
async def line(store: Store, tmp_path: Path) -> BusinessRig:
    """A business on the phone, with our own engine."""
    return await open_business_line(store, tmp_path)


def intake_of(line: BusinessRig) -> Intake:
    """The door, over the same calls."""
    domain = line.calls.domain
    return build_intake(line.store, domain, domain.minutes, now=line.calls.clock)


async def engine_id(line: BusinessRig) -> str:
    """What engines call the business's assistant."""
    async with line.store.begin(line.business.organization_id) as work:
        return (await line.assistants.primary(work)).engine_id


async def test_both_surfaces_show_the_call_and_agree(line: BusinessRig) -> None:
    """List, details and poll of one surface, list and details of the other."""
    call = VapiCall(assistant_id=await engine_id(line), began=line.calls.now)
    intake = intake_of(line)
    for message in call.whole():
        await intake.take(message)

    async with line.client() as api:
        (listed,) = (await api.get("/api/calls")).json()["calls"]
        details = (await api.get(f"/api/calls/{listed['id']}")).json()["call"]
        polled = (await api.get(f"/api/calls/outbound/status?vapiCallId={call.id}")).json()
    async with line.client_of_v1() as v1:
        (inbound,) = (await v1.get("/v1/inbound/calls")).json()["calls"]
        said = (await v1.get(f"/v1/inbound/calls/{inbound['id']}/transcript")).json()

    assert (listed["vapiCallId"], listed["status"], listed["durationMinutes"]) == (call.id, "COMPLETED", 5.5)
    assert (listed["direction"], listed["customerNumber"]) == ("INBOUND", CUSTOMER)
    assert details["transcript"].splitlines()[0] == "AI: Hi! How can I help?"
    assert details["summary"] == inbound["summary"] == "The caller asked about Friday's hours."
    assert details["recordingUrl"] == f"https://storage.vapi.example/{call.id}.wav"
    assert details["endReason"] == "customer-ended-call"
    assert polled["status"] == "ended"
    assert (inbound["id"], inbound["duration_seconds"]) == (listed["id"], 330.0)
    assert (inbound["caller_number"], inbound["to_number"]) == (CUSTOMER, OURS)
    assert inbound["started_at"][:19] == listed["startedAt"][:19]
    assert len(said["entries"]) == 3


@pytest.mark.slow
async def test_engine_carrier_and_webhook_end_our_calls_at_once(line: BusinessRig) -> None:
    """Of each call the engine's report stands, and is counted once."""
    chance, told = random.Random(7), VapiRig(line.store)
    told.intake = intake_of(line)
    seconds, assistant_id = {}, await engine_id(line)
    words: list[Callable[[], Awaitable[object]]] = []
    for place in range(OWN_CALLS):
        sid, length = new_sid(), 10 + place
        await line.ring(f"+1212555{1000 + place}", sid=sid)
        call_id = (await line.record(sid)).call.id
        assert await line.calls.lifecycle.answered(call_id, sid, line.calls.now, owner=OWNER)
        seconds[call_id] = length
        vapi = VapiCall(id=call_id, assistant_id=assistant_id, began=line.calls.now, talked_s=length)
        over = CarrierReport(call_sid=sid, status=CallStatus.COMPLETED, duration_s=length)
        words += [
            lambda call_id=call_id, length=length: line.calls.lifecycle.finish(  # type: ignore[misc]  # bound now
                call_id, report(call_id, seconds=length), None
            ),
            lambda over=over: line.calls.lifecycle.carrier_status(over),  # type: ignore[misc]
            lambda vapi=vapi: told.tell(vapi.over(), vapi.report()),  # type: ignore[misc]
        ]
    words *= 2
    chance.shuffle(words)

    async with asyncio.TaskGroup() as group:
        for word in words:
            group.create_task(_said(word))
    await line.calls.pass_s(120)

    async with line.store.system("tests", writes=False) as work:
        lines = list(await work.session.scalars(sa.select(UsageEvent)))
    assert {one.source_id: one.seconds for one in lines} == seconds
    assert len(lines) == OWN_CALLS
    for call_id in seconds:
        assert (await line.calls.call(call_id)).highlights == list(report(call_id).outcome.highlights)


async def _said(word: Callable[[], Awaitable[object]]) -> None:
    await word()
