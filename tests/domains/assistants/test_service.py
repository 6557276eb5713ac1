"""Assistants: made from defaults, within the plan, unique everywhere, deleted without losing a number."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW
from tests.fakes.assistants import RememberedPrompts, assistant_service, call_of, number_of
from tests.fakes.business import Business, add_business
from tests.fakes.statements import counted_statements
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.assistants.service import AssistantService, AssistantView, greeting_of
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, VoiceEngineError
from voice_engine.ports.call import GreetingMode
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork

pytestmark = pytest.mark.store


async def _create(
    store: Store,
    business: Business,
    engine_id: str = "va-1",
    *,
    service: AssistantService | None = None,
    plan: Tier = Tier.PRO,
) -> AssistantView:
    async with store.begin(business.organization_id) as work:
        return await (service or assistant_service()).create(work, engine_id, "Reception", plan=plan, author="me")


async def test_the_first_assistant_has_the_organizations_defaults_and_leads(store: Store) -> None:
    business, prompts = await add_business(store), RememberedPrompts()

    first = await _create(store, business, service=assistant_service(prompts))
    second = await _create(store, business, "va-2", service=assistant_service(prompts))

    assert (first.is_primary, second.is_primary) == (True, False)
    assert first.assistant.voice_name == spoken_name(first.assistant) == "Savannah"
    assert first.assistant.first_message_mode == GreetingMode.ASSISTANT_FIRST
    assert prompts.asked == [("start", first.assistant.id), ("start", second.assistant.id)]
    async with store.read(business.organization_id) as work:
        assert (await assistant_service().primary(work)).id == first.assistant.id


async def test_without_an_assistant_there_is_no_primary_one(store: Store) -> None:
    business = await add_business(store)
    async with store.read(business.organization_id) as work:
        with pytest.raises(NotFound) as refused:
            await assistant_service().primary(work)
    assert refused.value.code == "no_active_assistant"


async def test_an_id_is_taken_for_every_tenant_and_for_good(store: Store) -> None:
    mine, other = await add_business(store), await add_business(store)
    made = await _create(store, mine)
    async with store.begin(mine.organization_id) as work:
        await assistant_service().delete(work, made.assistant.id)

    for business in (mine, other):
        with pytest.raises(Conflict) as refused:
            await _create(store, business)
        assert refused.value.code == "assistant_exists"


async def test_a_taken_id_is_told_before_the_plans_limit(store: Store) -> None:
    business = await add_business(store, Tier.FREE)
    await _create(store, business, plan=Tier.FREE)

    with pytest.raises(Conflict):
        await _create(store, business, plan=Tier.FREE)
    with pytest.raises(NotAllowed) as refused:
        await _create(store, business, "va-2", plan=Tier.FREE)
    assert refused.value.code == "assistant_limit_reached"
    async with store.read(business.organization_id) as work:
        assert len((await assistant_service().overview(work)).assistants) == 1


async def test_the_limit_holds_when_many_are_asked_for_at_once(store: Store) -> None:
    business = await add_business(store, Tier.ADVANCED)
    refused: list[str] = []

    async def attempt(number: int) -> None:
        try:
            await _create(store, business, f"va-{number}", plan=Tier.ADVANCED)
        except VoiceEngineError as error:
            refused.append(error.code)

    async with asyncio.TaskGroup() as tasks:
        for number in range(6):
            tasks.create_task(attempt(number))

    assert refused == ["assistant_limit_reached"] * 4
    async with store.read(business.organization_id) as work:
        views = (await assistant_service().overview(work)).assistants
    assert [view.is_primary for view in views].count(True) == 1
    assert len(views) == 2


async def test_calls_are_counted_in_a_fixed_number_of_statements(store: Store) -> None:
    business = await add_business(store, Tier.ENTERPRISE)
    made = [await _create(store, business, f"va-{n}", plan=Tier.ENTERPRISE) for n in range(5)]
    async with store.begin(business.organization_id) as work:
        work.session.add_all(call_of(made[1].assistant.id) for _ in range(3))
        work.session.add_all([call_of(made[4].assistant.id), number_of("+12125550100", None)])

    async with store.read(business.organization_id) as work:
        with counted_statements(store) as statements:
            overview = await assistant_service().overview(work)

    assert {view.assistant.engine_id: view.calls for view in overview.assistants} == {
        "va-0": 0, "va-1": 3, "va-2": 0, "va-3": 0, "va-4": 1,
    }  # fmt: skip
    assert overview.phone_number == "+12125550100"
    assert len(statements) == 4


async def test_a_deleted_assistants_numbers_fall_to_the_next_one(store: Store) -> None:
    business = await add_business(store)
    first, second = await _create(store, business), await _create(store, business, "va-2")
    forgotten: list[str] = []

    async def forget(work: UnitOfWork, assistant: Assistant) -> None:
        forgotten.append(assistant.id)

    service = assistant_service(forget=(forget,))
    async with store.begin(business.organization_id) as work:
        work.session.add(number_of("+12125550100", first.assistant.id))
    async with store.begin(business.organization_id) as work:
        await service.delete(work, first.assistant.id)

    async with store.read(business.organization_id) as work:
        assert (await service.primary(work)).id == second.assistant.id
        assert await work.session.scalar(sa.select(PhoneNumber.assistant_id)) == second.assistant.id
    async with store.begin(business.organization_id) as work:
        await service.delete(work, second.assistant.id)

    async with store.read(business.organization_id) as work:
        assert await work.session.scalar(sa.select(PhoneNumber.assistant_id)) is None
        assert (await service.overview(work)).assistants == ()
        organization = await work.session.get(Organization, business.organization_id)
        assert organization is not None
        assert organization.primary_assistant_id is None
    assert forgotten == [first.assistant.id, second.assistant.id]


async def test_another_tenants_assistant_is_not_there(store: Store) -> None:
    mine, other = await add_business(store), await add_business(store)
    theirs = (await _create(store, other)).assistant.id

    for assistant_id in (theirs, "nonsense", ""):
        for change in ("rename", "delete"):
            with pytest.raises(NotFound) as refused:
                async with store.begin(mine.organization_id) as work:
                    arguments = ("New",) if change == "rename" else ()
                    await getattr(assistant_service(), change)(work, assistant_id, *arguments)
            assert refused.value.code == "not_found"
    async with store.read(other.organization_id) as work:
        assert (await assistant_service().primary(work)).name == "Reception"


async def test_a_deleted_assistant_cannot_be_deleted_again(store: Store) -> None:
    business = await add_business(store)
    made = (await _create(store, business)).assistant.id
    async with store.begin(business.organization_id) as work:
        await assistant_service().delete(work, made)
    with pytest.raises(NotFound):
        async with store.begin(business.organization_id) as work:
            await assistant_service().delete(work, made)


async def test_the_spoken_name_reaches_greeting_and_persona_and_leaves_the_label(store: Store) -> None:
    business, prompts = await add_business(store), RememberedPrompts()
    service = assistant_service(prompts)
    await _create(store, business, service=service)
    async with store.begin(business.organization_id) as work:
        await service.set_first_message(
            work, GreetingMode.ASSISTANT_FIRST, "Savannah here, Savannah's desk. Savannahs are grass."
        )
    async with store.begin(business.organization_id) as work:
        await service.set_spoken_name(work, "Alex", author="me")

    async with store.read(business.organization_id) as work:
        assistant = await service.primary(work)
    assert assistant.first_message == "Alex here, Alex's desk. Savannahs are grass."
    assert assistant.name == "Reception"
    assert prompts.asked[-1] == ("refresh", ("persona",), "assistant name")


async def test_a_voice_gives_its_name_until_there_is_another(store: Store) -> None:
    business, prompts = await add_business(store), RememberedPrompts()
    service = assistant_service(prompts)
    await _create(store, business, service=service)

    async def names_after(voice_id: str, name: str | None = None) -> tuple[str, str]:
        async with store.begin(business.organization_id) as work:
            await service.set_voice(work, voice_id, name, author="me")
        async with store.read(business.organization_id) as work:
            assistant = await service.primary(work)
            return spoken_name(assistant), assistant.voice_name

    assert await names_after("ve-james") == ("James", "James")
    assert await names_after("ve-ruth", "Ruthie") == ("Ruthie", "Ruthie")
    async with store.begin(business.organization_id) as work:
        await service.set_spoken_name(work, "Alex", author="me")
    assert await names_after("ve-chloe") == ("Alex", "Chloe")
    assert prompts.asked[-1] == ("refresh", ("persona",), "voice")


async def test_a_voice_outside_the_catalogue_changes_nothing(store: Store) -> None:
    business, prompts = await add_business(store), RememberedPrompts()
    service = assistant_service(prompts)
    await _create(store, business, service=service)

    with pytest.raises(InvalidInput) as refused:
        async with store.begin(business.organization_id) as work:
            await service.set_voice(work, "alloy", None, author="me")

    assert refused.value.code == "unknown_voice"
    async with store.read(business.organization_id) as work:
        assert (await service.primary(work)).voice_name == "Savannah"
    assert len(prompts.asked) == 1


async def test_the_default_greeting_follows_business_and_name(store: Store) -> None:
    business = await add_business(store, name="Acme Dental")
    service = assistant_service()
    await _create(store, business)

    async def text() -> str:
        async with store.read(business.organization_id) as work:
            return (await service.first_message(work)).text

    assert "Acme Dental" in await text()
    async with store.begin(business.organization_id) as work:
        await service.set_spoken_name(work, "Alex", author="me")
        organization = await work.session.get(Organization, business.organization_id)
        assert organization is not None
        organization.name = "Acme Smiles"
    assert "Acme Smiles" in await text()
    assert "Alex" in await text()


async def test_a_greeting_is_kept_by_modes_that_do_not_use_it(store: Store) -> None:
    business, service = await add_business(store), assistant_service()
    await _create(store, business)
    for mode, text in ((GreetingMode.ASSISTANT_FIRST, "Welcome!"), (GreetingMode.CALLER_FIRST, None)):
        async with store.begin(business.organization_id) as work:
            await service.set_first_message(work, mode, text)

    async with store.read(business.organization_id) as work:
        first = await service.first_message(work)
    assert (first.mode, first.text) == (GreetingMode.CALLER_FIRST, "Welcome!")


def test_a_spanish_assistant_greets_in_spanish() -> None:
    assistant = Assistant(voice_name="Savannah", language="es", spoken_name=None, first_message=None)
    organization = Organization(name="Sonrisas", created_at=NOW - dt.timedelta(days=1))

    assert greeting_of(assistant, organization).startswith("Gracias por llamar a Sonrisas. Soy Savannah")


async def test_another_assistant_takes_over_with_the_numbers(store: Store) -> None:
    business = await add_business(store)
    first, second = await _create(store, business), await _create(store, business, "va-2")
    async with store.begin(business.organization_id) as work:
        work.session.add(number_of("+14155550100", first.assistant.id))

    async with store.begin(business.organization_id) as work:
        await assistant_service().make_primary(work, second.assistant.id)

    async with store.read(business.organization_id) as work:
        assert (await assistant_service().primary(work)).id == second.assistant.id
        number = await work.session.scalar(sa.select(PhoneNumber))
        assert number is not None and number.assistant_id == second.assistant.id


async def test_another_business_s_assistant_never_leads(store: Store) -> None:
    ours, theirs = await add_business(store), await add_business(store)
    await _create(store, ours)
    other = await _create(store, theirs, "va-9")

    async with store.begin(ours.organization_id) as work:
        with pytest.raises(NotFound):
            await assistant_service().make_primary(work, other.assistant.id)


async def test_with_its_language_an_assistant_s_prompt_and_greeting_change(store: Store) -> None:
    business, prompts = await add_business(store), RememberedPrompts()
    service = assistant_service(prompts)
    await _create(store, business, service=service)

    async with store.begin(business.organization_id) as work:
        await service.set_language(work, "es", author="me")

    async with store.read(business.organization_id) as work:
        assert "inteligencia artificial" in (await service.first_message(work)).text
    assert prompts.asked[-1] == ("retell", "language")
