"""What a business has written is told in a sentence or two; what nothing else explains is looked up, too."""

import dataclasses

import pytest

from tests.core.dialogue.talk import Talk, inbound_spec
from voice_engine.core.dialogue.actions import UseTool
from voice_engine.core.dialogue.commands import AskFact, No, ToolResult, Unclear

PAGE = (
    "The practice was founded in 1987 by Helen Marsh. It has been in the old mill ever since. "
    "Whitening takes ninety minutes. Children under sixteen are not whitened. "
    "The side entrance is open on Thursdays, when Doctor Ruiz places implants in the annex behind the garden."
)


@pytest.fixture
def talk() -> Talk:
    return Talk(dataclasses.replace(inbound_spec(), knowledge_scope="an-assistant"))


def _found(key: str = "about", text: str = PAGE) -> ToolResult:
    return ToolResult(id="t1", value=[{"key": key, "text": text, "score": 0.9}])


def _searches(talk: Talk) -> list[str]:
    return [action.args["query"] for action in talk.actions if isinstance(action, UseTool)]


def test_of_a_page_the_sentence_that_answers_is_told(talk: Talk) -> None:
    talk.hear(AskFact(fact="other", query="how long does whitening take"), text="how long does whitening take")
    said = talk.event(_found())

    assert "Whitening takes ninety minutes." in said
    assert "1987" not in said
    assert talk.conversation.outcome().citations == ("about",)


def test_what_was_not_understood_is_looked_up_first(talk: Talk) -> None:
    talk.hear(Unclear(text="and the side entrance"), text="and the side entrance open")

    assert _searches(talk) == ["and the side entrance open"]
    assert "Thursdays" in talk.event(_found())


def test_a_guess_that_finds_nothing_was_a_misunderstanding(talk: Talk) -> None:
    """As often as without knowledge: it must not ask for ever."""
    for number in range(1, 4):
        talk.hear(Unclear(text="the blue elephant"), text="the blue elephant stands")
        said = talk.event(ToolResult(id=f"t{number}", value=[]))

    assert talk.hung_up, said


def test_a_question_that_nothing_answers_is_a_gap_not_a_misunderstanding(talk: Talk) -> None:
    talk.hear(Unclear(text="x"), text="which elephant opens the blue gate")
    talk.event(ToolResult(id="t1", value=[]))

    assert talk.conversation.outcome().next_steps


@pytest.mark.parametrize("scope", [None, "an-assistant"])
def test_little_or_nothing_is_not_looked_up(scope: str | None) -> None:
    """One word is more likely misheard; and without kept knowledge there is nothing to look in."""
    talk = Talk(dataclasses.replace(inbound_spec(), knowledge_scope=scope))
    talk.hear(Unclear(text="elephant"), text="elephant")
    assert _searches(talk) == []
    talk.hear(Unclear(text="the blue elephant"), text="the blue elephant stands")
    assert bool(_searches(talk)) is (scope is not None)


def test_no_is_no_question(talk: Talk) -> None:
    talk.hear(AskFact(fact="other", query="whitening"), text="whitening")
    talk.event(_found())
    talk.hear(No(), text="no thank you very much indeed")

    assert talk.hung_up
