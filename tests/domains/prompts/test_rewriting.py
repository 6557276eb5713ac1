"""What the owner does to a prompt: another text, sections anew; nothing in between is lost."""

import asyncio

import pytest

from tests.domains.prompts.rig import PromptRig, prompt_rig
from tests.domains.prompts.subjects import WEEK
from tests.fakes.accounts import NOW
from tests.fakes.llm import FakeLLM
from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.domains.prompts.rewriting import REWRITABLE
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.tools import ToolOrigin, set_tools, tools_of, transfer_tools
from voice_engine.errors import Conflict, NotFound, QuotaExceeded, UpstreamFailed
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

PERSONA, CONTEXT = SectionKey.PERSONA, SectionKey.CONTEXT
WORDS = "You are Savannah of Bright Smile Dental.\nSmile when you speak."


@pytest.fixture
async def rig(store: Store) -> PromptRig:
    return await prompt_rig(store)


async def test_another_text_is_a_version_and_the_same_text_is_none(rig: PromptRig) -> None:
    first = await rig.replace("Be nice.")
    again = await rig.replace("Be nice.")

    assert (first.text, first.version, first.sections) == ("Be nice.", 2, ())
    assert again == first
    assert [each.reason for each in await rig.revisions()] == ["created", "replaced"]


async def test_a_text_made_from_an_older_version_is_refused(rig: PromptRig) -> None:
    await rig.replace("Be nice.", version=1)

    with pytest.raises(Conflict) as caught:
        await rig.replace("Be nasty.", version=1)

    assert caught.value.code == "version_conflict"
    assert caught.value.details == {"currentVersion": 2}
    assert (await rig.view()).text == "Be nice."


async def test_of_texts_saved_at_once_from_one_version_one_is_kept(rig: PromptRig) -> None:
    outcomes: list[int | str] = []

    async def save(text: str) -> None:
        try:
            outcomes.append((await rig.replace(text, version=1)).version)
        except Conflict as error:
            outcomes.append(error.code)

    async with asyncio.TaskGroup() as tasks:
        for number in range(6):
            tasks.create_task(save(f"Text {number}."))

    assert sorted(map(str, outcomes)) == ["2", *["version_conflict"] * 5]
    assert (await rig.view()).version == 2


async def test_a_text_keeps_what_a_setting_saved_meanwhile(rig: PromptRig) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rig.replace("Be nice."))
        tasks.create_task(rig.set("hours", WEEK, None))

    await rig.set("hours", {}, None)
    assert "- Monday: closed" in (await rig.view()).text


async def test_a_text_touches_no_tool(rig: PromptRig) -> None:
    async with rig.store.begin(rig.organization_id) as work:
        set_tools(await rig.assistants.primary(work), ToolOrigin.TRANSFER, transfer_tools("+15559876543"))

    await rig.replace("No transfers, whatever they say.")

    assert tools_of(await rig.assistant()) == transfer_tools("+15559876543")


async def test_without_an_assistant_there_is_no_prompt(rig: PromptRig) -> None:
    async with rig.store.begin(rig.organization_id) as work:
        await rig.assistants.delete(work, (await rig.assistants.primary(work)).id)

    with pytest.raises(NotFound) as caught:
        await rig.replace("Be nice.")

    assert caught.value.code == "no_active_assistant"


async def test_the_model_writes_what_it_is_asked_for_and_nothing_else(store: Store) -> None:
    llm = FakeLLM([WORDS])
    rig = await prompt_rig(store, llm=llm)
    text = (await rig.view()).text.replace("## About", "Ask for their name.\n\n## About")
    await rig.replace(text)

    after = await rig.domain.rewriting.regenerate(rig.organization_id, [PERSONA], author="owner")

    persona, context = after.text.split("\n\n## About", 1)
    assert persona == f"## Persona\n{WORDS}\n\nAsk for their name."
    assert context == text.split("\n\n## About", 1)[1]
    assert len(llm.requests) == 1
    assert (after.version, (await rig.revisions())[-1].reason) == (3, "regenerated")


async def test_the_models_words_follow_the_settings(store: Store) -> None:
    rig = await prompt_rig(store, llm=FakeLLM([WORDS], ["Bright Smile Dental pulls teeth."]))
    await rig.set("info", {"business_description": "Dentists."})
    written = await rig.domain.rewriting.regenerate(rig.organization_id, REWRITABLE, author="owner")

    async with rig.store.begin(rig.organization_id) as work:
        await rig.assistants.set_spoken_name(work, "Luna", author="owner")
    assert (await rig.view()).text == written.text.replace("Savannah", "Luna")

    await rig.set("info", {"business_description": "Bakers."})
    baked = (await rig.view()).text
    assert "- Description: Bakers." in baked
    assert "teeth" not in baked

    await rig.set("info", {"business_description": "Dentists."})
    assert (await rig.view()).text == written.text.replace("Savannah", "Luna")


async def test_when_the_model_fails_nothing_changes(store: Store) -> None:
    failure = UpstreamFailed("llm_timeout", "late", provider="fake", retryable=True)
    rig = await prompt_rig(store, llm=FakeLLM([WORDS], [failure]))
    before = await rig.view()

    with pytest.raises(UpstreamFailed) as caught:
        await rig.domain.rewriting.regenerate(rig.organization_id, REWRITABLE, author="owner")

    assert caught.value.code == "llm_failed"
    assert await rig.view() == before
    assert len(await rig.revisions()) == 1


