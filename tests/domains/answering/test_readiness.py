"""Who answers and what is missing, for a business and for a person."""

import datetime as dt
from pathlib import Path

import pytest

from tests.fakes.accounts import NOW, add_account
from tests.fakes.assistants import call_of, number_of
from tests.fakes.business import Business
from tests.web.dashboard.reception.rig import Desk, open_desk
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.answering.readiness import Readiness, Standing, Step, read_readiness, read_today
from voice_engine.domains.calls.states import CallState, Channel
from voice_engine.domains.minutes.plans import Tier
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return open_desk(store, tmp_path)


async def _read(store: Store, organization_id: str, *, has_minutes: bool = True) -> Readiness:
    async with store.read(organization_id) as work:
        return await read_readiness(work, at=NOW, has_minutes=has_minutes)


async def _add(store: Store, business: Business, *rows: object) -> None:
    async with store.begin(business.organization_id) as work:
        work.session.add_all(rows)


async def test_without_a_number_nobody_can_call(desk: Desk) -> None:
    business = await desk.add_business()

    readiness = await _read(desk.store, business.organization_id)

    assert readiness.standing is Standing.NO_NUMBER
    assert readiness.steps[Step.ASSISTANT]
    assert not readiness.is_ready


async def test_without_an_assistant_that_is_told_before_the_number(desk: Desk) -> None:
    """There is nobody to talk to in the browser either; whoever has a number or not begins with the assistant."""
    business, ada = await desk.add_business(assistant=False), await add_account(desk.store)

    assert (await _read(desk.store, business.organization_id)).standing is Standing.NO_ASSISTANT
    assert (await _read(desk.store, ada.organization_id)).standing is Standing.NO_NUMBER


async def test_what_stops_an_answer_is_told_first(desk: Desk) -> None:
    with_assistant, without = await desk.add_business(), await desk.add_business(assistant=False)
    stopped = await desk.add_business(status=OrganizationStatus.SUSPENDED)
    for business, number in (
        (with_assistant, "+14155550101"),
        (without, "+14155550102"),
        (stopped, "+14155550103"),
    ):
        await _add(desk.store, business, number_of(number, None))

    assert (await _read(desk.store, with_assistant.organization_id)).standing is Standing.ANSWERED
    spent = await _read(desk.store, with_assistant.organization_id, has_minutes=False)
    assert (spent.standing, spent.steps[Step.MINUTES]) == (Standing.NO_MINUTES, False)
    assert (await _read(desk.store, without.organization_id)).standing is Standing.NO_ASSISTANT
    assert (await _read(desk.store, stopped.organization_id)).standing is Standing.SUSPENDED


async def test_a_number_names_who_answers_on_it(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.store.begin(business.organization_id) as work:
        second = await desk.assistants.create(work, "second", "Evenings", plan=Tier.ENTERPRISE, author="test")
    forwarded = number_of("+14155550112", None)
    forwarded.forwarding_number = "+14155550199"
    await _add(desk.store, business, number_of("+14155550111", second.assistant.id), forwarded)

    readiness = await _read(desk.store, business.organization_id)

    assert readiness.standing is Standing.ANSWERED
    answering = {line.number.e164: line.assistant.name for line in readiness.lines if line.assistant}
    assert answering == {"+14155550111": "Evenings", "+14155550112": "Front desk"}


async def test_everything_done_is_ready(desk: Desk) -> None:
    business = await desk.add_business()
    assistant = await desk.assistant(business)
    trial = call_of(assistant.id)
    trial.channel = Channel.BROWSER
    await _add(desk.store, business, number_of("+14155550111", None), trial)
    await desk.knowledge.put(business.organization_id, "faqs", text="Free parking.", file_id=None, file_name=None)
    async with desk.store.begin(business.organization_id) as work:
        await desk.prompts.business.set_hours(work, {}, None, author="test")

    readiness = await _read(desk.store, business.organization_id)

    assert readiness.is_ready
    assert not readiness.steps[Step.GREETING]
    assert readiness.is_open is False


async def test_a_person_has_other_steps(store: Store) -> None:
    ada = await add_account(store)

    readiness = await _read(store, ada.organization_id)

    assert set(readiness.steps) == {Step.TEST_CALL, Step.NUMBER, Step.CONTACTS, Step.RULES}
    assert readiness.is_open is None


async def test_a_day_s_calls_are_counted_and_the_newest_shown(desk: Desk) -> None:
    business = await desk.add_business()
    assistant = await desk.assistant(business)
    rows = [call_of(assistant.id, at=NOW - dt.timedelta(hours=hour)) for hour in range(5)]
    rows[0].status, rows[1].status = CallState.IN_PROGRESS, CallState.MISSED
    rows[2].direction = "outbound"
    await _add(desk.store, business, *rows)

    async with desk.store.read(business.organization_id) as work:
        today = await read_today(work, since=NOW - dt.timedelta(hours=3), limit=2)

    assert (today.total, today.live, today.missed) == (3, 1, 1)
    assert [call.id for call in today.calls] == [rows[0].id, rows[1].id]
