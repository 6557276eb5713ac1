"""The receptionist, called from a browser: composed, held, measured and ended as a call to its number."""

import datetime as dt
from pathlib import Path

import pytest

from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.calls import CALLER_ID, OWNER
from tests.fakes.inbound import OURS, InboundRig, open_inbound, report
from voice_engine.domains.calls.browsers import STREAM_DUE, Opened
from voice_engine.domains.calls.states import CallState, Channel, EndedReason, Product
from voice_engine.domains.inbound.browsers import NO_NUMBER
from voice_engine.domains.inbound.decisions import Converse
from voice_engine.domains.inbound.repository import calls as inbound_rows
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.domains.inbound.selection import Selection
from voice_engine.domains.minutes.plans import Tier
from voice_engine.errors import NotFound, QuotaExceeded
from voice_engine.ports.call import CallSpec, Language
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

SID = "CA" + "b" * 32
EVERYTHING = Selection()


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """Somebody's own line, without a number."""
    return await open_inbound(store, tmp_path)


@pytest.fixture
async def line(store: Store, tmp_path: Path) -> BusinessRig:
    """A business with a number and an assistant."""
    return await open_business_line(store, tmp_path)


async def opened(rig: InboundRig, language: Language | None = None) -> Opened:
    async with rig.store.begin(rig.account.organization_id) as work:
        return await rig.domain.browsers.open(work, rig.account.user_id, language=language)


async def record(rig: InboundRig, call_id: str) -> Record:
    async with rig.store.read(rig.account.organization_id) as work:
        found = await inbound_rows.find(work, call_id)
    assert found is not None
    return found


async def spec_of_a_telephone_call(rig: InboundRig) -> CallSpec:
    """What the engine is told when a withheld number calls."""
    decision = await rig.ring("anonymous")
    assert isinstance(decision, Converse)
    return decision.spec


async def test_the_row_is_of_an_inbound_call_without_a_caller(rig: InboundRig) -> None:
    call_id = (await opened(rig)).call.id
    row = await record(rig, call_id)

    call = row.call
    assert (call.direction, call.channel, call.status) == ("inbound", Channel.BROWSER, CallState.RINGING)
    assert (call.from_number, call.to_number, call.provider_sid) == (None, CALLER_ID, None)
    assert (row.inbound.number_id, row.inbound.caller_name) == (NO_NUMBER, "Ada")


async def test_a_receptionist_is_told_what_a_call_to_its_number_would_tell(rig: InboundRig) -> None:
    await rig.add_number()
    dialled = await spec_of_a_telephone_call(rig)

    browser = (await opened(rig)).spec

    assert (browser.assistant, browser.prompt, browser.voice) == (
        dialled.assistant,
        dialled.prompt,
        dialled.voice,
    )
    assert (browser.language, browser.answered_at, browser.limits) == (
        dialled.language,
        dialled.answered_at,
        dialled.limits,
    )


async def test_an_assistant_is_told_what_a_call_to_its_number_would_tell(line: BusinessRig) -> None:
    dialled = await spec_of_a_telephone_call(line)

    call = await opened(line)
    row = await record(line, call.call.id)

    assert (call.spec.assistant, call.spec.prompt) == (dialled.assistant, dialled.prompt)
    assert call.spec.knowledge_scope == dialled.knowledge_scope == row.call.assistant_id
    assert (row.call.product, row.call.to_number) == (Product.EPOCH, OURS)


async def test_the_caller_may_choose_the_language(rig: InboundRig) -> None:
    call = await opened(rig, "es")

    assert (call.spec.language, (await record(rig, call.call.id)).call.language) == ("es", "es")


async def test_rules_and_forwarding_are_not_asked(rig: InboundRig) -> None:
    """Who tries the receptionist wants it also while their calls go elsewhere."""
    await rig.add_number(forwarding_number="+16465550123")
    await rig.add_rule(action="reject")

    call = await opened(rig)

    assert (await record(rig, call.call.id)).call.status == CallState.RINGING
    assert call.spec.assistant is not None


