"""Two hundred calls, everything told twice and shuffled, by several clients at once: the ledger is exact."""

import asyncio
import itertools
import random
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW
from tests.fakes.business import Business, add_business
from tests.fakes.jobs import InlineJobs
from tests.fakes.vapi import VapiCall, VapiRig, add_assistant
from voice_engine.domains.calls.models import Call, CallEvent
from voice_engine.domains.minutes.models import UsageEvent
from voice_engine.store.engine import Store

CLIENTS = 8
REASONS = ("customer-ended-call", "customer-did-not-answer", "silence-timed-out", "customer-busy", "voicemail")
FREE = {"customer-did-not-answer", "customer-busy"}


def _calls(chance: random.Random, count: int) -> list[VapiCall]:
    reasons = itertools.cycle(REASONS)
    kinds = itertools.cycle(("inboundPhoneCall", "outboundPhoneCall", "webCall"))
    return [
        VapiCall(
            id=f"call-{place:03}",
            assistant_id=f"vapi_{place % 2}",
            kind=next(kinds),
            reason=next(reasons),
            talked_s=chance.randint(1, 600),
            began=NOW,
        )
        for place in range(count)
    ]


def _told(call: VapiCall, chance: random.Random) -> list[dict[str, Any]]:
    """What ends a call, and a little of what happened in it; some of it twice."""
    messages = [
        call.status("ringing", -2),
        call.status("in-progress"),
        call.said("user", "Hello.", 1.0),
        call.status("ended", call.talked_s),
        call.over(),
        call.report(),
    ]
    return [*messages, *chance.sample(messages, 3), call.report()]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.acceptance)])
async def test_the_ledger_is_the_true_sum(store: Store, count: int) -> None:
    """Two tenants; of each call one row, one end, and one line if anybody talked."""
    chance = random.Random(20260213)
    businesses: list[Business] = [await add_business(store, name=f"Business {place}") for place in range(2)]
    for place, business in enumerate(businesses):
        await add_assistant(store, business, f"vapi_{place}")
    rigs = [VapiRig(store) for _ in range(CLIENTS)]
    calls = _calls(chance, count)
    messages = [message for call in calls for message in _told(call, chance)]
    chance.shuffle(messages)
    waiting = iter(messages)

    async def client(rig: VapiRig) -> None:
        for message in waiting:
            (reply,) = await rig.tell(message)
            assert reply.ignored in {None, "duplicate"}

    async with asyncio.TaskGroup() as clients:
        for rig in rigs:
            clients.create_task(client(rig))
    await InlineJobs(store, rigs[0].kinds, now=rigs[0].clock).run_due()

    talked = {call.id: round(call.talked_s) for call in calls if call.reason not in FREE}
    async with store.system("tests", writes=False) as work:
        rows = {row.id: row for row in await work.session.scalars(sa.select(Call))}
        lines = list(await work.session.scalars(sa.select(UsageEvent)))
        ends = list(await work.session.scalars(sa.select(CallEvent).where(CallEvent.type == "call.ended")))
    assert {rows[line.source_id].external_id: line.seconds for line in lines} == talked
    assert len(lines) == len(talked)
    assert sorted(rows[event.call_id].external_id or "" for event in ends) == sorted(call.id for call in calls)
    for place, business in enumerate(businesses):
        mine = [line.seconds for line in lines if line.organization_id == business.organization_id]
        assert sum(mine) == sum(talked.get(call.id, 0) for call in calls[place::2])
    assert {row.duration_ms for row in rows.values() if row.external_id not in talked} == {None}
    assert all(row.outcome is not None for row in rows.values())
