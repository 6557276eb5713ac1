"""A business's assistant takes its calls, with the settings as they are when each begins."""

import datetime as dt
from pathlib import Path

import pytest

from tests.fakes.answering import AUTHOR, HOURS, BusinessRig, open_business_line
from tests.fakes.bookings import open_desk
from tests.fakes.inbound import CALLER, TARGET, new_sid
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.calls.states import CallState, Product
from voice_engine.domains.inbound.decisions import Announce, Converse, Forward, Reject
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.errors import Conflict
from voice_engine.ports.call import CallSpec
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> BusinessRig:
    """A business with an assistant and a number."""
    return await open_business_line(store, tmp_path)


async def ring(rig: BusinessRig, sid: str | None = None) -> CallSpec:
    decision = await rig.ring(sid=sid)
    assert isinstance(decision, Converse)
    return decision.spec


async def test_the_primary_assistant_answers_and_the_row_says_so(rig: BusinessRig) -> None:
    sid = new_sid()
    spec = await ring(rig, sid)
    call = (await rig.record(sid)).call
    assert (call.product, call.assistant_id, call.user_id) == (
        Product.EPOCH,
        spec.knowledge_scope,
        rig.account.user_id,
    )
    assert spec.prompt is not None and "Bright Smile Dental" in spec.prompt
    assert call.spec is not None and call.spec["voice"] == spec.voice


async def test_a_number_has_its_own_assistant(rig: BusinessRig) -> None:
    second = await rig.add_assistant("Night desk")
    await rig.add_number("+14155550101", assistant_id=second.id)
    decision = await rig.ring(called="+14155550101")
    assert isinstance(decision, Converse) and decision.spec.knowledge_scope == second.id
    assert (await ring(rig)).knowledge_scope != second.id


async def test_settings_change_the_next_call_and_not_the_one_that_runs(rig: BusinessRig) -> None:
    first_sid = new_sid()
    before = await ring(rig, first_sid)
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.assistants.set_spoken_name(work, "Zelda", author=AUTHOR)
        await rig.assistants.set_voice(work, "ve-james", None, author=AUTHOR)
        await rig.settings.set_hours(work, HOURS, None, author=AUTHOR)
        await rig.settings.set_address(work, "7 Elm Street", author=AUTHOR)
        await rig.settings.set_transfer_number(work, TARGET, author=AUTHOR)
    after = await ring(rig)
    assert before.assistant is not None and after.assistant is not None
    assert (after.assistant.name, after.voice, after.assistant.business.address) == (
        "Zelda",
        "james",
        "7 Elm Street",
    )
    assert after.assistant.hours and after.assistant.transfer_targets == {"the front desk": TARGET}
    assert after.prompt is not None and "Zelda" in after.prompt and "7 Elm Street" in after.prompt
    assert (before.assistant.name, before.voice, before.assistant.hours) == ("Savannah", "savannah", {})
    kept = (await rig.record(first_sid)).call.spec
    assert kept is not None and kept["assistant"]["name"] == "Savannah"


async def test_rules_and_their_words_come_first(rig: BusinessRig) -> None:
    await rig.add_contact(is_vip=True)
    await rig.add_rule(
        "vip", "ai_answer", conditions={"caller_vip": True}, action_config={"greeting": "Hello, dear AI friend!"}
    )
    spec = await ring(rig)
    assert spec.assistant is not None and spec.assistant.greeting == "Hello, dear AI friend!"
    await rig.add_rule("night", "transfer", priority=5, action_config={"target": TARGET})
    assert isinstance(await rig.ring(), Forward)
    await rig.add_rule("none", "reject", priority=9, action_config={})
    assert isinstance(await rig.ring(), Reject)


async def test_without_an_assistant_the_number_is_not_in_service(store: Store, tmp_path: Path) -> None:
    rig = await open_business_line(store, tmp_path, assistant=False)
    sid = new_sid()
    decision = await rig.ring(sid=sid)
    assert isinstance(decision, Announce) and "not in service" in decision.text
    assert await rig.ring(sid=sid) == decision
    assert (await rig.record(sid)).call.status == CallState.MISSED


async def test_a_suspended_business_takes_no_calls(rig: BusinessRig) -> None:
    await rig.describe(status=OrganizationStatus.SUSPENDED)
    assert isinstance(await rig.ring(), Announce)


async def test_a_deleted_assistants_number_falls_to_the_next(rig: BusinessRig) -> None:
    second = await rig.add_assistant("Night desk")
    first_id = (await ring(rig)).knowledge_scope
    assert first_id is not None
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.assistants.delete(work, first_id)
    assert (await ring(rig)).knowledge_scope == second.id


async def test_what_one_caller_booked_the_next_cannot(rig: BusinessRig) -> None:
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.settings.set_hours(work, HOURS, None, author=AUTHOR)
    ten = dt.datetime.fromisoformat("2026-02-16T10:00:00-05:00")
    async with open_desk(rig.store, now=rig.calls.now) as desk:
        made = await desk.book(await ring(rig), ten, name="John Smith", phone=CALLER)
        spec = await ring(rig)
        assert await desk.calendar(spec).find_bookings(name=None, phone=CALLER) == [made]
        with pytest.raises(Conflict):
            await desk.book(spec, ten)


async def test_a_downgrade_takes_transfers_out_of_the_next_call(store: Store, tmp_path: Path) -> None:
    rig = await open_business_line(store, tmp_path, Tier.STARTER)
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.settings.set_transfer_number(work, TARGET, author=AUTHOR)
    spec = await ring(rig)
    assert spec.assistant is not None and spec.assistant.transfer_targets == {}
    assert spec.prompt is not None


async def test_minutes_bound_the_call_and_none_left_is_told(store: Store, tmp_path: Path) -> None:
    rig = await open_business_line(store, tmp_path, Tier.FREE)
    spec = await ring(rig)
    assert spec.limits.max_seconds == 600
    decision = await rig.ring()
    assert isinstance(decision, Announce) and "not in service" not in decision.text


async def test_the_owners_own_prompt_is_what_the_model_gets(rig: BusinessRig) -> None:
    assert (await ring(rig)).prompt is not None
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.prompts.refresh(work, [SectionKey.CONTEXT], author=AUTHOR, reason="test")
        view = await rig.prompts.read(work, await rig.assistants.primary(work))
    spec = await ring(rig)
    assert spec.prompt is not None and spec.prompt.startswith(view.text.strip())


async def test_times_are_those_of_the_business(rig: BusinessRig) -> None:
    await rig.describe(timezone="Europe/Madrid")
    spec = await ring(rig)
    assert spec.answered_at.utcoffset() == dt.timedelta(hours=1)
    assert spec.prompt is not None and "16:30 (Europe/Madrid)" in spec.prompt