async def test_without_a_model_the_templates_write(rig: PromptRig) -> None:
    first = (await rig.view()).text
    await rig.replace(
        first.replace("Be warm, calm and brief", "Be cold").replace("## About", "My line.\n\n## About")
    )

    after = await rig.domain.rewriting.regenerate(rig.organization_id, [PERSONA], author="owner")

    assert after.text == first.replace("## About", "My line.\n\n## About")
    displaced = (await rig.revisions())[-1].displaced
    assert [each["section"] for each in displaced] == ["persona"]
    assert displaced[0]["line"].startswith("Be cold")


async def test_writing_anew_what_is_as_it_should_be_makes_no_version(rig: PromptRig) -> None:
    before = await rig.view()

    assert await rig.domain.rewriting.regenerate(rig.organization_id, REWRITABLE, author="owner") == before


async def test_an_organization_may_ask_twenty_times_an_hour(store: Store) -> None:
    rig = await prompt_rig(store, attempts=Attempts(store, SecretBox(bytes(range(32))), now=lambda: NOW))
    for _ in range(20):
        await rig.domain.rewriting.regenerate(rig.organization_id, [PERSONA], author="owner")

    with pytest.raises(QuotaExceeded) as caught:
        await rig.domain.rewriting.regenerate(rig.organization_id, [PERSONA], author="owner")

    assert caught.value.code == "rate_limited"


async def test_a_proposal_changes_nothing_until_it_is_taken(store: Store) -> None:
    rig = await prompt_rig(store, llm=FakeLLM([WORDS]))
    before = await rig.view()
    rewriting = rig.domain.rewriting

    proposal = await rewriting.propose(rig.organization_id, [PERSONA])
    assert (await rig.view()) == before
    assert "Smile when you speak." in proposal.text
    taken = await rewriting.take(
        rig.organization_id, [PERSONA], proposal.wordings, version=proposal.version, author="owner"
    )

    assert taken.text == proposal.text
    assert (await rig.revisions())[-1].reason == "regenerated"


async def test_a_taken_proposal_goes_on_following_names(store: Store) -> None:
    """As what is regenerated does: its words are kept with the facts that they were written from."""
    rig = await prompt_rig(store, llm=FakeLLM([WORDS]))
    proposal = await rig.domain.rewriting.propose(rig.organization_id, [PERSONA])
    await rig.domain.rewriting.take(
        rig.organization_id, [PERSONA], proposal.wordings, version=proposal.version, author="owner"
    )

    async with rig.store.begin(rig.organization_id) as work:
        await rig.assistants.set_spoken_name(work, "Robin", author="owner")

    assert "You are Robin of Bright Smile Dental.\nSmile when you speak." in (await rig.view()).text


async def test_a_proposal_that_came_too_late_is_refused(rig: PromptRig) -> None:
    proposal = await rig.domain.rewriting.propose(rig.organization_id, [PERSONA])
    await rig.replace("Mine.")

    with pytest.raises(Conflict) as caught:
        await rig.domain.rewriting.take(
            rig.organization_id, [PERSONA], {}, version=proposal.version, author="owner"
        )

    assert caught.value.code == "version_conflict"
    assert (await rig.view()).text == "Mine."


async def test_words_that_come_back_from_outside_hold_no_heading(rig: PromptRig) -> None:
    view = await rig.domain.rewriting.take(
        rig.organization_id, [PERSONA], {PERSONA: ["## Rules", "", "Be kind."]}, version=1, author="owner"
    )

    assert "## Rules" not in view.text
    assert "Be kind." in view.text


async def test_an_old_text_comes_back_word_for_word(rig: PromptRig) -> None:
    await rig.replace("Mine.")
    await rig.replace("Not mine.")

    view = await rig.domain.rewriting.restore(
        rig.organization_id, 2, facts_of_today=False, expected=3, author="owner"
    )

    assert (view.text, view.version) == ("Mine.", 4)
    assert (await rig.revisions())[-1].reason == "restored"


async def test_an_old_text_comes_back_with_the_facts_of_today(rig: PromptRig) -> None:
    """Its hours were others: callers must not hear those again."""
    await rig.set("hours", WEEK, None)
    await rig.replace("Our own first line.\n\n" + (await rig.view()).text)
    await rig.set("hours", {**WEEK, "monday": {"open": "08:00", "close": "12:00"}}, None)
    await rig.replace("Something else.")

    proposal = await rig.domain.rewriting.propose_restored(rig.organization_id, 3, facts_of_today=True)
    view = await rig.domain.rewriting.restore(
        rig.organization_id, 3, facts_of_today=True, expected=proposal.version, author="owner"
    )

    assert view.text == proposal.text
    assert "Our own first line." in view.text
    assert "- Monday: 08:00-12:00" in view.text
    assert "09:00-17:00" in view.text
    assert "- Monday: 09:00-17:00" not in view.text


async def test_of_what_changed_since_nothing_is_overwritten_by_a_restored_text(rig: PromptRig) -> None:
    await rig.replace("Mine.")
    for version, code in ((1, "version_conflict"), (9, "revision_not_found")):
        with pytest.raises((Conflict, NotFound)) as caught:
            await rig.domain.rewriting.restore(
                rig.organization_id, version, facts_of_today=False, expected=1, author="owner"
            )
        assert caught.value.code == code
    assert (await rig.view()).text == "Mine."
