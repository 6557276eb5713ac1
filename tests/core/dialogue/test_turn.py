"""The workspace of one step."""

import datetime as dt

from tests.core.dialogue.talk import SATURDAY, outbound_spec
from voice_engine.core.dialogue.actions import Hangup, Say
from voice_engine.core.dialogue.commands import Greeting, No, Yes
from voice_engine.core.dialogue.render.renderer import Renderer
from voice_engine.core.dialogue.state import DialogueState, Phase
from voice_engine.core.dialogue.turn import Turn
from voice_engine.ports.call import Evidence

HERE = Evidence(turn=4, start_ms=1000, end_ms=2000)


def turn(state: DialogueState | None = None, *, evidence: Evidence | None = HERE) -> Turn:
    return Turn(
        state or DialogueState(),
        spec=outbound_spec(),
        brief=None,
        renderer=Renderer("en"),
        commands=(Yes(), Greeting(), Yes()),
        text="yes hello",
        evidence=evidence,
    )


def test_commands_are_found_by_kind() -> None:
    step = turn()

    assert step.find(Greeting) == Greeting()
    assert step.find(No) is None
    assert len(step.all(Yes)) == 2
    assert step.has(No, Yes)
    assert not step.only(Yes)
    assert step.today == dt.date(2026, 2, 13)


def test_only_a_new_value_moves_its_evidence() -> None:
    first = turn()
    first.agree(date=SATURDAY, time=None)
    later = turn(first.state, evidence=Evidence(turn=8, start_ms=0, end_ms=1))
    later.agree(date=SATURDAY)

    assert later.state.agreed == {"date": SATURDAY}
    assert later.state.evidence["date"] == HERE


def test_a_channel_event_is_no_evidence() -> None:
    step = turn(evidence=None)
    step.agree(date=SATURDAY)
    step.note("offer")

    assert step.state.evidence == {}
    assert step.state.heard == ()


def test_the_first_reason_to_hang_up_stands() -> None:
    step = turn()
    step.hang_up("opted_out")
    step.hang_up("completed")

    assert step.state.end == "opted_out"
    assert step.ended
    assert step.actions == [Hangup(), Hangup()]


def test_what_was_said_is_remembered_and_a_silent_step_forgets_nothing() -> None:
    step = turn()
    step.say("go_on")
    step.finish()
    silent = turn(step.state)
    silent.wait()
    silent.finish()

    said = [action for action in step.actions if isinstance(action, Say)]
    assert silent.state.last_said == (("go_on", said[0].text),)


def test_closing_leaves_no_question_open() -> None:
    step = turn()
    step.close()

    assert step.state.phase is Phase.CLOSE
    assert step.state.asked is None
