"""The prompt's pages: saved by version, lines told apart, versions compared and restored, proposals taken."""

from pathlib import Path

import pytest

from tests.fakes.business import Business
from tests.fakes.llm import FakeLLM
from tests.web.dashboard.reception.rig import Desk, open_desk
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.prompts.service import PromptView
from voice_engine.store.engine import Store

PAGE = "/app/reception/prompt"


async def _view(desk: Desk, business: Business) -> PromptView:
    async with desk.store.read(business.organization_id) as work:
        return await desk.service.read(work, await desk.assistants.primary(work))


async def test_the_page_tells_managed_lines_from_the_owner_s(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        text = (await _view(desk, business)).text
        await tab.post(PAGE, {"text": f"House rules.\n\n{text}- Always say thanks.\n", "version": "1"})
        page = await tab.get(PAGE)

    assert '<p class="is-own">House rules.</p>' in page
    assert "- Always say thanks.</p>" in page
    assert '<p class="is-managed">You are Savannah, the friendly receptionist' in page
    assert "version 2" in page


async def test_a_text_from_an_older_version_is_kept_beside_what_stands(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await tab.post(PAGE, {"text": "Theirs.", "version": "1"})
        late = await tab.post(PAGE, {"text": "Mine.", "version": "1"})

        assert late.status_code == 409
        assert "It is at version 2 now" in late.text
        assert "Mine.</textarea>" in late.text
        assert "Theirs." in late.text
        assert (await _view(desk, business)).text == "Theirs."
        await tab.post(PAGE, {"text": "Mine.", "version": "2"})
    assert (await _view(desk, business)).text == "Mine."


async def test_what_a_text_would_change_is_shown_before_it_is_saved(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        text = (await _view(desk, business)).text
        answer = await tab.post(f"{PAGE}/preview", {"text": text.replace("friendly", "patient")})
        same = await tab.post(f"{PAGE}/preview", {"text": text})

    assert "<del>friendly</del>" in answer.text
    assert "<ins>patient</ins>" in answer.text
    assert "Nothing would change" in same.text
    assert (await _view(desk, business)).version == 1


async def test_versions_are_compared_and_restored(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await tab.post(PAGE, {"text": "Be kind.", "version": "1"})
        await tab.post(PAGE, {"text": "Be kind and brief.", "version": "2"})
        page = await tab.get(PAGE)
        diff = await tab.get(f"{PAGE}/compare?from=2&to=3")
        first = await tab.get(f"{PAGE}/compare?from=0&to=1")
        asked = await tab.get(f"{PAGE}/revisions/2/restore?facts=then")
        await tab.post(f"{PAGE}/revisions/2/restore", {"version": "3", "facts": "then"})
        late = await tab.post(f"{PAGE}/revisions/1/restore", {"version": "3", "facts": "then"})

    assert "Edited" in page
    assert "<ins> and brief</ins>" in diff
    assert "Version 1, the first" in first
    assert "<del> and brief</del>" in asked
    assert (await _view(desk, business)).text == "Be kind."
    assert (late.status_code, "have changed meanwhile" in late.text) == (409, True)


async def test_a_proposal_is_looked_at_and_then_taken(store: Store, tmp_path: Path) -> None:
    desk = open_desk(store, tmp_path, llm=FakeLLM(["You are Savannah of Bright Smile Dental.\nSmile & listen."]))
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        page = await tab.post(f"{PAGE}/proposal", {"section.persona": "on"})
        before = await _view(desk, business)
        wording = page.text.split('name="wording.persona" hidden>')[1].split("</textarea>", maxsplit=1)[0]
        form = {
            "section.persona": "on",
            "wording.persona": wording.strip().replace("&amp;", "&"),
            "version": "1",
        }
        await tab.post(f"{PAGE}/take", form)

    assert "Smile &amp; listen." in page.text
    assert "Smile" not in before.text.replace("Bright Smile", "")
    after = await _view(desk, business)
    assert "Smile & listen." in after.text
    assert "helpful" not in wording


async def test_history_goes_on_by_pages(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        for number in range(1, 12):
            await tab.post(PAGE, {"text": f"Text {number}.", "version": str(number)})
        page = await tab.get(PAGE)
        history = await tab.get(f"{PAGE}/history?before=4")

    assert "All versions" in page
    assert f'href="{PAGE}/revisions/3/restore"' in history
    assert f'href="{PAGE}/revisions/4/restore"' not in history


@pytest.mark.parametrize(("plan", "may"), [(Tier.FREE, False), (Tier.STARTER, False), (Tier.ADVANCED, True)])
async def test_the_plan_decides_who_may_write(desk: Desk, plan: Tier, may: bool) -> None:
    """Everybody may read."""
    business = await desk.add_business(plan)
    async with desk.tab(business) as tab:
        page = await tab.get(PAGE)
        changes = {
            PAGE: {"text": "Mine.", "version": "1"},
            f"{PAGE}/proposal": {},
            f"{PAGE}/take": {"version": "1"},
            f"{PAGE}/revisions/1/restore": {"version": "2", "facts": "then"},
        }
        statuses = [(await tab.post(path, form)).status_code for path, form in changes.items()]

    assert ("Not in your plan" in page, " readonly" in page) == (not may, not may)
    if may:
        assert 403 not in statuses
    else:
        assert statuses == [403] * 4


async def test_another_business_s_versions_are_not_there(desk: Desk) -> None:
    ours, theirs = await desk.add_business(), await desk.add_business()
    async with desk.tab(theirs) as tab:
        await tab.post(PAGE, {"text": "Their secret.", "version": "1"})
    async with desk.tab(ours) as tab:
        assert "Their secret" not in await tab.get(PAGE)
        await tab.get(f"{PAGE}/compare?from=1&to=2", status=404)
        await tab.get(f"{PAGE}/revisions/2/restore", status=404)


async def test_without_an_assistant_there_is_no_prompt_yet(desk: Desk) -> None:
    business = await desk.add_business(assistant=False)
    async with desk.tab(business) as tab:
        assert "There is no assistant yet" in await tab.get(PAGE)
