"""The transcript under construction: human and engine turns in order, with what was heard."""

from dataclasses import replace

from voice_engine.ports.call import TranscriptTurn, TurnLatency


class Transcript:
    """Turns by index; an index given out stays valid unless its turn is withdrawn (always the newest)."""

    def __init__(self, turns: tuple[TranscriptTurn, ...] = ()) -> None:
        self._turns: list[TranscriptTurn] = list(turns)

    def __len__(self) -> int:
        return len(self._turns)

    @property
    def turns(self) -> tuple[TranscriptTurn, ...]:
        """All turns so far."""
        return tuple(self._turns)

    def add_human(self, text: str, *, start_ms: int, end_ms: int, agent: bool = False) -> int:
        """Append what the other party said, or a human of ours (`agent`); returns its index."""
        index = len(self._turns)
        self._turns.append(
            TranscriptTurn(index=index, speaker="HUMAN", text=text, start_ms=start_ms, end_ms=end_ms, agent=agent)
        )
        return index

    def add_engine(self, text: str, *, start_ms: int) -> int:
        """Append a reply as it starts; returns its index."""
        index = len(self._turns)
        turn = TranscriptTurn(
            index=index, speaker="AI", text=text, start_ms=start_ms, end_ms=start_ms, heard_text=""
        )
        self._turns.append(turn)
        return index

    def extend_engine(self, index: int, text: str) -> None:
        """A further clause of the same reply."""
        turn = self._turns[index]
        self._turns[index] = replace(turn, text=f"{turn.text} {text}".strip())

    def started(self, index: int, *, start_ms: int, latency: TurnLatency | None) -> None:
        """The reply's first audio went out."""
        turn = self._turns[index]
        self._turns[index] = replace(turn, start_ms=start_ms, end_ms=max(start_ms, turn.end_ms), latency=latency)

    def ended(self, index: int, *, end_ms: int, heard: str, interrupted: bool) -> None:
        """The reply was played or cleared."""
        turn = self._turns[index]
        self._turns[index] = replace(
            turn, end_ms=max(end_ms, turn.start_ms), heard_text=heard, interrupted=interrupted
        )

    def withdraw_from(self, index: int) -> None:
        """Forget the turns from `index` on: the human went on talking before a word of the reply was heard."""
        del self._turns[index:]
