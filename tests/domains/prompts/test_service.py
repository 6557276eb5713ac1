"""Prompts in the database: versions, revisions, all assistants of an organization, nobody else's."""

import asyncio
import random

import pytest
import sqlalchemy as sa

from tests.domains.prompts.rig import PromptRig, prompt_rig
from tests.domains.prompts.subjects import WEEK
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.prompts.document import Document
from voice_engine.domains.prompts.models import Prompt, PromptRevision, PromptSection
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.service import subject_of, written
from voice_engine.domains.prompts.tools import Tool, ToolOrigin, tools_of, transfer_tools
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store) -> PromptRig:
    return await prompt_rig(store)


async def test_a_new_assistant_has_a_prompt_of_what_is_known(rig: PromptRig) -> None:
    prompt = await rig.view()

    assert prompt.version == 1
    assert prompt.text.startswith(
        "## Persona\nYou are Savannah, the friendly receptionist of Bright Smile Dental.\n"
    )
    assert prompt.sections == (SectionKey.PERSONA, SectionKey.CONTEXT, SectionKey.HANDLING)
    assert [(each.version, each.reason) for each in await rig.revisions()] == [(1, "created")]


async def test_a_setting_makes_one_version_and_the_same_again_none(rig: PromptRig) -> None:
    await rig.set("hours", WEEK, "Europe/Madrid")
    await rig.set("hours", WEEK, "Europe/Madrid")

    prompt, revisions = await rig.view(), await rig.revisions()
    assert prompt.version == 2
    assert "- Monday: 09:00-17:00\n" in prompt.text
    assert [(each.version, each.author, each.reason) for each in revisions[1:]] == [(2, "owner", "business hours")]
    assert revisions[-1].text == prompt.text


async def test_a_line_that_gives_way_is_in_the_revision_once(rig: PromptRig) -> None:
    await rig.set("hours", WEEK, None)
    text = (await rig.view()).text.replace("- Monday: 09:00-17:00", "- Monday: when Jo is in")
    await rig.replace(text)

    await rig.set("hours", {**WEEK, "monday": {"closed": True}}, None)
    await rig.set("hours", {**WEEK, "monday": {"open": "08:00", "close": "09:00"}}, None)

    revisions = await rig.revisions()
    assert [each.displaced for each in revisions[-2:]] == [
        [{"section": "hours", "line": "- Monday: when Jo is in"}],
        [],
    ]
    assert "when Jo is in" not in revisions[-1].text


async def test_settings_put_back_give_the_owners_text_back(rig: PromptRig) -> None:
    await rig.set("address", "1 Old Rd")
    own = "Be kind.\n\n" + (await rig.view()).text.replace("1 Old Rd.", "1 Old Rd.\nPark behind.")
    await rig.replace(own)

    await rig.set("address", None)
    await rig.set("hours", WEEK, None)
    await rig.set("address", "1 Old Rd")
    async with rig.store.begin(rig.organization_id) as work:
        organization = await rig.domain.business.read(work)
        organization.business_hours = None
        await rig.service.refresh(work, ["hours"], author="owner", reason="business hours")

    assert (await rig.view()).text == own


async def test_every_assistant_of_the_organization_learns_it(rig: PromptRig) -> None:
    second_id = await rig.add_assistant("second")
    await rig.set("address", "5 Oak Ave")

    async with rig.store.read(rig.organization_id) as work:
        second = await work.session.get_one(Assistant, second_id)
        prompt = await rig.service.read(work, second)

    assert "The address is 5 Oak Ave." in prompt.text
    assert prompt.version == 2


async def test_another_organization_learns_nothing(rig: PromptRig, store: Store) -> None:
    other = await prompt_rig(store)
    before = await other.view()

    await rig.set("address", "5 Oak Ave")

    assert await other.view() == before


async def test_a_name_changes_the_persona_only(rig: PromptRig) -> None:
    before = (await rig.view()).text

    async with rig.store.begin(rig.organization_id) as work:
        await rig.assistants.set_spoken_name(work, "Luna", author="owner")

    assert (await rig.view()).text == before.replace("Savannah", "Luna")


