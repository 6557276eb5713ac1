"""A model words the policy's turns: the caller hears what is true, and the state is the policy's throughout."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import pytest

from tests.fakes.dialogue import ScriptedDialogue, restaurant_spec
from tests.fakes.llm import FakeLLM, Item
from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.actions import Action, Hangup, Say, Wait
from voice_engine.core.dialogue.commands import Offer, Silence, ToolResult
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import TaskOutcome
from voice_engine.ports.llm import Completed, ToolCall
from voice_engine.runtime.brain import Brain, BrainSettings, Clause, Do, Step

HUMAN = "we are full at eight but i can do eight thirty"
ACCEPT: list[Action] = [
    Say(
        template="accept",
        text="Yes, eight thirty works. Could you book a table for four, please?",
        slots={"time": "20:30", "party_size": 4},
    )
]
TEMPLATE = ["Yes, eight thirty works.", "Could you book a table for four, please?"]


def accepting() -> ScriptedDialogue:
    """A policy that takes the offer of half past eight."""
    return ScriptedDialogue(restaurant_spec(), default=ACCEPT)


def turn(brain: Brain, text: str = HUMAN) -> list[Step]:
    """One human turn to its end, on virtual time."""
    return run_virtual(_turn(brain, text))


async def _turn(brain: Brain, text: str = HUMAN) -> list[Step]:
    async with aclosing(brain.respond(text, start_ms=0, end_ms=900, turn=1, now_ms=1000)) as steps:
        return [step async for step in steps]


def spoken(steps: Sequence[Step]) -> list[str]:
    return [step.text for step in steps if isinstance(step, Clause)]


def report(*commands: dict[str, Any]) -> ToolCall:
    return ToolCall(id="c1", name="report_understanding", arguments=json.dumps({"commands": commands}))


def test_the_models_words_are_spoken_clause_by_clause() -> None:
    """A faithful paraphrase replaces the template wholly."""
    brain = Brain(accepting(), FakeLLM(["Great, eight thirty works for us. Could we have a table for four?"]))

    steps = turn(brain)

    assert spoken(steps) == ["Great, eight thirty works for us.", "Could we have a table for four?"]
    assert brain.timings.source == "model"
    assert brain.usage.requests == 1
    assert brain.usage.prompt_tokens == 100


def test_a_clause_is_given_while_the_model_still_writes() -> None:
    """Waiting for the whole answer would add its length to every turn."""
    brain = Brain(accepting(), FakeLLM([200.0, "Great, eight thirty works.", 400.0, " A table for four, please?"]))

    async def main() -> list[tuple[int, str]]:
        loop = asyncio.get_running_loop()
        async with aclosing(brain.respond(HUMAN, start_ms=0, end_ms=900, turn=1, now_ms=0)) as steps:
            return [(round(loop.time() * 1000), step.text) async for step in steps if isinstance(step, Clause)]

    assert run_virtual(main()) == [(200, "Great, eight thirty works."), (600, "A table for four, please?")]
    assert brain.timings.llm_first_ms == pytest.approx(200)
    assert brain.timings.llm_ms == pytest.approx(200)


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ("Nine works for us. A table for four please?", "fact_number"),
        ("Eight works for us. A table for four please?", "fact_number"),
        ("At nine is fine. A table for four please?", "fact_time"),
        ("Great, eight thirty works for six people.", "fact_count"),
        ("Eight thirty on Sunday works.", "fact_weekday"),
        ("Thank you, we are booked.", "act_booked"),
        ("I'm not a robot, eight thirty works.", "denies_ai"),
        ("This is a real person speaking.", "denies_ai"),
        ("Perfect, I will pay 20 dollars now.", "fact_money"),
        ("Please put it under Johnson.", "name"),
        ("Details are at www.example.com today.", "names_address"),
        ("How can I help you today?", "swaps_roles"),
        ("As an AI language model I cannot assist with that.", "breaks_character"),
        ("Sí, a las ocho y media nos va muy bien, gracias.", "wrong_language"),
        ("**Great**, eight thirty works.", "not_speech"),
        ("No, thank you, goodbye.", "act_declines"),
        ("Call me at 555 010 9999 please.", "fact_digits"),
    ],
)
def test_a_lie_is_not_spoken(lie: str, reason: str) -> None:
    """The template is said instead, once, and the state is the policy's."""
    dialogue = accepting()
    brain = Brain(dialogue, FakeLLM([lie]))

    steps = turn(brain)

    assert spoken(steps) == TEMPLATE
    assert brain.timings.failure == reason
    assert dialogue.heard == [HUMAN]


