"""Calls in modelled time: what the dialogue is told when, and what the respondent hears."""

import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from voice_engine.carrier import yamlfile
from voice_engine.carrier.scenario import Scenario, read_scenario
from voice_engine.carrier.simulate import Simulation
from voice_engine.core.dialogue.actions import Action, Hangup, Say, SendDtmf, Transfer, UseTool, Wait
from voice_engine.core.dialogue.commands import Beep, Command, Dtmf, HungUp, Music, Silence, ToolResult
from voice_engine.core.dialogue.whisper import Instruction
from voice_engine.core.turns.events import Expecting
from voice_engine.ports.call import CallSpec, Disposition, Outcome, Status
from voice_engine.ports.knowledge import Passage
from voice_engine.rehearsal.textmode import simulate_text

Answer = Callable[[str], list[Action]]


class ScriptedDialogue:
    """A dialogue that answers by a function of the text and notes everything it is told."""

    def __init__(self, spec: CallSpec, answer: Answer, on_command: Callable[[Command], list[Action]]) -> None:
        self.spec = spec
        self.utterances: list[tuple[str, int, int]] = []
        self.commands: list[tuple[int, Command]] = []
        self.spoken: list[tuple[str, str, bool]] = []
        self.on_hold = False
        self.listening_to_menu = False
        self._answer = answer
        self._on_command = on_command

    @property
    def interruptible(self) -> bool:
        return True

    @property
    def expecting(self) -> Expecting | None:
        return None

    @property
    def history(self) -> Sequence[tuple[str, str]]:
        return [("AI", heard) for _, heard, _ in self.spoken]

    def open(self, now_ms: float) -> list[Action]:
        return self._answer("")

    def on_utterance(
        self,
        text: str,
        *,
        start_ms: int,
        end_ms: int,
        turn: int,
        now_ms: float,
        commands: Sequence[Command] | None = None,
    ) -> list[Action]:
        self.utterances.append((text, start_ms, round(now_ms)))
        return self._answer(text)

    def on_command(self, command: Command, now_ms: float) -> list[Action]:
        self.commands.append((round(now_ms), command))
        return self._on_command(command)

    def on_overheard(self, text: str, *, start_ms: int, end_ms: int, turn: int, agent: bool) -> list[Action]:
        raise AssertionError("no human takes a scripted call over")

    def read_whisper(self, text: str) -> Instruction:
        raise AssertionError("nobody whispers to a scripted call")

    def on_spoken(self, text: str, heard: str, interrupted: bool) -> None:
        self.spoken.append((text, heard, interrupted))

    def fork(self) -> "ScriptedDialogue":
        return self

    def snapshot(self) -> dict[str, Any]:
        return {}

    def outcome(self) -> Outcome:
        return Outcome(status=Status.SUCCESS, disposition=Disposition.COMPLETED)


HEAD = """\
direction: outbound
language: en
now: 2026-02-13T10:00:00-05:00
submission: {task_category: general, task_description: Ask, respondent_phone: "+15550100123"}
"""


def scenario(rest: str) -> Scenario:
    return read_scenario(yamlfile.parse(HEAD + rest, "test.yaml"), Path("test.yaml"))


def say(text: str, **keys: Any) -> Say:
    return Say(template="t", text=text, **keys)


def play(
    rest: str,
    answer: Answer,
    on_command: Callable[[Command], list[Action]] = lambda command: [],
    **services: Any,
) -> tuple[Simulation, ScriptedDialogue]:
    """Hold the scripted call; returns its verdict and the dialogue with its notes."""
    made: list[ScriptedDialogue] = []

    def make(spec: CallSpec) -> ScriptedDialogue:
        made.append(ScriptedDialogue(spec, answer, on_command))
        return made[0]

    simulation = asyncio.run(simulate_text(scenario(rest), conversation=make, **services))
    return simulation, made[0]


