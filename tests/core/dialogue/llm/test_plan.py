"""Which turns a model may word, and by what measure."""

import pytest

from tests.fakes.dialogue import restaurant_spec
from voice_engine.core.dialogue.actions import Action, Hangup, Say, StopRecording, Wait
from voice_engine.core.dialogue.llm.plan import FIXED_ACTS, known_texts, plan_turn, rehearsal_plan

SAY = Say(template="accept", text="Eight thirty works.")
SPEC = restaurant_spec()


def test_speech_and_then_acts_is_planned() -> None:
    """What follows the words is done after them, whoever words them."""
    plan = plan_turn(SPEC, [], "eight thirty?", [SAY, Say(template="b", text="Yes?", slow=True), Wait()])

    assert plan is not None
    assert plan.after == (Wait(),)
    assert plan.wording.text == "Eight thirty works. Yes?"
    assert (plan.template, plan.slow) == ("accept", True)


@pytest.mark.parametrize(
    "actions",
    [
        [],
        [Wait()],
        [StopRecording(), SAY],
        [SAY, Wait(), SAY],
        [Say(template="x", text="I'm an AI assistant.", interruptible=False)],
        *([Say(template=act, text="Words.")] for act in sorted(FIXED_ACTS)),
    ],
)
def test_everything_else_is_said_as_written(actions: list[Action]) -> None:
    """Order, disclosure and last words are not a model's business."""
    assert plan_turn(SPEC, [], "hello", actions) is None


def test_a_goodbye_is_licensed_when_the_engine_hangs_up() -> None:
    """Also when the act's own words hold none."""
    leaving = plan_turn(SPEC, [], "ok", [SAY, Hangup()])
    staying = plan_turn(SPEC, [], "ok", [SAY])

    assert leaving is not None
    assert staying is not None
    assert leaving.wording.objection("Goodbye.") is None
    assert staying.wording.objection("Goodbye.") == "act_farewell"


def test_the_understanding_can_be_questioned_only_where_somebody_spoke() -> None:
    """After a look-up there are no words to understand anew."""
    answered = plan_turn(SPEC, [], "eight thirty?", [SAY])
    looked_up = plan_turn(SPEC, [("HUMAN", "is there parking"), ("AI", "One moment.")], None, [SAY])

    assert answered is not None
    assert looked_up is not None
    assert answered.request.tools
    assert looked_up.request.tools == ()
    assert looked_up.wording.human == "is there parking"


def test_a_greeting_is_worded_only_at_the_opening_and_discloses_the_ai_first() -> None:
    """Where its owner asked for a generated greeting; in answer to somebody it is said as written."""
    text = "Hello, this is Sol. You're talking to an AI assistant. This call is recorded. How can I help you?"
    greet = Say(template="greet", text=text)

    opening = plan_turn(SPEC, [], None, [greet])

    assert plan_turn(SPEC, [], "hello", [greet]) is None
    assert opening is not None
    assert opening.wording.objection("Hello, welcome!") == "undisclosed"
    assert opening.wording.objection("Hi, I'm Sol's AI assistant.") is None
    assert opening.wording.missing("Hi, I'm Sol's AI assistant. What would you like?") == ["This call is recorded."]


def test_a_rehearsal_says_nothing_of_the_policys() -> None:
    """The scripted words are all there is."""
    plan = rehearsal_plan(SPEC, [], "hello")

    assert plan.wording.text == ""
    assert plan.after == ()
    assert plan.template == "rehearsal"
    assert plan.request.tools == ()


def test_the_call_knows_what_was_submitted() -> None:
    """And nothing else of its owner."""
    assert known_texts(SPEC) == (
        "Nobu", "John Smith", "Reserve a table", "between 7 and 9", "2026-02-14", "20:00", "4 people",
    )  # fmt: skip
