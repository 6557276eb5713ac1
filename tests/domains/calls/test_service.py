"""Asking for calls, below the wire: the vectors of number safety, holds, and what is told to whom."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from tests.domains.safety.test_numbers import ACCEPTED, REFUSED
from tests.fakes.calls import CallsRig, new_call, open_calls
from voice_engine.domains.calls.asking import NewDate
from voice_engine.domains.calls.repository import journal
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.errors import Conflict, InvalidInput, QuotaExceeded, VoiceEngineError
from voice_engine.store.engine import Store
from voice_engine.store.idempotency import KeyedRequest


@pytest.mark.parametrize("code", sorted(REFUSED))
async def test_no_documented_number_that_is_refused_is_ever_dialled(rig: CallsRig, code: str) -> None:
    """Each vector, through the whole service: its code, and neither row nor hold nor order."""
    for raw in REFUSED[code]:
        with pytest.raises(VoiceEngineError) as refused:
            await rig.ask(new_call(respondent_phone=raw))
        assert refused.value.code == code

    await rig.jobs.run_due()
    assert rig.telephony.orders == {}
    assert await rig.balance() == ("0.00", "0.00")


async def test_each_documented_number_that_is_accepted_is_dialled_as_e164(rig: CallsRig) -> None:
    """At its callee's time of day or later, never under another number."""
    for raw in ACCEPTED:
        call = await rig.ask(new_call(respondent_phone=raw))
        assert call.to_number is not None and call.to_number[1:].isdigit()


async def test_a_hold_is_no_larger_than_what_is_free(store: Store, tmp_path: Path) -> None:
    """The engine is told how long the credits last; the last call gets fewer minutes, the next none."""
    few = UsageSettings(default_plan=PlanType.STARTER, default_credits=Decimal("3.8"))
    rig = await open_calls(store, tmp_path, usage=few)

    first, second = await rig.ask(), await rig.ask()
    with pytest.raises(QuotaExceeded) as refused:
        await rig.ask()

    assert (first.max_seconds, second.max_seconds) == (900, 180)
    assert refused.value.code == "quota_exceeded"
    assert await rig.balance() == ("0.00", "3.80")


async def test_a_zone_follows_from_the_number_unless_it_is_named(rig: CallsRig) -> None:
    """Madrid is called on Madrid's clock; toll-free numbers on the organization's."""
    madrid = await rig.ask(new_call(respondent_phone="+34910123456", timezone=None))
    toll_free = await rig.ask(new_call(respondent_phone="+18005551234", timezone=None))
    named = await rig.ask(new_call(respondent_phone="+34910123456", timezone="Atlantic/Canary"))

    assert (madrid.timezone, madrid.zone_given) == ("Europe/Madrid", False)
    assert toll_free.timezone == "America/New_York"
    assert (named.timezone, named.zone_given) == ("Atlantic/Canary", True)


async def test_every_change_of_a_call_is_an_event_in_order(rig: CallsRig) -> None:
    """The organization's numbers have no gap; another organization's start anew."""
    call = await rig.ask()
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.service.cancel(work, call.id)
    await rig.ask(new_call(scheduled_at="2026-02-20T12:00:00-05:00"))

    async with rig.store.read(rig.account.organization_id) as work:
        events = await journal.list_events(work, after=0)
        rest = await journal.list_events(work, after=2)
        last = await journal.last_sequence(work)

    assert [(event.sequence, event.type) for event in events] == [
        (1, "call.queued"),
        (2, "call.ended"),
        (3, "call.scheduled"),
    ]
    assert [event.sequence for event in rest] == [3]
    assert last == 3


async def test_a_key_whose_call_was_deleted_is_told_apart(rig: CallsRig) -> None:
    """Its answer cannot be given again, and a second call would be a surprise."""
    key = KeyedRequest(user_id=rig.account.user_id, route="POST /v1/calls", key="k", body_hash="h")
    async with rig.store.begin(rig.account.organization_id) as work:
        made = await rig.service.create(work, rig.account.user_id, new_call(), key=key)
    async with rig.store.begin(rig.account.organization_id) as work:
        await work.session.delete(await rig.service.get(work, made.call.id))

    async with rig.store.begin(rig.account.organization_id) as work:
        with pytest.raises(Conflict) as refused:
            await rig.service.create(work, rig.account.user_id, new_call(), key=key)

    assert refused.value.code == "idempotency_conflict"


async def test_a_refused_move_leaves_the_call_where_it_was(rig: CallsRig) -> None:
    """State and due time; the dial comes as planned."""
    call = await rig.ask(new_call(scheduled_at="2026-02-13T12:00:00-05:00"))
    with pytest.raises(InvalidInput):
        async with rig.store.begin(rig.account.organization_id) as work:
            await rig.service.reschedule(work, call.id, NewDate(date="2026-02-12", time="12:00"))

    await rig.pass_s(2 * 3600)

    moved = await rig.call(call.id)
    assert (moved.status, moved.scheduled_for) == ("in_progress", dt.datetime(2026, 2, 13, 17, tzinfo=dt.UTC))