def answers(**by_word: str) -> Answer:
    """Says the text whose word occurs; hangs up on bye."""

    def answer(text: str) -> list[Action]:
        if "bye" in text:
            return [Hangup()]
        return [say(reply) for word, reply in by_word.items() if word in text]

    return answer


def test_an_utterance_reaches_the_dialogue_after_its_length_and_the_endpoint() -> None:
    """30 characters take 2 s; the turn ends 0.7 s later."""
    _, dialogue = play("respondent: {steps: [{say: Hello there this is Nobu sushi}, {say: bye}]}", answers())

    text, start_ms, now_ms = dialogue.utterances[0]
    assert (text, start_ms) == ("Hello there this is Nobu sushi bye", 0)
    assert now_ms == pytest.approx(2000 + 200 + 700, abs=40)


def test_a_long_pause_in_a_say_makes_two_turns_and_a_short_one_does_not() -> None:
    steps = 'respondent: {steps: [{say: "one [400] two [3000] three"}, {wait_ms: 2000, say: bye}]}'

    _, dialogue = play(steps, answers())

    assert [text for text, _, _ in dialogue.utterances] == ["one two", "three", "bye"]


def test_when_matches_what_the_engine_said() -> None:
    steps = """\
respondent:
  steps:
    - {say: hello, within_ms: 1500}
    - {when: table, say: sure}
    - {when: great, hang_up: true}
expect: {said: [table], not_said: [chair], max_response_ms: 1500}
"""
    simulation, dialogue = play(steps, answers(hello="a table please", sure="great"))

    assert simulation.failures == ()
    assert [turn["text"] for turn in simulation.result["turns"]] == ["hello", "a table please", "sure", "great"]
    assert dialogue.commands[-1][1] == HungUp()


def test_a_barge_in_leaves_the_heard_prefix() -> None:
    """1.5 s into a reply of 15 characters a second, plus 0.4 s until it yields, some 28 characters were heard."""
    steps = """\
respondent:
  steps:
    - say: hello
    - {say: stop that at once, barge_in_after_ms: 1500}
    - {wait_ms: 3000, say: bye}
"""
    reply = "one two three four five six seven eight nine ten eleven twelve thirteen"

    simulation, dialogue = play(steps, answers(hello=reply))

    text, heard, interrupted = dialogue.spoken[0]
    assert (text, interrupted) == (reply, True)
    assert reply.startswith(heard)
    assert 18 <= len(heard) <= 32
    assert simulation.result["turns"][1]["heard_text"] == heard
    assert simulation.result["counters"]["barge_ins"] == 1


def test_a_reply_that_must_not_be_interrupted_is_heard_to_its_end() -> None:
    steps = (
        "respondent: {steps: [{say: hello}, {say: stop that, barge_in_after_ms: 500}, {wait_ms: 9000, say: bye}]}"
    )

    _, dialogue = play(
        steps, lambda text: [Hangup()] if "bye" in text else [say("I am an AI " * 5, interruptible=False)]
    )

    assert dialogue.spoken[0][2] is False
    assert [text for text, _, _ in dialogue.utterances] == ["hello", "stop that", "bye"]


def test_a_backchannel_interrupts_nothing_and_is_no_turn() -> None:
    steps = "respondent: {steps: [{say: hello}, {backchannel: mm-hm}, {when: ten, say: bye}]}"

    simulation, dialogue = play(steps, answers(hello="one two three four five six seven eight nine ten"))

    assert dialogue.spoken[0][2] is False
    assert [text for text, _, _ in dialogue.utterances] == ["hello", "bye"]
    assert simulation.notes == ()


def test_channel_events_reach_the_dialogue_in_order() -> None:
    steps = 'respondent: {steps: [{music_ms: 2000}, {beep: true}, {dtmf: "12"}, {wait_ms: 500, hang_up: true}]}'

    _, dialogue = play(steps, answers())

    assert [command for _, command in dialogue.commands] == [
        Music(playing=True),
        Music(playing=False),
        Beep(),
        Dtmf(digit="1"),
        Dtmf(digit="2"),
        HungUp(),
    ]