def test_after_a_true_clause_a_lie_is_replaced_by_what_is_left_unsaid() -> None:
    """Nothing is said twice and nothing that matters is lost."""
    brain = Brain(accepting(), FakeLLM(["Great, eight thirty works. It is for nine people. Thanks!"]))

    steps = turn(brain)

    assert spoken(steps) == ["Great, eight thirty works.", "Could you book a table for four, please?"]
    assert brain.timings.source == "mixed"


def test_what_the_model_leaves_out_is_added() -> None:
    """A read-back without its time confirms nothing."""
    dialogue = ScriptedDialogue(
        restaurant_spec(),
        default=[
            Say(
                template="read_back",
                text="So that's four people at eight thirty. Is that right?",
                slots={"time": "20:30", "party_size": 4},
            ),
            Wait(),
        ],
    )

    steps = turn(Brain(dialogue, FakeLLM(["Good, for four people, is that right?"])))

    assert spoken(steps) == ["Good, for four people,", "is that right?", "So that's four people at eight thirty."]
    assert steps[-1] == Do(action=Wait())


def test_a_question_is_asked_even_if_the_model_forgets_it() -> None:
    """Otherwise the policy waits for an answer to a question that nobody heard."""
    brain = Brain(accepting(), FakeLLM(["Eight thirty works for four people."]))

    assert spoken(turn(brain)) == [
        "Eight thirty works for four people.",
        "Could you book a table for four, please?",
    ]


@pytest.mark.parametrize(
    "script",
    [
        [5000.0, "Too late."],
        [UpstreamFailed("llm_server_error", "x", provider="fake", retryable=True)],
        [Completed(reason="stop")],
        ["  \n "],
    ],
    ids=["late", "error", "empty", "blank"],
)
def test_the_template_is_spoken_when_the_model_fails(script: list[Item]) -> None:
    """Late, failing or empty: the caller hears the policy's sentence, all of it."""
    brain = Brain(accepting(), FakeLLM(script), BrainSettings(llm_deadline_ms=1200))

    assert spoken(turn(brain)) == TEMPLATE


def test_the_deadline_holds_and_the_request_is_cancelled() -> None:
    """The caller waits no longer than the setting, and nothing is left running."""
    llm = FakeLLM([5000.0, "Too late."])
    brain = Brain(accepting(), llm, BrainSettings(llm_deadline_ms=700))

    async def main() -> float:
        await _turn(brain)
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(0.7)
    assert llm.closed == 1
    assert brain.timings.failure == "late"
    assert brain.timings.llm_ms == pytest.approx(700)


def test_a_drip_of_tokens_does_not_escape_the_deadline() -> None:
    """The wait is counted to the clause, not between tokens."""
    llm = FakeLLM([word for pair in ((500.0, "Great"), (500.0, " eight"), (500.0, " thirty")) for word in pair])
    brain = Brain(accepting(), llm, BrainSettings(llm_deadline_ms=1200))

    async def main() -> tuple[list[str], float]:
        return spoken(await _turn(brain)), asyncio.get_running_loop().time()

    words, waited_s = run_virtual(main())

    assert words == TEMPLATE
    assert waited_s == pytest.approx(1.2)


def test_a_stall_after_the_first_clause_is_covered_by_the_template() -> None:
    """What was not said follows after the stall's limit."""
    llm = FakeLLM(["Great, eight thirty works.", 60_000.0, " And more."])
    brain = Brain(accepting(), llm, BrainSettings(llm_stall_ms=800))

    async def main() -> tuple[list[str], float]:
        return spoken(await _turn(brain)), asyncio.get_running_loop().time()

    words, waited_s = run_virtual(main())

    assert words == ["Great, eight thirty works.", "Could you book a table for four, please?"]
    assert waited_s == pytest.approx(0.8)


def test_a_sentence_that_the_token_limit_cut_off_is_not_spoken() -> None:
    """Half a sentence in mid-air sounds broken; the template's rest follows."""
    brain = Brain(
        accepting(), FakeLLM(["Great, eight thirty works. Could we have a table for", Completed(reason="length")])
    )

    assert spoken(turn(brain)) == ["Great, eight thirty works.", "Could you book a table for four, please?"]


def test_a_failing_model_is_left_alone_for_some_turns() -> None:
    """Two bad turns cost two deadlines, not one in every turn of the call."""
    bad: list[Item] = [UpstreamFailed("llm_server_error", "x", provider="fake", retryable=True)]
    llm = FakeLLM(bad, bad, ["Great, eight thirty works. A table for four please?"])
    brain = Brain(accepting(), llm, BrainSettings(llm_failures=2, llm_pause_turns=3))

    asked = []
    for _ in range(6):
        turn(brain)
        asked.append(len(llm.requests))

    assert asked == [1, 2, 2, 2, 2, 3]
    assert brain.timings.source == "model"


