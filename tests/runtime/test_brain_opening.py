"""An opening worded by a model: in time, disclosing the AI, or in its place the owner's greeting."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from tests.fakes.dialogue import ScriptedDialogue, restaurant_spec
from tests.fakes.llm import FakeLLM, Item
from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.actions import Say
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import Assistant, Business, GreetingMode
from voice_engine.runtime.brain import Brain, Clause


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("Good day, I'm Sol's AI assistant. What is it?", ["Good day, I'm Sol's AI assistant.", "What is it?"]),
        ("Good day! What can I do for you?", ["Hello, this is Sol's AI assistant.", "How can I help you?"]),
    ],
)
def test_a_generated_greeting_discloses_the_ai_or_is_not_spoken(words: str, heard: list[str]) -> None:
    """Its owner asked for a generated greeting; the caller is owed the disclosure all the same."""
    assistant = Assistant(
        name="Clara", business=Business(name="Sol"), greeting_mode=GreetingMode.ASSISTANT_FIRST_GENERATED
    )
    spec = restaurant_spec(direction="inbound", submission=None, assistant=assistant)
    greet = Say(template="greet", text="Hello, this is Sol's AI assistant. How can I help you?")
    brain = Brain(ScriptedDialogue(spec, opening=[greet]), FakeLLM([words]))

    async def main() -> list[str]:
        async with aclosing(brain.open(0.0)) as steps:
            return [step.text async for step in steps if isinstance(step, Clause)]

    assert run_virtual(main()) == heard


OWN = "Thanks for calling Sol. How can I help you?"


def opening(script: Sequence[Item] | None, *, text: str = OWN) -> tuple[list[tuple[int, str]], FakeLLM | None]:
    """When each clause of a generated opening comes, ms after the line is up. `script` None: there is no model."""
    assistant = Assistant(
        name="Clara",
        business=Business(name="Sol"),
        greeting=text,
        greeting_mode=GreetingMode.ASSISTANT_FIRST_GENERATED,
    )
    spec = restaurant_spec(direction="inbound", submission=None, assistant=assistant)
    llm = FakeLLM(script) if script is not None else None
    greet = Say(template="greet_generated", text=text)
    brain = Brain(ScriptedDialogue(spec, opening=[greet]), llm)

    async def main() -> list[tuple[int, str]]:
        loop = asyncio.get_running_loop()
        async with aclosing(brain.open(0.0)) as steps:
            return [(round(loop.time() * 1000), step.text) async for step in steps if isinstance(step, Clause)]

    return run_virtual(main()), llm


def test_an_opening_is_asked_for_without_anything_that_the_caller_said() -> None:
    said, llm = opening([300.0, "Hi, I'm Clara, the AI assistant of Sol. What can I do for you?"])

    assert said == [(300, "Hi, I'm Clara, the AI assistant of Sol."), (300, "What can I do for you?")]
    assert llm is not None
    assert {message.role for message in llm.requests[0].messages} == {"system"}


@pytest.mark.parametrize(
    ("script", "at_ms"),
    [
        ([], 0),
        ([2_500.0, "Hi, I'm the AI assistant of Sol."], 2_000),
        (["Hi,", 1_500.0, " I'm Clara,", 1_500.0, " the AI assistant."], 2_000),
        ([400.0, UpstreamFailed("provider_failed", "down", provider="fake", retryable=True)], 400),
        ([100.0, "Welcome to Luna, I'm the AI assistant of Carlos."], 100),
        (None, 0),
    ],
)
def test_an_opening_that_is_late_or_unfit_gives_way_to_the_owners_greeting(
    script: list[Item] | None, at_ms: int
) -> None:
    said, _ = opening(script)

    assert said == [(at_ms, "Thanks for calling Sol."), (at_ms, "How can I help you?")]


def test_an_opening_that_stalls_halfway_is_finished_within_its_two_seconds() -> None:
    said, _ = opening([1_000.0, "Hi, I'm the AI assistant of Sol. ", 3_000.0, "So, what is it?"])

    assert said == [(1_000, "Hi, I'm the AI assistant of Sol."), (2_000, "How can I help you?")]
