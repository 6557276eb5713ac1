"""The facade: determinism, forks, snapshots, what it expects, and what was heard."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.dialogue.talk import Talk, inbound_spec, outbound_spec
from voice_engine.core.dialogue.actions import UseTool
from voice_engine.core.dialogue.commands import AskSlot, Command, Greeting, Hold, HungUp, Menu, Silence, ToolResult
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.core.turns.events import Expecting
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import CallSpec, Category

PHRASES = {
    "en": (
        "Thanks for calling", "yes", "no", "we are full at eight, I can do eight thirty", "nine o'clock",
        "fully booked",
        "what name is it under and what is your phone number", "can you spell that", "are you a robot",
        "one moment please",
        "it is booked, your confirmation number is 1 2 3 4 5", "do you need a credit card", "goodbye",
        "who is calling",
        "I would like to book a haircut on Tuesday at two", "Susan Miller", "555 123 4567",
        "where are you located",
        "I want to leave a message", "cancel my appointment", "can I speak to Maria", "blah",
        "for how many people",
        "press one for reservations, press two for hours", "please leave a message after the beep",
        "wrong number",
    ),
    "es": (
        "Restaurante Lucio, dígame", "sí", "no", "a las ocho está completo, tengo a las nueve",
        "¿a qué nombre?",
        "todo completo", "un momento", "queda reservado", "¿es usted un robot?", "adiós",
        "quiero dejar un mensaje",
        "quería una cita el martes a las once", "Carmen Ruiz", "600 123 456", "¿dónde están?",
        "no me llamen más",
    ),
}  # fmt: skip
EVENTS: tuple[Command, ...] = (Silence(silent_ms=3000, count=1), HungUp(), ToolResult(id="t1", value=[]))
SPECS: tuple[CallSpec, ...] = (
    outbound_spec(),
    outbound_spec(Category.CLINIC, task_description="Book an appointment for a check-up", language="es"),
    outbound_spec(Category.HOTEL, task_description="Book a double room for two nights"),
    outbound_spec(Category.GENERAL, task_description="Ask whether they are open"),
    inbound_spec(),
    inbound_spec(language="es"),
)


def play(conversation: Conversation, spec: CallSpec, steps: list[int]) -> None:
    """Say and signal pseudo-arbitrary things; tools answer with what is plausible."""
    phrases = PHRASES[spec.language]
    for turn, step in enumerate(steps):
        if step < len(EVENTS):
            actions = conversation.on_command(EVENTS[step], 0.0)
        else:
            text = phrases[step % len(phrases)]
            actions = conversation.on_utterance(text, start_ms=turn, end_ms=turn + 1, turn=turn, now_ms=0.0)
        for action in actions:
            if isinstance(action, UseTool):
                slots = ["2026-02-17T11:00:00-05:00", "2026-02-17T14:00:00-05:00"]
                value = slots if action.tool == "calendar.free" else {"reference": "1", "start": slots[0]}
                found = [value] if action.tool == "calendar.find" else value
                conversation.on_command(ToolResult(id=action.id, value=found), 0.0)
        said = " ".join(text for _, text in conversation.state.last_said)
        conversation.on_spoken(said, said[: step * 3], step % 4 == 0)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SPECS), st.lists(st.integers(0, 40), max_size=10), st.lists(st.integers(0, 40), max_size=3))
def test_a_restored_conversation_goes_on_exactly_like_the_one_it_was_taken_from(
    spec: CallSpec, before: list[int], after: list[int]
) -> None:
    original = Conversation(spec)
    original.open(0.0)
    play(original, spec, before)

    restored = Conversation.restore(spec, json.loads(json.dumps(original.snapshot())))
    assert restored.state == original.state
    play(original, spec, after)
    play(restored, spec, after)

    assert restored.state == original.state
    assert restored.outcome() == original.outcome()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SPECS), st.lists(st.integers(0, 40), max_size=12))
def test_whatever_is_said_the_outcome_stays_sound(spec: CallSpec, steps: list[int]) -> None:
    """Nothing is agreed without being achieved, and nothing is achieved without a confirmation by the human."""
    conversation = Conversation(spec)
    conversation.open(0.0)
    play(conversation, spec, steps)

    outcome = conversation.outcome()
    if outcome.agreed is not None:
        assert outcome.task_outcome == "achieved"
        assert conversation.state.confirmed
        assert outcome.agreed["date"]
    if outcome.status == "voicemail":
        assert outcome.agreed is None
    json.dumps([outcome.agreed, outcome.highlights, outcome.next_steps])


@pytest.mark.parametrize(("version", "code"), [(99, "snapshot_version"), (1, "snapshot_unreadable")])
def test_a_strange_snapshot_is_refused(version: int, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Conversation.restore(outbound_spec(), {"version": version, "state": None})

    assert caught.value.code == code


def test_a_fork_does_not_touch_the_conversation_it_came_from() -> None:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())
    before = talk.conversation.state
    fork = talk.conversation.fork()

    fork.on_utterance("yes", start_ms=0, end_ms=1, turn=2, now_ms=0.0)

    assert talk.conversation.state is before
    assert fork.state is not before


def test_the_history_keeps_what_was_heard_and_no_more() -> None:
    conversation = Conversation(outbound_spec())
    conversation.on_utterance("hello", start_ms=0, end_ms=1, turn=0, now_ms=0.0)
    conversation.on_spoken("Hi, I'm an AI assistant.", "Hi, I'm", True)

    assert conversation.history == [("HUMAN", "hello"), ("AI", "Hi, I'm")]


def test_what_was_not_heard_at_all_leaves_no_trace() -> None:
    conversation = Conversation(outbound_spec())
    conversation.on_spoken("Hi, I'm an AI assistant.", "", True)

    assert conversation.history == []


def test_the_open_question_is_known() -> None:
    talk = Talk(outbound_spec())
    assert talk.conversation.expecting is None
    talk.hear(Greeting())

    assert talk.conversation.expecting is Expecting.CONFIRM


def test_hold_and_menu_are_known() -> None:
    talk = Talk(outbound_spec())
    talk.hear(Menu(options={"1": "reservations"}))
    seen = [(talk.conversation.listening_to_menu, talk.conversation.on_hold)]
    for command in (Greeting(), Hold()):
        talk.hear(command)
        seen.append((talk.conversation.listening_to_menu, talk.conversation.on_hold))

    assert seen == [(True, False), (False, False), (False, True)]


def test_only_what_must_be_heard_cannot_be_interrupted() -> None:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())
    disclosure = talk.conversation.interruptible
    talk.hear(AskSlot(slot="name"))

    assert not disclosure
    assert talk.conversation.interruptible


def test_a_fork_and_a_step_take_no_noticeable_time() -> None:
    """The shell speculates at every pause: a fork must cost next to nothing."""
    conversation = Conversation(outbound_spec())

    forks = [conversation.fork() for _ in range(1000)]

    assert all(fork.state is conversation.state for fork in forks)
