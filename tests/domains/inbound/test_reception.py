"""Reception: who answers which call."""

import asyncio
import datetime as dt
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.bookings import open_desk
from tests.fakes.inbound import CALLER, OURS, TARGET, InboundRig, new_sid, open_inbound, report
from voice_engine.domains.inbound.decisions import (
    Converse,
    Forward,
    LeaveMessage,
    Nobody,
    Over,
    Reject,
)
from voice_engine.domains.inbound.models import ReceptionSettings
from voice_engine.domains.safety import service as safety
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """One account with one number."""
    opened = await open_inbound(store, tmp_path)
    await opened.add_number()
    return opened


async def test_a_stranger_talks_to_the_receptionist_of_the_house(rig: InboundRig) -> None:
    """Without rules the AI answers in its owner's name, for as long as the credits pay."""
    decision = await rig.ring()

    assert isinstance(decision, Converse)
    spec = decision.spec
    assert spec.assistant is not None
    assert spec.assistant.greeting is not None and "Ada" in spec.assistant.greeting
    assert (spec.direction, spec.caller_phone, spec.limits.max_seconds) == ("inbound", CALLER, 900)
    assert await rig.calls.balance() == ("0.00", "2.50")


async def test_a_number_that_is_not_ours_has_nobody(rig: InboundRig) -> None:
    """A call to a number of somebody else leaves no row."""
    sid = new_sid()

    assert await rig.ring(called="+14155550999", sid=sid) == Nobody()


async def test_the_call_is_written_as_it_rings(rig: InboundRig) -> None:
    """Caller and contact stand in the row from the first moment."""
    contact, sid = await rig.add_contact(is_vip=True), new_sid()

    await rig.ring(sid=sid)

    record = await rig.record(sid)
    assert (record.call.status, record.call.from_number, record.call.to_number) == ("ringing", CALLER, OURS)
    assert (record.inbound.caller_name, record.inbound.contact_id) == ("John Smith", contact.id)
    assert record.inbound.is_vip


@pytest.mark.parametrize("word", ["anonymous", "Restricted", "", "+266696687", "sip:alice@example.com", "unknown"])
async def test_a_withheld_caller_has_no_number(rig: InboundRig, word: str) -> None:
    """Words for nobody are no numbers, and match no condition about numbers."""
    sid = new_sid()
    await rig.add_rule(action="reject", conditions={"caller_prefixes": ["1", "2", "7", "8"]})

    assert isinstance(await rig.ring(word, sid=sid), Converse)

    assert (await rig.record(sid)).call.from_number is None


async def test_a_repeated_webhook_is_one_call(rig: InboundRig) -> None:
    """One row, one hold, one match, the same answer; also when two come at once."""
    rule, sid = await rig.add_rule(), new_sid()

    async with asyncio.TaskGroup() as tasks:
        rings = [tasks.create_task(rig.ring(sid=sid)) for _ in range(3)]

    decisions = [ring.result() for ring in rings]
    async with rig.store.read(rig.account.organization_id) as work:
        kept = {kept.id: kept for kept in await rig.domain.rules.list_all(work)}[rule.id]
    assert all(isinstance(decision, Converse) for decision in decisions)
    assert len({decision.spec.call_id for decision in decisions if isinstance(decision, Converse)}) == 1
    assert kept.match_count == 1
    assert await rig.calls.balance() == ("0.00", "2.50")


async def test_of_overlapping_rules_the_highest_then_the_oldest_decides(rig: InboundRig) -> None:
    """Priorities order, ties go by age."""
    await rig.add_rule("low", "reject", priority=1)
    rig.calls.now += dt.timedelta(seconds=1)
    first = await rig.add_rule("first", "voicemail", priority=5)
    rig.calls.now += dt.timedelta(seconds=1)
    await rig.add_rule("second", "ai_answer", priority=5)
    sid = new_sid()

    assert isinstance(await rig.ring(sid=sid), LeaveMessage)

    assert (await rig.record(sid)).inbound.rule_id == first.id


async def test_a_rule_edited_between_two_calls_decides_the_second(rig: InboundRig) -> None:
    """What rang before keeps what was decided for it, even when its webhook comes again."""
    rule, before = await rig.add_rule(action="voicemail"), new_sid()
    await rig.ring(sid=before)

    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.domain.rules.update(work, rule.id, {"action": "reject"})

    assert isinstance(await rig.ring(), Reject)
    assert isinstance(await rig.ring(sid=before), LeaveMessage)


async def test_a_switched_off_rule_decides_nothing(rig: InboundRig) -> None:
    """Inactive rules are not asked."""
    await rig.add_rule(action="reject", is_active=False)

    assert isinstance(await rig.ring(), Converse)


async def test_a_rejected_call_ends_at_once(rig: InboundRig) -> None:
    """The row tells why, nothing is held, and the webhook's repetition is refused too."""
    sid = new_sid()
    await rig.add_rule(action="reject", action_config={"reason": "spam"})

    first, second = await rig.ring(sid=sid), await rig.ring(sid=sid)

    record = await rig.record(sid)
    assert first == second == Reject()
    assert (record.call.status, record.inbound.reject_reason) == ("rejected", "spam")
    assert await rig.calls.balance() == ("0.00", "0.00")