async def test_an_assistant_without_a_prompt_is_read_and_written_like_any(rig: PromptRig) -> None:
    written = await rig.view()
    async with rig.store.begin(rig.organization_id) as work:
        for table in (PromptRevision, PromptSection, Prompt):
            await work.session.execute(sa.delete(table))

    assert await rig.view() == written
    await rig.set("address", "5 Oak Ave")
    assert (await rig.view()).version == 1
    assert "5 Oak Ave" in (await rig.view()).text


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "language"), [(1, "en"), (2, "es")])
async def test_a_long_history_reads_like_one_without_a_past(rig: PromptRig, seed: int, language: str) -> None:
    """What is set in the end is what is read, whatever was set, written over and put back on the way."""
    chance = random.Random(seed)
    async with rig.store.begin(rig.organization_id) as work:
        (await rig.assistants.primary(work)).language = language
        await rig.service.refresh(work, SectionKey, author="owner", reason="language")
    choices: list[tuple[str, list[tuple[object, ...]]]] = [
        ("hours", [(WEEK, "Europe/Madrid"), ({}, "America/New_York"), ({"sunday": WEEK["monday"]}, None)]),
        ("address", [("5 Oak Ave",), ("Calle Mayor, 3",), (None,)]),
        ("info", [({"business_description": "Teeth."},), ({"website_url": None},), ({"business_type": "bakery"},)]),
        ("transfer_number", [("+15559876543",), ("+34911234567",), (None,)]),
    ]
    for step in range(24):
        setting, arguments = chance.choice(choices)
        await rig.set(setting, *chance.choice(arguments))
        if step in (8, 16):
            lines = (await rig.view()).text.split("\n")
            lines.insert(chance.randrange(1, len(lines)), f"Own line {step}.")
            await rig.replace("\n".join(lines))

    for setting, arguments in choices:
        await rig.set(setting, *arguments[0])

    async with rig.store.read(rig.organization_id) as work:
        organization, assistant = await rig.domain.business.read(work), await rig.assistants.primary(work)
    expected = Document.first(written(SectionKey, subject_of(organization, assistant), {})).text
    own = [line for line in (await rig.view()).text.split("\n") if not line.startswith("Own line ")]
    assert own == expected.split("\n")


async def test_settings_saved_at_once_do_not_write_over_each_other(rig: PromptRig) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(4):
            tasks.create_task(rig.set("info", {"business_description": f"Number {number}."}))
            tasks.create_task(rig.set("address", f"{number} Oak Ave"))
            tasks.create_task(rig.set("hours", {"monday": {"open": f"0{number}:00", "close": "17:00"}}, None))

    async with rig.store.read(rig.organization_id) as work:
        organization = await rig.domain.business.read(work)
    assert organization.business_hours is not None
    prompt, revisions = await rig.view(), await rig.revisions()
    assert f"- Description: {organization.business_description}\n" in prompt.text
    assert f"The address is {organization.business_address}.\n" in prompt.text
    assert f"- Monday: {organization.business_hours['monday']['open']}-17:00\n" in prompt.text
    assert [each.version for each in revisions] == list(range(1, prompt.version + 1))
    assert prompt.version == 13


async def test_settings_of_all_kinds_take_turns(rig: PromptRig) -> None:
    """They lock organization and assistants in one order: none waits for one that waits for it."""

    async def rename(name: str) -> None:
        async with rig.store.begin(rig.organization_id) as work:
            await rig.assistants.set_spoken_name(work, name, author="owner")

    async def publish(knows: bool) -> None:
        async with rig.store.begin(rig.organization_id) as work:
            assistant = await rig.assistants.primary(work, lock=True)
            await rig.service.offer_search(work, assistant, knows)

    async with asyncio.TaskGroup() as tasks:
        for number in range(6):
            tasks.create_task(rename(f"Luna {number}"))
            tasks.create_task(publish(number % 2 == 0))
            tasks.create_task(rig.set("transfer_number", f"+1555987654{number}"))

    assistant, text = await rig.assistant(), (await rig.view()).text
    async with rig.store.read(rig.organization_id) as work:
        target = (await rig.domain.business.read(work)).transfer_number
    assert text.startswith(f"## Persona\nYou are {assistant.spoken_name}, ")
    assert tools_of(assistant, ToolOrigin.TRANSFER) == transfer_tools(target)
    assert f"it reaches {target}." in text
    assert ("search_knowledge" in text) is bool(tools_of(assistant, ToolOrigin.KNOWLEDGE))


async def test_knowledge_is_a_tool_and_a_sentence(rig: PromptRig) -> None:
    before = (await rig.view()).text
    for knows in (True, True, False):
        async with rig.store.begin(rig.organization_id) as work:
            await rig.service.offer_search(work, await rig.assistants.primary(work), knows)
        if knows:
            assert tools_of(await rig.assistant()) == (Tool(name="search_knowledge"),)
            assert (await rig.view()).text.startswith(f"{before.rstrip()}\n\n## Tools\nCall search_knowledge ")

    assert (await rig.view()).text == before
    assert (await rig.view()).version == 3
