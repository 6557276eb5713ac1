"""Settings are checked, kept, written into the prompt, and given to every assistant."""

import datetime as dt

import pytest

from tests.domains.prompts.rig import PromptRig, prompt_rig
from tests.domains.prompts.subjects import WEEK
from tests.fakes.accounts import NOW
from tests.fakes.assistants import number_of
from voice_engine.domains.prompts.business import to_e164
from voice_engine.domains.prompts.tools import Tool, ToolOrigin, set_tools, tools_of, transfer_tools
from voice_engine.domains.safety import service as safety
from voice_engine.errors import InvalidInput, NotFound
from voice_engine.store.engine import Store

TARGET = "+15559876543"


@pytest.fixture
async def rig(store: Store) -> PromptRig:
    return await prompt_rig(store)


async def test_info_changes_in_part_and_blank_clears(rig: PromptRig) -> None:
    await rig.set("info", {"business_type": "dental_office", "website_url": "https://acme.example"})
    changed = await rig.set("info", {"business_description": " Teeth. ", "website_url": ""})

    assert changed.business_type == "dental_office"
    assert changed.business_description == "Teeth."
    assert changed.website_url is None
    text = (await rig.view()).text
    assert "- Kind of business: dental office\n- Description: Teeth.\n" in text
    assert "acme.example" not in text


async def test_an_unknown_zone_is_refused_and_nothing_changes(rig: PromptRig) -> None:
    with pytest.raises(InvalidInput) as caught:
        await rig.set("hours", WEEK, "Mars/Olympus")

    assert caught.value.code == "validation_error"
    assert (await rig.view()).version == 1


async def test_an_address_is_one_line(rig: PromptRig) -> None:
    changed = await rig.set("address", " 123 Main St,\r\n\n  Suite 100\nSpringfield ")

    assert changed.business_address == "123 Main St, Suite 100, Springfield"
    assert "The address is 123 Main St, Suite 100, Springfield.\n" in (await rig.view()).text


async def test_an_address_can_be_cleared(rig: PromptRig) -> None:
    before = (await rig.view()).text
    await rig.set("address", "5 Oak Ave")

    assert (await rig.set("address", " \n ")).business_address is None
    assert (await rig.view()).text == before


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("(555) 987-6543", TARGET),
        ("1-555-987-6543", TARGET),
        ("+1 555.987.6543", TARGET),
        ("tel:+34 911 23 45 67", "+34911234567"),
        ("011 34 911 234 567", "+34911234567"),
    ],
)
def test_numbers_are_read_as_people_write_them(raw: str, e164: str) -> None:
    assert to_e164(raw) == e164


async def test_a_transfer_number_is_a_tool_and_a_sentence(rig: PromptRig) -> None:
    changed = await rig.set("transfer_number", "(555) 987-6543")

    assert changed.transfer_number == TARGET
    assert tools_of(await rig.assistant()) == transfer_tools(TARGET)
    assert f"it reaches {TARGET}." in (await rig.view()).text


async def test_clearing_it_takes_tool_and_sentence_and_nothing_else(rig: PromptRig) -> None:
    before = (await rig.view()).text
    async with rig.store.begin(rig.organization_id) as work:
        set_tools(await rig.assistants.primary(work), ToolOrigin.KNOWLEDGE, [Tool(name="search_knowledge")])
    await rig.set("transfer_number", TARGET)

    await rig.set("transfer_number", None)

    assert tools_of(await rig.assistant()) == (Tool(name="search_knowledge"),)
    assert (await rig.view()).text == before


async def test_every_assistant_can_transfer(rig: PromptRig) -> None:
    await rig.add_assistant("before")
    await rig.set("transfer_number", TARGET)
    await rig.add_assistant("after")

    async with rig.store.read(rig.organization_id) as work:
        overview = await rig.assistants.overview(work)
    tools = [tools_of(view.assistant) for view in overview.assistants]
    assert tools == [transfer_tools(TARGET)] * 3


@pytest.mark.parametrize(
    "raw",
    [
        "911",
        "1 (911) 555-0100",
        "+34 112",
        "555 987 6543 x9",
        "+1 900 555 0100",
        "12345",
        "call me",
        "+7 495 1234567",
    ],
)
async def test_numbers_that_calls_are_never_handed_to_are_refused(rig: PromptRig, raw: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await rig.set("transfer_number", raw)

    assert caught.value.code == "invalid_phone_number"
    assert (await rig.assistant()).tools == []


async def test_a_number_that_the_operator_blocked_is_refused(rig: PromptRig) -> None:
    async with rig.store.system("test") as work:
        await safety.block(work, TARGET, reason="fraud", now=NOW)

    with pytest.raises(InvalidInput) as caught:
        await rig.set("transfer_number", TARGET)

    assert caught.value.details == {"reason": "blocked_number"}


async def test_the_assistants_own_number_is_refused(rig: PromptRig) -> None:
    async with rig.store.begin(rig.organization_id) as work:
        work.session.add(number_of(TARGET, None))

    with pytest.raises(InvalidInput) as caught:
        await rig.set("transfer_number", TARGET)

    assert caught.value.details == {"reason": "own_number"}


async def test_without_an_assistant_settings_are_kept_for_the_first_one(rig: PromptRig) -> None:
    async with rig.store.begin(rig.organization_id) as work:
        await rig.assistants.delete(work, (await rig.assistants.primary(work)).id)
    await rig.set("address", "5 Oak Ave")
    with pytest.raises(NotFound):
        await rig.set("transfer_number", TARGET)

    await rig.add_assistant("first")

    assert "5 Oak Ave" in (await rig.view()).text


async def test_calls_are_told_the_same_as_prompts(rig: PromptRig) -> None:
    await rig.set("hours", WEEK, "Europe/Madrid")
    await rig.set("address", "5 Oak Ave")

    async with rig.store.read(rig.organization_id) as work:
        facts = await rig.service.facts(work)

    assert (facts.name, facts.address, facts.timezone) == ("Bright Smile Dental", "5 Oak Ave", "Europe/Madrid")
    assert facts.hours["monday"].open == dt.time(9)
