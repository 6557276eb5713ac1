"""What a policy is: a step from understood commands to actions, all memory in the turn's state."""

from typing import Protocol

from voice_engine.core.dialogue.brief import Brief
from voice_engine.core.dialogue.commands import DeclineRecording, OptOut, TimeLimit
from voice_engine.core.dialogue.turn import Turn
from voice_engine.core.dialogue.whisper import TakeOffer, TurnDown, Wish


class Policy(Protocol):
    """Leads one kind of call. Instances hold no state."""

    def open(self, turn: Turn) -> None:
        """The line is up."""
        ...

    def step(self, turn: Turn) -> None:
        """The other party said something, or a channel event arrived."""
        ...

    def resume(self, turn: Turn) -> None:
        """Lead on from what stands: put the open question again, or begin."""
        ...

    def instructed(self, turn: Turn, instruction: TakeOffer | TurnDown | Wish) -> bool:
        """Do what the call's owner wants with an offer or a value; False: there is nothing to do that to."""
        ...

    def overheard(self, turn: Turn) -> None:
        """The other party said this to a human of ours: what was settled stands, nothing is answered."""
        ...

    def sender(self, turn: Turn) -> str:
        """In whose name a note is passed on."""
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


def keep_promises(turn: Turn) -> None:
    """Note of an utterance that a human of ours answered what binds us all the same."""
    opt_out = turn.find(OptOut)
    if opt_out is not None:
        turn.change(do_not_call_quote=opt_out.quote)
        turn.prove("do_not_call")
    if turn.has(DeclineRecording) and not turn.state.recording_declined:
        turn.change(recording_declined=True)
        turn.stop_recording()


def brief_of(turn: Turn) -> Brief:
    """The owner's brief: every outbound call has one."""
    assert turn.brief is not None, "an outbound policy needs a brief"
    return turn.brief
