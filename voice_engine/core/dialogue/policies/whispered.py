"""A whisper carried out: what its owner wants is done, or said in the engine's own turn; nobody hears the whisper.

Nothing is said while nobody listens (before the opening, on hold, in a menu): the sentence waits for the engine's
next turn, except that what was wished counts at once. After a note or a question of the owner's the open question
is put again, so that no answer to the one is taken for an answer to the other.
"""

from typing import assert_never

from voice_engine.core.dialogue.commands import (
    AreYouRobot,
    AskSlot,
    DeclineRecording,
    Goodbye,
    Hold,
    OptOut,
    Repeat,
    Spell,
    WhoIsCalling,
    WrongNumber,
)
from voice_engine.core.dialogue.policies.base import Policy
from voice_engine.core.dialogue.state import DialogueState, Phase
from voice_engine.core.dialogue.turn import Turn
from voice_engine.core.dialogue.whisper import (
    Ask,
    EndCall,
    Heed,
    Instruction,
    Note,
    Request,
    TakeOffer,
    Tell,
    TurnDown,
    Wish,
)

_NO_ANSWER = (
    Repeat, Spell, Hold, OptOut, WrongNumber, AreYouRobot, WhoIsCalling, DeclineRecording, AskSlot, Goodbye,
)  # fmt: skip
"""What may follow a question and answers nothing: the policy deals with it, the question stays open."""
_CLOSES = (OptOut, WrongNumber, Goodbye)


def listening(turn: Turn) -> bool:
    """Whether this is the moment to say something: somebody is there, and they are not speaking."""
    return turn.may_speak and someone_listens(turn.state)


def someone_listens(state: DialogueState) -> bool:
    """Whether somebody is there who would hear what is said."""
    waits = state.on_hold or state.listening_to_menu or state.transferring is not None
    return state.opened and not waits and state.phase not in {Phase.VOICEMAIL, Phase.ENDED}


def carry_out(policy: Policy, turn: Turn, instruction: Instruction, text: str) -> None:
    """Do what `text`, which was read as `instruction`, asks for: now, or in the engine's next turn."""
    if isinstance(instruction, EndCall):
        if someone_listens(turn.state):
            turn.say("goodbye", interruptible=False)
        turn.hang_up("completed")
    elif isinstance(instruction, Heed):
        pass  # It is in the history, where a model reads it.
    elif isinstance(instruction, Wish | TakeOffer | TurnDown):
        if not policy.instructed(turn, instruction):
            _say_or_keep(policy, turn, Note(text=text), text)
    else:
        _say_or_keep(policy, turn, instruction, text)


def _say_or_keep(policy: Policy, turn: Turn, instruction: Ask | Request | Tell | Note, text: str) -> None:
    if not listening(turn):
        turn.change(whispers=(*turn.state.whispers, text))
        return
    match instruction:
        case Ask(question=question):
            turn.say("whisper_ask", question=question)
            turn.change(aside=question)
        case Request(what=what):
            turn.say("whisper_request", thing=what)
            turn.change(aside=what)
        case Tell(text=told):
            turn.say("whisper_tell", sender=policy.sender(turn), text=told)
            policy.resume(turn)
        case Note(text=note):
            turn.say("whisper_note", sender=policy.sender(turn), text=note)
            policy.resume(turn)
        case _:
            assert_never(instruction)


def take_answer(policy: Policy, turn: Turn) -> bool:
    """Take what they say as the answer to the owner's question; False: it is none, or none is open."""
    question = turn.state.aside
    if question is None or not turn.text:
        return False
    if turn.has(*_NO_ANSWER):
        if turn.has(*_CLOSES):
            turn.change(aside=None)
        return False
    turn.note(question)
    turn.change(aside=None, misunderstood=0, silences=0, repeats=0)
    turn.say("whisper_thanks")
    policy.resume(turn)
    return True


def hand_back(policy: Policy, turn: Turn) -> None:
    """The human is gone: apologise, and lead on from what stands."""
    state = turn.state
    if state.do_not_call_quote is not None:
        turn.say("opted_out", interruptible=False)
        turn.hang_up("opted_out")
        return
    if state.phase is Phase.ENDED:
        turn.change(phase=Phase.CLOSE)  # The farewell was overtaken by the human: there is time for another.
    if state.on_hold:
        turn.wait(on_hold=True)
        return
    turn.change(silences=0, misunderstood=0, listening_to_menu=False)
    turn.say("handed_back")
    policy.resume(turn)
