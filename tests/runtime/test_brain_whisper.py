"""A whisper with a model: it words what the owner wants said, knows what it was told, and gives none of it away."""

from contextlib import aclosing

import pytest

from tests.core.dialogue.talk import outbound_spec
from tests.fakes.llm import FakeLLM
from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.commands import HandedBack, Whispered
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.runtime.brain import Brain, Clause

GREETED = "Hello, Nobu speaking."


def brain_of(*script: str) -> Brain:
    """A restaurant that was told what we want."""
    conversation = Conversation(outbound_spec(time_preference_text=""))
    conversation.open(0.0)
    conversation.on_utterance(GREETED, start_ms=0, end_ms=900, turn=0, now_ms=0.0)
    return Brain(conversation, FakeLLM(list(script)))


def said(brain: Brain, command: Whispered | HandedBack) -> list[str]:
    async def main() -> list[str]:
        async with aclosing(brain.signal(command, 0.0)) as steps:
            return [step.text async for step in steps if isinstance(step, Clause)]

    return run_virtual(main())


def test_a_model_words_what_the_owner_wants_said() -> None:
    """The note is before it as a system message, and the act that carries it is what it words."""
    brain = brain_of("John asked me to mention that we are bringing a baby. Is a table at eight possible?")

    words = said(brain, Whispered(text="we are bringing a baby"))

    llm = brain._llm
    assert isinstance(llm, FakeLLM)
    messages = llm.requests[-1].messages
    assert words[0].startswith("John asked me")
    assert "whisper_note" in messages[-1].content
    assert all(message.role != "user" for message in messages if "bringing a baby" in message.content)


def test_what_the_policy_decided_is_not_changed_by_a_models_words() -> None:
    """The whisper is read by the rules: nine is wanted now, whatever is said about it."""
    brain = brain_of("How about nine on Saturday, for a table for four?")

    said(brain, Whispered(text="try nine instead"))

    assert str(brain.conversation.snapshot()).count("21:00")


@pytest.mark.parametrize("told", ["Our budget is 200 euros.", "We could also do ten o'clock."])
def test_what_only_the_model_was_told_is_not_given_away(told: str) -> None:
    """A fact of a whisper is licensed by no more than having been whispered."""
    brain = brain_of(told, "Yes.")
    said(brain, Whispered(text="don't tell them that our budget is 200 and that ten o'clock is fine"))

    async def answer() -> list[str]:
        respond = brain.respond("Which date is it?", start_ms=0, end_ms=900, turn=2, now_ms=0.0)
        async with aclosing(respond) as steps:
            return [step.text async for step in steps if isinstance(step, Clause)]

    words = " ".join(run_virtual(answer()))

    assert "200" not in words
    assert "ten" not in words


def test_coming_back_after_a_human_is_said_as_written() -> None:
    """An apology and the open question: nothing for a model to embellish."""
    brain = brain_of("I am back, baby!")

    words = said(brain, HandedBack())

    assert "back with the assistant" in " ".join(words)
    assert "baby" not in " ".join(words)


def test_a_withdrawn_reply_takes_no_whisper_with_it() -> None:
    """They went on talking before a word was heard: what the owner wrote in between still counts."""
    brain = brain_of()
    before = brain.conversation.fork()

    async def main() -> None:
        respond = brain.respond("We are full at eight", start_ms=0, end_ms=900, turn=2, now_ms=0.0)
        async with aclosing(respond) as steps:
            await anext(steps)

    run_virtual(main())
    said(brain, Whispered(text="nine is fine", later=True))
    brain.rewind(before)

    assert "21:00" in str(brain.conversation.snapshot())
    assert brain.conversation.history[-1] == ("NOTE", "nine is fine")
