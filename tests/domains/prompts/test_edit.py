"""Only a section's own bytes change; what is absent is put at its place."""

from dataclasses import replace
from typing import Any

import pytest

from tests.domains.prompts.subjects import ACME, rendered, renderings
from voice_engine.domains.prompts.document import Document
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.templates import render

ADDRESS, HOURS, HANDLING, TOOLS = SectionKey.ADDRESS, SectionKey.HOURS, SectionKey.HANDLING, SectionKey.TOOLS
FIRST = Document.first(renderings(ACME))


def _set(document: Document, key: SectionKey, **changes: Any) -> Document:
    return document.with_latest({key: render(key, replace(ACME, **changes))})


def test_a_change_is_a_change_of_its_lines_and_no_other_byte() -> None:
    moved = _set(FIRST, ADDRESS, address="5 Oak Ave")

    assert moved.text == FIRST.text.replace("123 Main St, Suite 100", "5 Oak Ave")


def test_what_is_cleared_goes_with_its_heading() -> None:
    nowhere = _set(FIRST, ADDRESS, address=None)

    assert nowhere.text == FIRST.text.replace(f"{rendered(ADDRESS).text}\n\n", "")
    assert ADDRESS not in nowhere.composed.present


def test_a_section_that_had_nothing_to_say_gets_its_place_in_the_order() -> None:
    document = Document.first(renderings(replace(ACME, address=None)))

    settled = document.with_latest({ADDRESS: rendered(ADDRESS)})

    assert settled.text == FIRST.text
    assert ADDRESS in settled.composed.present


def test_absent_sections_stand_in_their_order_whatever_is_set_first() -> None:
    bare = Document.first({**renderings(ACME), HOURS: None, ADDRESS: None})
    one_way = bare.with_latest({HOURS: rendered(HOURS)}).with_latest({ADDRESS: rendered(ADDRESS)})
    other_way = bare.with_latest({ADDRESS: rendered(ADDRESS)}).with_latest({HOURS: rendered(HOURS)})

    assert one_way.text == other_way.text == FIRST.text


def test_a_new_section_before_all_others_leads() -> None:
    document = Document.first({HANDLING: rendered(HANDLING)})

    assert _set(document, ADDRESS).text == f"{rendered(ADDRESS).text}\n\n{document.text}"


def test_where_no_section_is_left_a_new_one_comes_last() -> None:
    document = FIRST.replaced("Just be nice.\n")

    assert document.composed.present == ()
    assert _set(document, ADDRESS, address="5 Oak").text == ("Just be nice.\n\n## Address\nThe address is 5 Oak.\n")


def test_a_section_that_the_owner_deleted_stays_away_until_it_has_something_new_to_say() -> None:
    without = FIRST.replaced(FIRST.text.replace(f"{rendered(ADDRESS).text}\n\n", ""))

    assert _set(without, ADDRESS).text == without.text
    assert "The address is 5 Oak." in _set(without, ADDRESS, address="5 Oak").text
    assert _set(_set(without, ADDRESS, address="5 Oak"), ADDRESS).text == without.text


def test_a_new_section_follows_free_text_that_belongs_to_the_one_before() -> None:
    owned = FIRST.replaced("## Business hours\nAlways.\nRing twice.\n\n## My rules\nBe nice.")

    assert _set(owned, ADDRESS, address="5 Oak").text == (
        "## Business hours\nAlways.\nRing twice.\n\n## Address\nThe address is 5 Oak.\n\n## My rules\nBe nice."
    )


def test_what_replaces_a_cleared_section_stands_where_that_one_stood() -> None:
    owned = FIRST.replaced(f"{rendered(ADDRESS).text}\n\n## My rules\nBe nice.")

    changed = _set(_set(owned, ADDRESS, address=None), TOOLS, tools=frozenset({"search_knowledge"}))

    assert changed.text.startswith("## Tools\n")
    assert changed.text.endswith("\n\n## My rules\nBe nice.")


def test_the_owners_lines_stay_where_a_cleared_section_was() -> None:
    owned = FIRST.replaced(FIRST.text.replace("Suite 100.", "Suite 100.\n\nPark behind the house."))

    cleared = _set(owned, ADDRESS, address=None)

    assert "## Address" not in cleared.text
    assert "\n\nPark behind the house.\n\n## Call handling" in cleared.text
    assert _set(cleared, ADDRESS).text == owned.text


def test_an_owners_own_section_under_our_title_keeps_its_lines() -> None:
    document = Document.first(renderings(replace(ACME, address=None))).replaced("## ADDRESS\nIn the mall.")

    assert _set(document, ADDRESS).text == "## ADDRESS\nThe address is 123 Main St, Suite 100.\nIn the mall."
    assert _set(document, ADDRESS, address=None).text == document.text


def test_a_section_inside_another_is_written_by_itself() -> None:
    owned = FIRST.replaced(FIRST.text.replace("## Address\n", ""))

    changed = _set(_set(owned, ADDRESS, address="5 Oak"), HOURS, timezone="Europe/Madrid")

    assert changed.text == (
        owned.text.replace("123 Main St, Suite 100", "5 Oak").replace("America/New_York", "Europe/Madrid")
    )


def test_a_sentence_inside_a_paragraph_is_written_by_itself() -> None:
    owned = FIRST.replaced("Be kind. The address is 123 Main St, Suite 100. Park behind.")

    assert _set(owned, ADDRESS, address="5 Oak").text == "Be kind. The address is 5 Oak. Park behind."


@pytest.mark.parametrize("changes", [{"address": "5 Oak"}, {"address": None}, {"language": "es"}])
def test_line_ends_stay_as_the_owner_has_them(changes: dict[str, Any]) -> None:
    owned = FIRST.replaced(FIRST.text.replace("\n", "\r\n").replace("Suite 100.", "Suite 100.\r\nPark behind."))

    changed = _set(owned, ADDRESS, **changes)

    assert changed.text.count("\n") == changed.text.count("\r\n")
    assert "\r\nPark behind.\r\n" in changed.text
    assert _set(changed, ADDRESS).text == owned.text


def test_line_ends_of_both_kinds_stay_as_they_are() -> None:
    text = FIRST.text.replace("Suite 100.\n", "Suite 100.\r\nPark behind.\nRing twice.\r\n").replace(
        "- Mo", "\r\n- Mo"
    )
    owned = FIRST.replaced(text)

    assert _set(owned, HOURS).text == text
    assert _set(owned, ADDRESS, address="5 Oak").text == text.replace("123 Main St, Suite 100", "5 Oak")


def test_another_language_changes_titles_too() -> None:
    changed = FIRST.with_latest(renderings(replace(ACME, language="es")))

    assert changed.text == Document.first(renderings(replace(ACME, language="es"))).text


def test_lines_that_gave_way_are_told() -> None:
    owned = FIRST.replaced(FIRST.text.replace("- Monday: 09:00-17:00", "- Monday: when Jo is in"))

    changed = _set(owned, HOURS, hours={"monday": {"open": "08:00", "close": "12:00"}})

    assert "- Monday: 08:00-12:00\n" in changed.text
    assert changed.composed.displaced == {HOURS: ("- Monday: when Jo is in",)}