async def test_a_transfer_rings_its_target_and_falls_back_to_the_receptionist(rig: InboundRig) -> None:
    """Nobody answers there: the AI takes the call; credits are held only now."""
    sid = new_sid()
    await rig.add_rule(action="transfer", action_config={"target": TARGET, "ring_seconds": 12, "language": "es"})

    rung = await rig.ring(sid=sid)
    held = await rig.calls.balance()
    after = await rig.ring(sid=sid, answered_elsewhere=False)

    assert rung == Forward(number=TARGET, caller_id=None, ring_s=12)
    assert held == ("0.00", "0.00")
    assert isinstance(after, Converse) and after.spec.language == "es"
    record = await rig.record(sid)
    assert (record.call.handled_by, record.inbound.transferred_to) == (None, None)


async def test_a_transfer_that_was_answered_is_a_completed_call(rig: InboundRig) -> None:
    """The row has who took it and how long they talked; it costs nothing."""
    sid = new_sid()
    await rig.add_rule(action="transfer", action_config={"target": TARGET})
    await rig.ring(sid=sid)
    rig.calls.now += dt.timedelta(seconds=70)

    over = await rig.ring(sid=sid, answered_elsewhere=True, talked_s=60)

    record = await rig.record(sid)
    assert over == Over()
    assert (record.call.status, record.call.handled_by, record.call.duration_ms) == (
        "completed",
        "transfer",
        60_000,
    )
    assert record.inbound.transferred_to == TARGET
    assert await rig.calls.balance() == ("0.00", "0.00")


async def test_a_number_that_is_forwarded_rings_there_unless_a_rule_says_otherwise(
    store: Store, tmp_path: Path
) -> None:
    """Rules come before the number's own forwarding."""
    rig = await open_inbound(store, tmp_path)
    await rig.add_number(forwarding_number=TARGET)
    forwarded = await rig.ring("anonymous")
    await rig.add_rule(action="voicemail", conditions={"caller_anonymous": True})

    assert forwarded == Forward(number=TARGET, caller_id=OURS, ring_s=25)
    assert isinstance(await rig.ring("anonymous"), LeaveMessage)


async def test_who_calls_from_the_target_is_not_rung_back(rig: InboundRig) -> None:
    """The owner calls their own number: it would be busy."""
    await rig.add_rule(action="transfer", action_config={"target": TARGET})

    assert isinstance(await rig.ring(TARGET), Converse)


async def test_a_target_that_was_blocked_since_is_not_rung(rig: InboundRig) -> None:
    """Lists change while a rule waits; they are asked again at each call."""
    await rig.add_rule(action="transfer", action_config={"target": TARGET})
    async with rig.store.system("tests") as work:
        await safety.block(work, TARGET, reason="fraud", now=rig.calls.now)

    assert isinstance(await rig.ring(), Converse)


async def test_without_credits_a_message_can_still_be_left(store: Store, tmp_path: Path) -> None:
    """Voicemail rather than silence, and the same to the repeated webhook."""
    poor = UsageSettings(default_plan=PlanType.STARTER, default_credits=Decimal("1.00"))
    rig = await open_inbound(store, tmp_path, calls={"usage": poor})
    await rig.add_number()
    sid = new_sid()

    first, second = await rig.ring(sid=sid), await rig.ring(sid=sid)

    assert isinstance(first, LeaveMessage) and isinstance(second, LeaveMessage)
    assert "Ada" in first.greeting
    assert (await rig.record(sid)).call.handled_by == "voicemail"


async def test_calls_that_ring_and_end_at_once_do_not_wait_for_each_other_in_a_circle(rig: InboundRig) -> None:
    """Every row they share is locked in one order: on PostgreSQL another order is a deadlock."""
    rule = await rig.add_rule(action="ai_answer")
    ended = [await rig.answered() for _ in range(4)]

    async def change() -> None:
        for priority in range(4):
            async with rig.store.begin(rig.account.organization_id) as work:
                changes = {"priority": priority, "action_config": {"target": TARGET}}
                await rig.domain.rules.update(work, rule.id, changes)

    async with asyncio.TaskGroup() as tasks:
        rings = [tasks.create_task(rig.ring(f"+1212555{number:04d}")) for number in range(4)]
        ends = [
            tasks.create_task(rig.calls.lifecycle.finish(one.call.id, report(one.call.id), None)) for one in ended
        ]
        tasks.create_task(change())

    assert all(isinstance(ring.result(), Converse) for ring in rings)
    assert all(end.result() for end in ends)


async def test_a_time_that_an_earlier_caller_booked_is_taken(rig: InboundRig) -> None:
    """The next call's calendar has it, with whose it is."""
    week = {"monday": {"open": "09:00", "close": "17:00"}}
    async with rig.store.begin(rig.account.organization_id) as work:
        work.session.add(ReceptionSettings(hours=week, updated_at=rig.calls.now))
    ten = dt.datetime(2026, 2, 16, 10, tzinfo=ZoneInfo("America/New_York"))
    first, second = await rig.ring(), await rig.ring()
    assert isinstance(first, Converse) and isinstance(second, Converse)

    async with open_desk(rig.store, now=rig.calls.now) as desk:
        made = await desk.book(first.spec, ten, name="John", phone="+12125550199", service="cleaning")
        calendar = desk.calendar(second.spec)
        found = await calendar.find_bookings(name="John", phone=None)
        free = await calendar.free_slots(ten - dt.timedelta(hours=3), ten + dt.timedelta(hours=1))

    assert found == [made]
    assert [f"{start:%H:%M}" for start in free] == ["09:00", "09:30", "10:30"]
