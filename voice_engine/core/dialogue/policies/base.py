"""What a policy is: a step from understood commands to actions, all memory in the turn's state."""

from typing import Protocol

from voice_engine.core.dialogue.brief import Brief
from voice_engine.core.dialogue.commands import TimeLimit
from voice_engine.core.dialogue.turn import Turn


class Policy(Protocol):
    """Leads one kind of call. Instances hold no state."""

    def open(self, turn: Turn) -> None:
        """The line is up."""
        ...

    def step(self, turn: Turn) -> None:
        """The other party said something, or a channel event arrived."""
        ...


def end_again(turn: Turn) -> None:
    """The line is still up although the call was ended: the farewell was lost, so hang up now.

    Whoever was put through talks on, until a limit of the call ends it.
    """
    if turn.state.end == "transferred" and turn.has(TimeLimit):
        turn.say("time_limit", interruptible=False)
        turn.hang_up("transferred")
    elif turn.commands and turn.text and turn.state.end != "transferred":
        turn.say("goodbye", interruptible=False)
        turn.hang_up("completed")


def brief_of(turn: Turn) -> Brief:
    """The owner's brief: every outbound call has one."""
    assert turn.brief is not None, "an outbound policy needs a brief"
    return turn.brief
