"""A receptionist who is the one that calls: whoever was called speaks first, then hears who it is and why."""

from dataclasses import replace

import pytest

from tests.core.dialogue.talk import Talk, inbound_spec
from voice_engine.core.dialogue.actions import Wait
from voice_engine.core.dialogue.commands import Goodbye, Greeting, Silence
from voice_engine.core.dialogue.policies.receptionist import PICKED_UP_MS
from voice_engine.ports.call import GreetingMode

OWN = "Hello, this is Emma, the AI assistant of Shear Joy. Do you have a moment?"


def call(mode: GreetingMode = GreetingMode.ASSISTANT_FIRST) -> Talk:
    return Talk(replace(inbound_spec(greeting=OWN, greeting_mode=mode), direction="outbound"))


@pytest.mark.parametrize("mode", list(GreetingMode))
def test_nothing_is_said_before_they_spoke_and_then_the_greeting_is(mode: GreetingMode) -> None:
    talk = call(mode)
    assert talk.said == ""
    assert any(isinstance(action, Wait) and action.check_in_ms == PICKED_UP_MS for action in talk.actions)
    talk.hear(Greeting(), text="Hello?")
    assert talk.acts == ["greet_own"] and talk.said.startswith(OWN)


def test_a_name_that_nobody_understands_is_greeted_not_asked_about() -> None:
    talk = call()
    talk.hear(text="Ferguson and Sons")
    assert talk.acts == ["greet_own"]


def test_a_line_that_stays_silent_is_spoken_to() -> None:
    talk = call()
    talk.event(Silence(silent_ms=PICKED_UP_MS, count=1))
    assert talk.acts == ["greet_own"]


def test_nobody_who_was_called_is_thanked_for_calling() -> None:
    talk = call()
    talk.hear(Greeting(), text="Hello?")
    talk.hear(Goodbye(), text="Goodbye.")
    assert "calling" not in talk.said.lower() and talk.said
