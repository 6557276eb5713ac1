"""The brain's steps: without a model they are the policy's, cut for the synthesizer."""

from collections.abc import AsyncGenerator

from tests.fakes.dialogue import ScriptedDialogue, restaurant_spec
from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.actions import Hangup, Say, UseTool, Wait
from voice_engine.core.dialogue.commands import Silence
from voice_engine.runtime.brain import Brain, Clause, Do, Step


def collect(generator: AsyncGenerator[Step, None]) -> list[Step]:
    """All steps of one turn, on virtual time."""

    async def main() -> list[Step]:
        return [step async for step in generator]

    return run_virtual(main())


def test_a_reply_is_cut_into_clauses_in_order_with_its_actions() -> None:
    """Clauses carry their act and manner; other actions stay where the policy put them."""
    dialogue = ScriptedDialogue(
        restaurant_spec(),
        default=[
            Say(
                template="thank", text="Wonderful, thank you so much, that is great. Goodbye.", interruptible=False
            ),
            Hangup(),
        ],
    )

    steps = collect(Brain(dialogue).respond("all set", start_ms=0, end_ms=900, turn=1, now_ms=1000))

    assert steps == [
        Clause(text="Wonderful, thank you so much,", interruptible=False, template="thank"),
        Clause(text="that is great.", interruptible=False, template="thank"),
        Clause(text="Goodbye.", interruptible=False, template="thank"),
        Do(action=Hangup()),
    ]


def test_opening_and_signals_reach_the_policy() -> None:
    """Greeting and channel events take the same path as turns."""
    dialogue = ScriptedDialogue(
        restaurant_spec(),
        opening=[Wait()],
        reactions={"Silence": [Say(template="check_in", text="Are you still there?", slow=True)]},
    )
    brain = Brain(dialogue)

    assert collect(brain.open(0.0)) == [Do(action=Wait())]
    assert collect(brain.signal(Silence(silent_ms=8000, count=1), 9000.0)) == [
        Clause(text="Are you still there?", slow=True, template="check_in")
    ]


def test_preparing_changes_nothing() -> None:
    """Speculation runs on a copy: the same turn may come with other words."""
    tool = UseTool(id="1", tool="knowledge.search", args={"query": "parking"})
    dialogue = ScriptedDialogue(restaurant_spec(), default=[Say(template="a", text="One moment."), tool])
    brain = Brain(dialogue)

    assert brain.prepare("is there parking", 0.0) == ["One moment."]
    assert dialogue.heard == []
