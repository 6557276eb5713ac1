"""One reply of the engine from floor to last mark: its text, its latency, how it ended."""

import asyncio
from typing import Literal

from voice_engine.core.turns.effects import StartReply
from voice_engine.ports.call import TurnLatency
from voice_engine.runtime.brain import Dialogue

Ended = Literal["played", "cleared", "failed"]


class Reply:
    """Mutable record, owned by the session's one task and its receive path (same thread)."""

    def __init__(self, order: StartReply, before: Dialogue, human_turn: int | None) -> None:
        self.order = order
        self.before = before
        """The conversation as it was, for a reply that is withdrawn before a word of it is heard."""
        self.human_turn = human_turn
        self.engine_turn: int | None = None
        self.clauses: list[str] = []
        self.interruptible = True
        self.lasting = False
        """A tool with an effect outside ran: the reply cannot be undone any more."""
        self.task: asyncio.Task[None] | None = None
        self.ended: Ended | None = None
        self.over = asyncio.Event()
        self.audible = False
        self.taken_ms = 0.0
        self.first_clause_ms: float | None = None
        self.first_audio_ms: float | None = None
        self.policy_ms = 0.0
        self.llm_ms = 0.0

    @property
    def id(self) -> int:
        """The reply's epoch."""
        return self.order.reply_id

    @property
    def text(self) -> str:
        """All that was generated so far."""
        return " ".join(self.clauses)

    @property
    def undoable(self) -> bool:
        """Whether the conversation may be put back to before this reply."""
        return self.order.text is not None and not self.audible and not self.lasting

    def latency(self, *, started_media_ms: int, sent_media_ms: int) -> TurnLatency | None:
        """Where the response time went; None when the engine spoke unasked.

        `started_media_ms`: when the reply was ordered; `sent_media_ms`: when its first audio was handed over.
        """
        if self.order.text is None:
            return None
        total = max(0.0, sent_media_ms - self.order.end_ms)
        endpointing = max(0.0, self.order.decided_ms - self.order.end_ms)
        stt = max(0.0, started_media_ms - self.order.decided_ms)
        tts = 0.0
        if self.first_clause_ms is not None and self.first_audio_ms is not None:
            tts = max(0.0, self.first_audio_ms - self.first_clause_ms)
        rest = max(0.0, total - endpointing - stt - tts - self.policy_ms - self.llm_ms)
        return TurnLatency(
            endpointing=round(endpointing, 1),
            stt=round(stt, 1),
            policy=round(self.policy_ms, 2),
            llm=round(self.llm_ms, 1),
            tts=round(tts, 1),
            engine=round(rest, 1),
            total=round(total, 1),
        )
