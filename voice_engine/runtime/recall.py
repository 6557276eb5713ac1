"""What a call knows when its session begins: nothing, or what the journal kept of it."""

from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.core.turns.machine import TurnMachine
from voice_engine.core.turns.settings import TurnSettings
from voice_engine.ports.call import CallSpec, TranscriptTurn
from voice_engine.runtime.closing import turns_from
from voice_engine.runtime.journal import JournalEntry


def recall(
    spec: CallSpec, turns: TurnSettings, entry: JournalEntry | None
) -> tuple[Conversation, TurnMachine, tuple[TranscriptTurn, ...]]:
    """The dialogue, the turn-taking and the transcript to go on with."""
    if entry is None:
        return Conversation(spec), TurnMachine(turns, spec.language), ()
    return (
        Conversation.restore(spec, entry.conversation),
        TurnMachine.restore(turns, spec.language, entry.turn_taking),
        turns_from(entry),
    )