async def test_a_talk_ends_with_its_bill_its_highlights_and_its_tasks(rig: InboundRig) -> None:
    call_id = (await opened(rig)).call.id
    lifecycle = rig.calls.lifecycle

    assert await lifecycle.answered(call_id, SID, rig.calls.now, owner=OWNER)
    for first in (True, False):
        assert await lifecycle.finish(call_id, report(call_id), None) is first
    row = await record(rig, call_id)

    assert (row.call.status, row.call.provider_sid) == (CallState.COMPLETED, None)
    assert row.call.highlights
    assert (row.action_items, row.has_transcript) == (1, True)
    assert await rig.calls.balance() == ("1.10", "0.00")


async def test_minutes_are_held_and_counted_once(line: BusinessRig) -> None:
    call_id = (await opened(line)).call.id
    lifecycle, minutes = line.calls.lifecycle, line.calls.domain.minutes

    async with line.store.begin(line.account.organization_id) as work:
        held = (await minutes.read(work)).cycle.reserved
    await lifecycle.answered(call_id, SID, line.calls.now, owner=OWNER)
    for _ in range(2):
        await lifecycle.finish(call_id, report(call_id), None)
    async with line.store.begin(line.account.organization_id) as work:
        cycle = (await minutes.read(work)).cycle

    assert held > 0
    assert (cycle.used, cycle.reserved) == (42, 0)


async def test_a_browser_that_never_comes_is_no_missed_call(line: BusinessRig) -> None:
    """Its own caller gave up: nobody has to be called back."""
    call_id = (await opened(line)).call.id

    line.calls.now += STREAM_DUE
    await line.jobs.run_due()
    call = (await record(line, call_id)).call
    async with line.store.begin(line.account.organization_id) as work:
        cycle = (await line.calls.domain.minutes.read(work)).cycle

    assert (call.status, call.ended_reason) == (CallState.CANCELLED, EndedReason.CANCELLED_BY_USER)
    assert (cycle.used, cycle.reserved) == (0, 0)


async def test_a_process_that_dies_in_a_talk_gives_its_minutes_back(line: BusinessRig) -> None:
    """There is no carrier to say how long it was."""
    call_id = (await opened(line)).call.id
    await line.calls.lifecycle.answered(call_id, SID, line.calls.now, owner=OWNER)

    line.calls.now += dt.timedelta(seconds=60)
    await line.calls.reap()
    line.calls.now += dt.timedelta(seconds=60)
    await line.jobs.run_due()
    async with line.store.begin(line.account.organization_id) as work:
        cycle = (await line.calls.domain.minutes.read(work)).cycle

    assert (await record(line, call_id)).call.ended_at is not None
    assert (cycle.used, cycle.reserved) == (0, 0)


async def test_a_business_needs_an_assistant(store: Store, tmp_path: Path) -> None:
    """And after the refusal there is no row."""
    line = await open_business_line(store, tmp_path, assistant=False)

    with pytest.raises(NotFound) as refused:
        await opened(line)
    async with store.read(line.account.organization_id) as work:
        _rows, total = await inbound_rows.list_page(work, EVERYTHING, limit=1, offset=0)

    assert (refused.value.code, total) == ("no_active_assistant", 0)


async def test_a_business_whose_minutes_are_used_up_is_told(store: Store, tmp_path: Path) -> None:
    line = await open_business_line(store, tmp_path, Tier.FREE)

    first = (await opened(line)).call.id
    await line.calls.lifecycle.answered(first, SID, line.calls.now, owner=OWNER)
    with pytest.raises(QuotaExceeded) as refused:
        await opened(line)

    assert refused.value.code == "minutes_exhausted"


async def test_a_transfer_number_below_its_plan_is_not_offered(store: Store, tmp_path: Path) -> None:
    """The gates of the plan hold here as on the telephone."""
    line = await open_business_line(store, tmp_path, Tier.FREE)
    await line.describe(transfer_number="+16465550123")

    browser = (await opened(line)).spec.assistant

    assert browser is not None
    assert dict(browser.transfer_targets) == {}


async def test_who_asks_again_gets_what_their_last_try_held(store: Store, tmp_path: Path) -> None:
    """A microphone that was refused must not use the plan up until the call expires."""
    line = await open_business_line(store, tmp_path, Tier.FREE)
    first = (await opened(line)).call.id

    second = (await opened(line)).call.id

    assert (await record(line, first)).call.status == CallState.CANCELLED
    assert (await record(line, second)).call.status == CallState.RINGING
