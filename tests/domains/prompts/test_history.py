"""Revisions: newest first, by pages, with who made them; nobody else's."""

import pytest

from tests.domains.prompts.rig import PromptRig, prompt_rig
from tests.domains.prompts.subjects import WEEK
from voice_engine.domains.prompts.history import RevisionPage, get_revision, list_revisions
from voice_engine.errors import NotFound
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store


async def _page(rig: PromptRig, *, before: int | None = None, limit: int = 20) -> RevisionPage:
    async with rig.store.read(rig.organization_id) as work:
        assistant = await rig.assistants.primary(work)
        return await list_revisions(work, assistant.id, before=before, limit=limit)


async def test_the_newest_comes_first_with_its_lines_counted(store: Store) -> None:
    rig = await prompt_rig(store)
    await rig.replace((await rig.view()).text + "Our own line.\n")
    await rig.set("hours", WEEK, None)

    page = await _page(rig)

    assert [each.revision.version for each in page.revisions] == [3, 2, 1]
    assert [each.revision.reason for each in page.revisions] == ["business hours", "replaced", "created"]
    assert (page.revisions[1].added, page.revisions[1].removed) == (1, 0)
    assert page.before is None


async def test_pages_go_on_where_the_last_one_ended(store: Store) -> None:
    rig = await prompt_rig(store)
    for number in range(4):
        await rig.replace(f"Text {number}.")

    first = await _page(rig, limit=2)
    second = await _page(rig, before=first.before, limit=2)
    third = await _page(rig, before=second.before, limit=2)

    versions = [[each.revision.version for each in page.revisions] for page in (first, second, third)]
    assert versions == [[5, 4], [3, 2], [1]]
    assert third.before is None


async def test_an_author_is_a_person_of_the_organization_or_none(store: Store) -> None:
    rig, other = await prompt_rig(store), await prompt_rig(store)
    for author in (rig.business.user_id, other.business.user_id):
        await rig.domain.rewriting.replace(rig.organization_id, f"By {author}.", author=author)

    assert [each.author for each in (await _page(rig)).revisions] == [None, "Jane Smith", None]


async def test_a_version_is_had_by_its_number_and_another_s_is_not(store: Store) -> None:
    rig, other = await prompt_rig(store), await prompt_rig(store)
    await rig.replace("Be nice.")
    mine, theirs = await rig.assistant(), await other.assistant()

    async with store.read(rig.organization_id) as work:
        assert (await get_revision(work, mine.id, 2)).text == "Be nice."
        for assistant_id, version in ((mine.id, 3), (theirs.id, 1)):
            with pytest.raises(NotFound) as refused:
                await get_revision(work, assistant_id, version)
            assert refused.value.code == "revision_not_found"
        assert (await list_revisions(work, theirs.id)).revisions == ()
