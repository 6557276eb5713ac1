"""Which lines settings write, and which are the owner's."""

import pytest

from tests.domains.prompts.rig import PromptRig, prompt_rig
from tests.domains.prompts.subjects import WEEK
from voice_engine.domains.prompts.outline import Block, outline
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store


async def _blocks(rig: PromptRig) -> tuple[Block, ...]:
    async with rig.store.read(rig.organization_id) as work:
        return outline((await rig.service.load(work, await rig.assistants.primary(work))).document)


async def test_a_prompt_that_nobody_touched_is_all_managed(store: Store) -> None:
    blocks = await _blocks(await prompt_rig(store))

    assert [block.key for block in blocks] == [SectionKey.PERSONA, SectionKey.CONTEXT, SectionKey.HANDLING]
    assert all(line.is_managed for block in blocks for line in block.lines)


async def test_the_owner_s_lines_are_told_apart_inside_a_section_and_outside(store: Store) -> None:
    rig = await prompt_rig(store)
    await rig.set("hours", WEEK, None)
    text = (await rig.view()).text
    text = text.replace("- Monday: 09:00-17:00", "- Monday: 09:00-17:00\n- Holidays: ask first")
    await rig.replace(f"House rules.\n\n{text}\n## Jokes\nNone.\n")
    await rig.set("hours", {**WEEK, "monday": {"closed": True}}, None)

    blocks = await _blocks(rig)

    own = [line.text for block in blocks for line in block.lines if not line.is_managed and line.text]
    assert own == ["House rules.", "- Holidays: ask first", "## Jokes", "None."]
    hours = next(block for block in blocks if block.key is SectionKey.HOURS)
    assert "- Monday: closed" in [line.text for line in hours.lines if line.is_managed]


async def test_all_lines_together_are_the_text(store: Store) -> None:
    rig = await prompt_rig(store)
    await rig.replace("Mine.\n\n" + (await rig.view()).text + "\nMore of mine.")

    lines = [line.text for block in await _blocks(rig) for line in block.lines if line.text]

    assert lines == [line for line in (await rig.view()).text.split("\n") if line]