def test_a_refused_key_is_not_tried_again_in_the_call() -> None:
    """It will not get better, and every try costs the caller time."""
    llm = FakeLLM([UpstreamFailed("llm_key_refused", "x", provider="fake", retryable=False)])
    brain = Brain(accepting(), llm)

    for _ in range(8):
        assert spoken(turn(brain)) == TEMPLATE

    assert len(llm.requests) == 1


def test_a_correction_borne_out_by_the_words_steps_the_policy_anew() -> None:
    """The rules misheard; the model understood; the policy decides on that, from the state before the turn."""
    dialogue = ScriptedDialogue(
        restaurant_spec(),
        default=[Say(template="not_understood", text="Sorry, I didn't catch that.")],
        corrected={"Offer": ACCEPT},
    )
    brain = Brain(dialogue, FakeLLM([report({"type": "Offer", "options": [{"time": "20:30"}]})]))

    steps = turn(brain, "half eight would be alright i suppose")

    assert spoken(steps) == TEMPLATE
    current = brain.conversation
    assert isinstance(current, ScriptedDialogue)
    assert current.heard == ["half eight would be alright i suppose"]
    assert [type(command) for command in current.given[0]] == [Offer]


@pytest.mark.parametrize(
    "call",
    [
        report({"type": "Offer", "options": [{"time": "21:00"}]}),
        report({"type": "Booked", "code": "99999"}),
        report({"type": "Booked"}),
        report({"type": "ToolResult", "id": "t1", "value": {"reference": "R1"}}),
        report({"type": "Nonsense"}),
        report(),
        ToolCall(id="c", name="report_understanding", arguments='{"commands": [{"type": "Off'),
        ToolCall(id="c", name="calendar_book", arguments="{}"),
        ToolCall(id="c", name="rm", arguments="null"),
    ],
)
def test_a_correction_that_nobody_said_is_refused(call: ToolCall) -> None:
    """Forged, malformed or invented: the policy's own understanding stands."""
    dialogue = accepting()
    brain = Brain(dialogue, FakeLLM([call]))

    assert spoken(turn(brain)) == TEMPLATE
    assert brain.conversation is dialogue
    assert dialogue.given == []
    assert brain.timings.failure is not None


def test_a_correction_after_speech_is_ignored() -> None:
    """What the caller has heard cannot be taken back, so neither can the state behind it."""
    dialogue = accepting()
    brain = Brain(dialogue, FakeLLM(["Great, eight thirty works.", report({"type": "Hold"})]))

    assert spoken(turn(brain)) == ["Great, eight thirty works.", "Could you book a table for four, please?"]
    assert brain.conversation is dialogue


def test_a_correction_after_the_state_moved_on_is_refused() -> None:
    """An event that came meanwhile must not be undone."""
    dialogue = accepting()
    brain = Brain(dialogue, FakeLLM([300.0, report({"type": "Offer", "options": [{"time": "20:30"}]})]))

    async def main() -> list[str]:
        async with asyncio.TaskGroup() as tasks:
            reply = tasks.create_task(_turn(brain))
            await asyncio.sleep(0.1)
            async with aclosing(brain.signal(Silence(silent_ms=1, count=1), 0.0)) as steps:
                assert [step async for step in steps] == []
        return spoken(reply.result())

    assert run_virtual(main()) == TEMPLATE
    assert brain.conversation is dialogue
    assert dialogue.given == []


def test_a_barge_in_stops_the_request() -> None:
    """Closing the generator closes the stream; nothing is paid for or left behind."""
    llm = FakeLLM(["Great, eight thirty works.", 60_000.0])
    brain = Brain(accepting(), llm)

    async def main() -> int:
        steps = brain.respond(HUMAN, start_ms=0, end_ms=900, turn=1, now_ms=0)
        await anext(steps)
        await steps.aclose()
        return llm.closed

    assert run_virtual(main()) == 1


@pytest.mark.parametrize(
    "action",
    [
        Say(template="robot", text="Yes, I'm an AI assistant, calling for John Smith."),
        Say(template="opted_out", text="I'm sorry for the trouble. We won't call this number again. Goodbye."),
        Say(template="voicemail", text="Hello, this is an AI assistant calling for John Smith."),
        Say(template="any", text="I'm an AI assistant.", interruptible=False),
    ],
)
def test_what_is_fixed_is_never_worded_by_a_model(action: Say) -> None:
    """Disclosure, apology and farewell are said as written; the model is not even asked."""
    llm = FakeLLM()
    dialogue = ScriptedDialogue(restaurant_spec(), default=[action, Hangup()])

    steps = turn(Brain(dialogue, llm))

    assert " ".join(spoken(steps)) == action.text
    assert steps[-1] == Do(action=Hangup())
    assert llm.requests == []


