"""Sections are found where their owner left them, however the text around them was rewritten."""

import time

import pytest

from tests.domains.prompts.subjects import ACME, rendered, renderings
from voice_engine.domains.prompts.document import Document
from voice_engine.domains.prompts.locate import locate, segments_of
from voice_engine.domains.prompts.sections import SectionKey

HOURS, ADDRESS = SectionKey.HOURS, SectionKey.ADDRESS
GENERATED = renderings(ACME)


def _found(text: str, key: SectionKey) -> str | None:
    span = locate(text, GENERATED).get(key)
    return None if span is None else text[span.start : span.end]


def test_a_heading_leads_to_the_next_of_its_level() -> None:
    text = "Intro.\n\n## Business hours\nAnd so on.\n### Holidays\nNever.\n\n## Mine\nOther."

    assert _found(text, HOURS) == "## Business hours\nAnd so on.\n### Holidays\nNever."


@pytest.mark.parametrize(
    "title", ["## business HOURS", "##  Business hours ##", "## Horario", "## Business hours\r"]
)
def test_a_heading_is_known_in_both_languages_and_by_its_words(title: str) -> None:
    assert _found(f"{title}\n- Monday: never", HOURS) is not None


@pytest.mark.parametrize("title", ["# Business hours", "### Business hours", "##Business hours", "Business hours"])
def test_other_levels_are_other_headings(title: str) -> None:
    assert locate(f"{title}\nnothing alike", {}) == {}


def test_without_its_heading_the_generated_text_is_found_word_for_word() -> None:
    text = f"We are open so:\n{rendered(HOURS).body}\nCome!"

    assert _found(text, HOURS) == rendered(HOURS).body


def test_a_generated_sentence_is_found_inside_a_paragraph() -> None:
    text = f"Be kind. {rendered(ADDRESS).body} Park behind the house, and {'ring ' * 80}."

    assert _found(text, ADDRESS) == rendered(ADDRESS).body


def test_a_sentence_is_not_found_inside_a_longer_word() -> None:
    body = rendered(ADDRESS).body

    assert _found(f"Un{body} {'words that are not alike ' * 9}", ADDRESS) is None


def test_an_edited_text_without_heading_is_found_by_its_likeness() -> None:
    edited = rendered(HOURS).body.replace("- Saturday: closed", "- Saturday: closed, alas")

    assert _found(f"Opening times\n\n{edited}\n\nThe end of it.", HOURS) == edited


def test_lines_put_in_between_do_not_count() -> None:
    lines = rendered(HOURS).body.splitlines()
    lines[2:2] = ["A long remark about Wednesdays that nobody ever asked for, not even once."] * 4

    assert _found("\n".join(["Opening times", *lines, "The end."]), HOURS) == "\n".join(lines)


def test_a_text_that_is_less_alike_is_somebody_elses() -> None:
    text = "\n".join(rendered(HOURS).body.splitlines()[:3])

    assert _found(f"Notes\n{text}\nAnd nothing more of the kind.", HOURS) is None


def test_what_was_never_generated_is_found_by_its_heading_only() -> None:
    text = "## Address\nIn the mall."

    assert set(locate(text, {})) == {ADDRESS}
    assert locate("In the mall.", {}) == {}


def test_a_section_that_lost_its_heading_may_stand_inside_another() -> None:
    text = Document.first(GENERATED).text.replace("## Address\n", "")

    spans = locate(text, GENERATED)

    assert not spans[ADDRESS].headed
    assert spans[HOURS].start < spans[ADDRESS].start < spans[ADDRESS].end <= spans[HOURS].end


def test_segments_are_the_whole_text() -> None:
    text = "a\n# b\nc\n\n## d\n### e\n\n\n## f"

    parts = segments_of(text)

    assert "".join(text[part.start : part.end] for part in parts) == text
    assert [part.title for part in parts] == [None, None, "d", "f"]


@pytest.mark.slow
@pytest.mark.parametrize("text", ["a\n" * 25_000, "- Monday: 09:00-17:00\n" * 2_200, "x" * 50_000, "# \n" * 16_000])
def test_the_search_ends_soon_whatever_the_text(text: str) -> None:
    began = time.process_time()

    locate(text, {**GENERATED, SectionKey.CONTEXT: rendered(SectionKey.CONTEXT, description="a b " * 1_000)})

    assert time.process_time() - began < 2.0
