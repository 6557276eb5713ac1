"""What the turn machine remembers: utterances, the caller's turn they make up, and the reply that is on."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Utterance:
    """One run of speech with its pauses, as far as the recognizer was fed with it. Media times in ms."""

    id: int
    start_ms: int
    end_ms: int
    """End of its last voiced frame."""
    voiced_ms: int = 0
    level_sum: float = 0.0
    open: bool = True
    text: str = ""
    text_until_ms: int = -1
    sureness: float | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    asked_until_ms: int = -1
    asked_at_ms: float = 0.0
    final_at_ms: float | None = None
    settled: bool = False
    """Its text will not change: the final answer came, or is no longer waited for."""
    over_reply: bool = False
    """It began while the engine had the floor."""
    early: bool = False
    """It began before that reply's first audio."""
    broken: bool = False
    """It went on after a pause that is longer than those inside words."""
    runs: list[tuple[int, int]] = field(default_factory=list)
    """(start_ms, end_ms) of its runs of speech that such a pause ended."""
    run_ms: int = -1
    """Start of the run that goes on; -1: it is the first."""

    @property
    def known(self) -> bool:
        """Whether the text covers all its speech."""
        return self.settled or self.text_until_ms >= self.end_ms

    @property
    def asked(self) -> bool:
        """Whether a requested decode covers, or will cover, all its speech."""
        return self.asked_until_ms >= self.end_ms

    @property
    def speech(self) -> tuple[tuple[int, int], ...]:
        """(start_ms, end_ms) of all its runs of speech."""
        return (*self.runs, (self.start_ms if self.run_ms < 0 else self.run_ms, self.end_ms))

    @property
    def level_dbfs(self) -> float:
        """Mean level of its voiced frames."""
        return self.level_sum * 20 / self.voiced_ms if self.voiced_ms else -96.0


@dataclass(slots=True)
class Turn:
    """The caller's hold of the floor, one or more utterances."""

    utterances: list[Utterance] = field(default_factory=list)
    wait_ms: float = 0.0
    """Silence that ends it, by the newest text."""
    prepared: str | None = None
    """The text for which a reply was last prepared."""
    forced: bool = False
    """It ends as soon as its text is known, whatever the silence."""

    @property
    def start_ms(self) -> int:
        """When it began."""
        return self.utterances[0].start_ms

    @property
    def end_ms(self) -> int:
        """End of its last speech."""
        return self.utterances[-1].end_ms

    @property
    def text(self) -> str:
        """Its utterances' texts, joined."""
        return " ".join(utterance.text for utterance in self.utterances if utterance.text)

    @property
    def voiced_ms(self) -> int:
        """Speech in it, pauses left out."""
        return sum(utterance.voiced_ms for utterance in self.utterances)

    def spans(self) -> tuple[tuple[int, int, str], ...]:
        """(start_ms, end_ms, text) of each utterance that had words."""
        return tuple((u.start_ms, u.end_ms, u.text) for u in self.utterances if u.text)

    def find(self, utterance_id: int) -> Utterance | None:
        """The utterance of that number, if it is part of this turn."""
        return next((u for u in self.utterances if u.id == utterance_id), None)


@dataclass(slots=True)
class LiveReply:
    """A StartReply that has not been answered by its ReplyEnded."""

    id: int
    turn: Turn | None
    """What it answers; None when the engine speaks unasked."""
    decided_ms: int
    audible_ms: int | None = None
    held: bool = False
    clearing: bool = False
    cut: bool = False
    forced: bool = False
    """It interrupts a caller who talks too long: their going on is no barge-in until they have paused."""