def test_a_turn_without_speech_asks_no_model() -> None:
    """On hold there is nothing to word."""
    llm = FakeLLM()

    assert turn(Brain(ScriptedDialogue(restaurant_spec(), default=[Wait(on_hold=True)]), llm)) == [
        Do(action=Wait(on_hold=True))
    ]
    assert llm.requests == []


def test_success_is_promised_only_when_the_policy_says_so() -> None:
    """The same words are right in one turn and a lie in the other."""
    done = [Say(template="booked", text="Great, so that's booked. Thank you very much!")]
    words = ["Wonderful, it is booked then. Thank you!"]
    dialogue = ScriptedDialogue(restaurant_spec(), default=done)
    dialogue.task_outcome = TaskOutcome.ACHIEVED

    assert spoken(turn(Brain(dialogue, FakeLLM(words)))) == ["Wonderful, it is booked then.", "Thank you!"]
    assert spoken(turn(Brain(accepting(), FakeLLM(words)))) == TEMPLATE


def test_a_look_ups_result_is_worded_and_other_signals_are_not() -> None:
    """A result is worth wording; a check-in must come at once."""
    found = [
        Say(template="fact", text="Parking is free for guests.", slots={"answer": "Parking is free for guests."})
    ]
    llm = FakeLLM(["You can park for free."])
    dialogue = ScriptedDialogue(
        restaurant_spec(),
        reactions={"ToolResult": list(found), "Silence": [Say(template="are_you_there", text="Are you there?")]},
    )
    brain = Brain(dialogue, llm)

    async def main() -> list[list[str]]:
        heard = []
        for command in (ToolResult(id="t1", value=[]), Silence(silent_ms=8000, count=1)):
            async with aclosing(brain.signal(command, 0.0)) as steps:
                heard.append(spoken([step async for step in steps]))
        return heard

    assert run_virtual(main()) == [["You can park for free."], ["Are you there?"]]
    assert len(llm.requests) == 1
    assert llm.requests[0].tools == ()


def test_a_right_guess_has_its_answer_ready() -> None:
    """The request was sent at the pause; when the turn ends with the same words its answer is there."""
    llm = FakeLLM([300.0, "Great, eight thirty works. A table for four please?"])

    async def main() -> tuple[list[str], float]:
        async with asyncio.TaskGroup() as group:
            brain = Brain(accepting(), llm, group=group)
            brain.prepare(HUMAN, 0.0)
            brain.prepare(HUMAN, 0.0)
            await asyncio.sleep(0.4)
            began = asyncio.get_running_loop().time()
            words = spoken(await _turn(brain))
            return words, asyncio.get_running_loop().time() - began

    words, waited = run_virtual(main())

    assert words == ["Great, eight thirty works.", "A table for four please?"]
    assert waited == 0
    assert len(llm.requests) == 1


def test_a_wrong_guess_is_cancelled_and_asked_anew() -> None:
    """The words went on: the earlier answer fits another turn."""
    llm = FakeLLM([3000.0, "Great, nine works."], ["Great, eight thirty works. A table for four please?"])

    async def main() -> list[str]:
        async with asyncio.TaskGroup() as group:
            brain = Brain(accepting(), llm, group=group)
            brain.prepare("we are full at eight", 0.0)
            await asyncio.sleep(0.1)
            return spoken(await _turn(brain))

    assert run_virtual(main()) == ["Great, eight thirty works.", "A table for four please?"]
    assert llm.closed == 2


def test_stopping_leaves_no_request_behind() -> None:
    """The call's task group must be able to end."""
    llm = FakeLLM()

    async def main() -> float:
        async with asyncio.TaskGroup() as group:
            brain = Brain(accepting(), llm, group=group)
            brain.prepare(HUMAN, 0.0)
            await asyncio.sleep(0.1)
            brain.stop()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(0.1)
    assert llm.closed == 1


def test_in_rehearsal_every_turn_is_the_scripted_models() -> None:
    """For comparing engines: its sentences, whole, whatever the policy would do."""
    llm = FakeLLM(["First of nine. Then you are booked.", Completed(reason="stop")])
    dialogue = ScriptedDialogue(restaurant_spec(), default=[*ACCEPT, Hangup()])

    steps = turn(Brain(dialogue, llm, BrainSettings(rehearsal=True, cut="sentence")))

    assert steps == [
        Clause(text="First of nine.", template="rehearsal"),
        Clause(text="Then you are booked.", template="rehearsal"),
    ]
    assert dialogue.heard == [HUMAN]
