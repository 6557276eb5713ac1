"""Sections that are looked into and renamed. What is written and removed is tested by the API's operations."""

from pathlib import Path

import pytest

from tests.fakes.business import Business
from tests.fakes.knowledge import Library, add_house, library
from voice_engine.domains.knowledge.searching import find
from voice_engine.domains.knowledge.words import key_of
from voice_engine.errors import Conflict, NotFound
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Library:
    return library(store, tmp_path / "blobs")


async def _put(shelf: Library, business: Business, key: str, text: str) -> None:
    await shelf.service.put(business.organization_id, key, text=text, file_id=None, file_name=None)


async def test_a_section_shows_what_calls_search_in_it(shelf: Library) -> None:
    business, _ = await add_house(shelf.store)
    await _put(shelf, business, "faqs", "# Parking\nIt is free.\n\n# Dogs\nThey may come.")

    async with shelf.store.read(business.organization_id) as work:
        content = await shelf.service.read(work, "faqs")

    assert [(piece.heading, piece.text) for piece in content.pieces] == [
        ("Parking", "It is free."),
        ("Dogs", "They may come."),
    ]


async def test_a_renamed_section_is_cited_by_its_new_name(shelf: Library) -> None:
    business, assistant_id = await add_house(shelf.store)
    await _put(shelf, business, "faqs", "Parking is free.")

    async with shelf.store.begin(business.organization_id) as work:
        await shelf.service.rename(work, "faqs", "visiting")

    async with shelf.store.read(business.organization_id) as work:
        (found,) = await find(work, assistant_id, "parking", limit=3)
        assert (found.passage.key, found.file_name) == ("visiting", "visiting.md")
        with pytest.raises(NotFound):
            await shelf.service.read(work, "faqs")


async def test_a_name_that_is_taken_or_another_s_section_is_refused(shelf: Library) -> None:
    business, _ = await add_house(shelf.store)
    other, _ = await add_house(shelf.store)
    await _put(shelf, business, "faqs", "Parking is free.")
    await _put(shelf, business, "prices", "Ninety dollars.")
    await _put(shelf, other, "theirs", "Theirs.")

    async with shelf.store.begin(business.organization_id) as work:
        with pytest.raises(Conflict) as taken:
            await shelf.service.rename(work, "faqs", "prices")
        with pytest.raises(NotFound) as strange:
            await shelf.service.rename(work, "theirs", "ours")

    assert (taken.value.code, strange.value.code) == ("section_exists", "section_not_found")


@pytest.mark.parametrize(
    ("label", "key"),
    [("Precios & seguros", "precios-seguros"), ("Año nuevo", "ano-nuevo"), ("  ", ""), ("x" * 80, "x" * 50)],
)
def test_a_label_becomes_a_key(label: str, key: str) -> None:
    assert key_of(label) == key
