"""What answers instead of a person: a phone menu, a mailbox, a screening service. None of them is talked into."""

import re

from voice_engine.core.dialogue.commands import (
    Greeting,
    Hold,
    Menu,
    Refuse,
    Screening,
    VoicemailGreeting,
    WhoIsCalling,
)
from voice_engine.core.dialogue.menus import answer_menu
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.state import DialogueState, Phase
from voice_engine.core.dialogue.turn import Turn

AFTER_GREETING_MS = 1_500
"""A mailbox that falls silent this long after its greeting has no beep to wait for."""
AFTER_BEEP_MS = 1_200
"""A tone that nothing follows is a mailbox's too; the words before it may still be on their way."""
AFTER_SCREENING_MS = 10_000
"""A person whom a screening service asks needs a while to pick up."""
EARLY_TURNS = 2
"""A mailbox reveals itself by its second utterance at the latest."""
_MAILBOX = re.compile(
    r"message|beep|tone|mailbox|voice ?mail|record|mensaje|tono|se[ñn]al|buz[oó]n|contestador|grab", re.IGNORECASE
)
"""A person may say "I cannot take your call now" as a machine does; only a machine asks for a message after it."""


def silent_machine(state: DialogueState) -> bool:
    """Whether a silence is a mailbox's that records: the carrier heard a machine, and nobody has talked with us."""
    return state.machine_heard and state.turns <= EARLY_TURNS and not state.agreed


class MachinePolicy:
    """The part of an outbound call that no person hears, but for the message that is left."""

    def asked(self, turn: Turn) -> dict[str, object]:
        """The purpose of the call, for `{asked}`."""
        return brief_of(turn).booking(turn.state.agreed, with_name=False)

    def asked_briefly(self, turn: Turn) -> dict[str, object]:
        """The purpose without date and time, for a mailbox: the message lasts at most 15 s."""
        values = brief_of(turn).booking({}, with_name=False)
        return {key: value for key, value in values.items() if key not in {"date", "time", "seating", "check_out"}}

    def machine(self, turn: Turn) -> bool:
        """Deal with a menu, a mailbox or a screening service; whether there was one."""
        menu = turn.find(Menu)
        if menu is not None:
            turn.change(opened=False)
            answer_menu(turn, menu)
            return True
        if turn.has(VoicemailGreeting) and turn.state.opened and not _MAILBOX.search(turn.text):
            turn.commands = (Refuse(reason="call_later", callback=turn.text.strip(" .")),)
            return False
        if turn.has(VoicemailGreeting):
            turn.change(phase=Phase.VOICEMAIL, asked=None)
            if turn.state.beeped:
                self.leave_message(turn)
            else:
                turn.wait(check_in_ms=AFTER_GREETING_MS)
            return True
        if turn.state.phase is Phase.VOICEMAIL:
            return self._after_voicemail_greeting(turn)
        if turn.has(Screening):
            turn.say("who_and_why", owner=brief_of(turn).owner, asked=self.asked(turn))
            turn.change(opened=False)
            turn.wait(check_in_ms=AFTER_SCREENING_MS)
            return True
        return False

    def _after_voicemail_greeting(self, turn: Turn) -> bool:
        """The greeting goes on, or a person picked up after all."""
        if turn.has(Greeting, WhoIsCalling, Hold):
            turn.change(phase=Phase.DETECT)
            return False
        turn.wait(check_in_ms=AFTER_GREETING_MS)
        return True

    def leave_message(self, turn: Turn) -> None:
        """At most 15 s of message, then hang up."""
        brief = brief_of(turn)
        turn.say(
            "voicemail",
            owner=brief.owner,
            asked=self.asked_briefly(turn),
            call_back=brief.slots.get("phone"),
            interruptible=False,
        )
        turn.hang_up("voicemail")

    def beep(self, turn: Turn) -> None:
        """A tone after a mailbox's greeting starts our message; one before its words are known waits for them."""
        if turn.state.phase is Phase.VOICEMAIL:
            self.leave_message(turn)
        elif turn.state.turns <= EARLY_TURNS and not turn.state.agreed:
            turn.change(beeped=True)
            turn.wait(check_in_ms=AFTER_BEEP_MS)