def test_keys_of_the_engine_reach_the_menu() -> None:
    steps = 'respondent: {steps: [{say: press 2}, {expect_dtmf: "2", say: thanks}, {when: bye, hang_up: true}]}'

    simulation, _ = play(
        steps, lambda text: [SendDtmf(digits="2")] if "press" in text else [say("bye")] if text else []
    )

    assert simulation.notes == ()


def test_silence_is_reported_from_the_end_of_speech_on_and_counted() -> None:
    steps = "respondent: {steps: [{say: hello}, {wait_ms: 20000, hang_up: true}]}"

    _, dialogue = play(steps, answers(hello="a table please"))

    silences = [(at, command) for at, command in dialogue.commands if isinstance(command, Silence)]
    assert [command.count for _, command in silences] == [1, 2]
    reply_end_ms = 333 + 700 + 250 + 933
    assert silences[0][0] == pytest.approx(reply_end_ms + 7000, abs=100)


def test_a_wait_with_a_check_in_wakes_the_dialogue_instead() -> None:
    steps = "respondent: {steps: [{say: hold please}, {music_ms: 200000, hang_up: true}]}"

    _, dialogue = play(steps, lambda text: [Wait(on_hold=True, check_in_ms=90_000)] if text else [])

    silences = [command for _, command in dialogue.commands if isinstance(command, Silence)]
    assert [(s.silent_ms, s.count) for s in silences] == [(90_000, 1), (90_000, 2)]


def test_tools_are_used_and_answered_before_the_reply() -> None:
    class Facts:
        async def search(self, query: str, *, limit: int = 3) -> list[Passage]:
            return [Passage(key="k", text=f"about {query}", score=1.0)]

    def on_command(command: Command) -> list[Action]:
        return [say(command.value[0]["text"])] if isinstance(command, ToolResult) else []

    steps = "respondent: {steps: [{say: question}, {when: about parking, say: bye}]}"
    simulation, _ = play(
        steps,
        lambda text: (
            [UseTool(id="1", tool="knowledge.search", args={"query": "parking"})]
            if "question" in text
            else [Hangup()]
            if text
            else []
        ),
        on_command,
        knowledge=Facts(),
    )

    assert simulation.notes == ()


def test_a_transfer_ends_the_engines_part() -> None:
    simulation, dialogue = play(
        "respondent: {steps: [{say: a human please}]}",
        lambda text: [say("one moment"), Transfer(target="x")] * bool(text),
    )

    assert dialogue.spoken == [("one moment", "one moment", False)]
    assert HungUp() not in [command for _, command in dialogue.commands]
    assert simulation.notes == ()


@pytest.mark.parametrize(
    ("line", "status"),
    [("busy", "busy"), ("no_answer", "no_answer"), ("failed", "failed")],
)
def test_a_line_that_does_not_answer_gives_its_status_and_no_conversation(line: str, status: str) -> None:
    rest = f"line: {{answer: {line}}}\nexpect: {{status: {status}, agreed: null}}\n"

    simulation = asyncio.run(simulate_text(scenario(rest)))

    assert simulation.passed
    assert simulation.result["turns"] == []


def test_failed_expectations_are_named() -> None:
    rest = """\
respondent: {steps: [{say: hello, within_ms: 100}, {wait_ms: 5000, hang_up: true}]}
expect: {status: failed, said: [chair], not_said: [table], confirmation: "7"}
"""
    simulation, _ = play(rest, answers(hello="a table please"))

    kinds = [re.split(r"[:\s]", failure)[0] for failure in simulation.failures]
    assert kinds == ["within_ms", "status", "confirmation", "said", "not_said"]


def test_a_call_that_nobody_ends_is_ended_by_its_limits() -> None:
    def on_command(command: Command) -> list[Action]:
        return []

    simulation, _ = play("respondent: {steps: [{say: hello}]}", answers(), on_command)

    assert simulation.result["disposition"] == "max_duration"
    assert simulation.result["duration_seconds"] < 400
