"""Putting a caller through: to a configured target by name, ringing first; nobody there: the desk goes on.

asked ─▶ Transfer, transferring ─▶ TransferEnded ─▶ connected: the call is theirs
                 │                       └──▶ error: say so, offer a message; all that was agreed stands
                 └ goodbye, "take a message" ─▶ CancelTransfer, and on as ever
"""

from voice_engine.core.dialogue.actions import CancelTransfer, Transfer
from voice_engine.core.dialogue.commands import (
    AskTransfer,
    Goodbye,
    HungUp,
    LeaveMessage,
    OptOut,
    TimeLimit,
    ToolResult,
    TransferBegun,
    TransferEnded,
)
from voice_engine.core.dialogue.policies.desk import (
    asks_for_target,
    assistant_of,
    find_target,
    offer_message,
)
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.core.dialogue.turn import Turn

_HANDLED_AS_EVER = (HungUp, TimeLimit, ToolResult)


def begin(turn: Turn) -> bool:
    """Put them through if they ask for it; whether they did."""
    targets = assistant_of(turn).transfer_targets
    wish = turn.find(AskTransfer)
    if wish is None and not asks_for_target(targets, turn.text):
        return False
    target = find_target(targets, wish.target if wish is not None else None, turn.text)
    if target is None:
        turn.change_desk(unserved="transfer")
        turn.say("nobody_to_transfer")
        turn.ask(Asked.MESSAGE_OFFER)
        return True
    turn.say("transferring", target=target, interruptible=False)
    turn.change(transferring=target, asked=None)
    turn.actions.append(Transfer(target=target))
    return True


def step(turn: Turn) -> bool:
    """Follow the ringing; False: what came has nothing to do with it, or ends it."""
    begun, ended = turn.find(TransferBegun), turn.find(TransferEnded)
    if begun is not None:
        turn.change(transferring=begun.target, asked=None)
        return True
    if ended is not None:
        _over(turn, ended)
        return True
    if turn.state.transferring is None:
        return False
    if turn.has(HungUp):
        turn.change_desk(unserved="transfer")
    if turn.has(*_HANDLED_AS_EVER):
        return False
    if turn.has(LeaveMessage, Goodbye, OptOut):
        turn.change(transferring=None)
        turn.actions.append(CancelTransfer())
        return False
    if turn.text:
        turn.say("still_connecting")
    return True


def _over(turn: Turn, ended: TransferEnded) -> None:
    if ended.error is None:
        turn.change(
            transferring=None, transferred_to=ended.target, end="transferred", phase=Phase.ENDED, asked=None
        )
        turn.change_desk(served=True, unserved=None)
    elif turn.state.transferring is not None:
        turn.change(transferring=None)
        turn.change_desk(unserved="transfer")
        offer_message(turn, "transfer_busy" if ended.error == "busy" else "transfer_unanswered")
