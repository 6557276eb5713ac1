"""A model is asked for a section; only a whole, usable answer stands in a prompt."""

import json

import pytest

from tests.domains.prompts.subjects import ACME
from tests.fakes.llm import FakeLLM, Item
from voice_engine.clock import run_virtual
from voice_engine.domains.prompts.authoring import author, read_answer, request_for
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.llm import Completed

PERSONA, CONTEXT = SectionKey.PERSONA, SectionKey.CONTEXT


def test_the_answers_lines_become_the_section() -> None:
    llm = FakeLLM(["## Persona\n\nYou are Savannah of Acme Dental.\n", "```\n- Be kind.\n```"])

    wording = run_virtual(author(llm, PERSONA, ACME))

    assert wording.lines == ("You are Savannah of Acme Dental.", "- Be kind.")
    assert wording.facts["assistant"] == "Savannah"


def test_a_persona_without_its_names_is_introduced() -> None:
    wording = run_virtual(author(FakeLLM(["Be kind."]), PERSONA, ACME))

    assert wording.lines == ("You are Savannah, the friendly receptionist of Acme Dental.", "Be kind.")


def test_the_model_is_given_the_facts_of_the_section_and_no_others() -> None:
    request = request_for(CONTEXT, ACME)

    facts = json.loads(request.messages[1].content.rpartition("\n\n")[2])
    assert facts == {
        "business": "Acme Dental",
        "type": "dental office",
        "description": "Family dental practice in the old town.",
        "site": "https://acmedental.com",
    }
    assert "English" in request.messages[0].content


@pytest.mark.parametrize(
    "script",
    [
        [UpstreamFailed("llm_timeout", "late", provider="fake", retryable=True)],
        ["Half an ans", Completed(reason="length")],
        [""],
        ["# Only\n## headings"],
        ["So much. " * 1_000],
        ["Begun", 40_000.0, "and too late"],
    ],
    ids=["failed", "cut off", "empty", "headings", "endless", "slow"],
)
def test_anything_else_is_a_failure(script: list[Item]) -> None:
    with pytest.raises(UpstreamFailed) as caught:
        run_virtual(author(FakeLLM(script), PERSONA, ACME))

    assert caught.value.code == "llm_failed"


def test_no_line_stands_twice() -> None:
    assert read_answer("Be kind.\nBe  kind.\n\nBe brief.") == ("Be kind.", "Be brief.")
