"""One reply's audio on its way out: its clauses, what is unsent, what was sent, marked and played."""

from dataclasses import dataclass

from .model import BYTES_PER_MS, PlayoutSettings
from .timeline import Timeline
from .words import heard_words, leading_quiet, spoken_weight, trailing_quiet

SOUND_BYTES = 70 * BYTES_PER_MS
"""A sound's length where no finished clause has shown the voice's pace (about 14 sounds a second)."""
KEPT_BYTES = 1000 * BYTES_PER_MS
"""Sent audio kept for sending it again on another stream: what is sent ahead, and the way there."""
MOST_MERGED_MS = 60
"""A remainder up to this long goes with the slice before it: tiny messages play choppily."""


@dataclass(slots=True)
class Clause:
    """A stretch of text and its bytes [`start`, `end`); `end` is None while more of it may come."""

    text: str
    start: int
    end: int | None = None
    lead: int = 0
    trail: int = 0
    sounded: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """The next audio to send, and whether a mark belongs after it."""

    payload: bytes
    marked: bool


class Reply:
    """The state of one epoch. Positions are bytes from the start of the reply."""

    __slots__ = (
        "_recent",
        "_unsent",
        "acked",
        "clauses",
        "finished",
        "first_mark",
        "held",
        "marked",
        "marks",
        "opened_ms",
        "sent",
        "timeline",
        "total",
    )

    def __init__(self, opened_ms: float) -> None:
        self.opened_ms = opened_ms
        self.clauses: list[Clause] = []
        self.timeline = Timeline()
        self.marks: list[tuple[int, float]] = []
        """(position, modelled time) of each mark sent."""
        self.first_mark = 0
        """Marks before this index belong to a stream that is gone."""
        self.marked = 0
        """Position of the last mark."""
        self.total = 0
        self.sent = 0
        self.acked = 0
        self.finished = False
        self.held = False
        self._unsent = bytearray()
        self._recent = bytearray()

    def append(self, text: str, mulaw: bytes) -> None:
        """Queue audio; a text starts a new clause."""
        if text or not self.clauses:
            self._end_clause()
            self.clauses.append(Clause(text, self.total))
        clause = self.clauses[-1]
        if not clause.sounded:
            quiet = leading_quiet(mulaw)
            clause.lead += quiet
            clause.sounded = quiet < len(mulaw)
        quiet = trailing_quiet(mulaw)
        clause.trail = quiet if quiet < len(mulaw) else clause.trail + quiet
        self.total += len(mulaw)
        self._unsent += mulaw

    def finish(self) -> None:
        """No more audio will come."""
        self._end_clause()
        self.finished = True

    def _end_clause(self) -> None:
        if self.clauses:
            self.clauses[-1].end = self.total

    def drop_unsent(self) -> None:
        """Forget what was not sent."""
        self._unsent.clear()
        self._recent.clear()

    @property
    def all_sent(self) -> bool:
        """Whether the reply is complete and handed over."""
        return self.finished and not self._unsent

    def next_slice(self, settings: PlayoutSettings) -> tuple[int, float] | None:
        """(bytes of the next slice, most ms ahead of playback at which it may be sent); None: nothing to send.

        A short remainder of a clause of which more may come waits until little is ahead.
        """
        end = self._sendable_end()
        ready, wanted = end - self.sent, settings.slice_ms * BYTES_PER_MS
        if not ready:
            return None
        closed = end < self.total or self.clauses[-1].end is not None
        size = ready if closed and ready <= wanted + MOST_MERGED_MS * BYTES_PER_MS else min(ready, wanted)
        most_ahead_ms = settings.ahead_ms - size / BYTES_PER_MS
        if size < wanted and not closed:
            most_ahead_ms = min(most_ahead_ms, settings.reserve_ms)
        return size, most_ahead_ms

    def take(self, settings: PlayoutSettings, size: int) -> Slice:
        """Cut off the next slice, of the size that `next_slice` gave."""
        ends_clause = any(clause.end == self.sent + size for clause in self.clauses)
        payload = bytes(self._unsent[:size])
        del self._unsent[:size]
        self._recent += payload
        del self._recent[:-KEPT_BYTES]
        self.sent += size
        due = self.sent - self.marked >= settings.mark_every_ms * BYTES_PER_MS
        return Slice(payload, due or ends_clause)

    def mark(self) -> int:
        """Note a mark after all that was sent; its index."""
        self.marks.append((self.sent, self.timeline.ends_ms))
        self.marked = self.sent
        return len(self.marks) - 1

    def rewind(self, at_ms: float) -> None:
        """What was sent and not heard by `at_ms` (lag taken off) is lost with its stream: send it again."""
        lost = min(self.sent - self.position(at_ms), len(self._recent))
        if lost > 0:
            self._unsent[:0] = self._recent[-lost:]
            del self._recent[-lost:]
            self.sent -= lost
        self.timeline.cut(self.sent)
        self.marked = min(self.marked, self.sent)
        self.first_mark = len(self.marks)

    def _sendable_end(self) -> int:
        for clause in self.clauses:
            if clause.end is not None and clause.end > self.sent:
                return clause.end
        return self.total

    def position(self, at_ms: float) -> int:
        """Bytes heard at `at_ms` (lag taken off): by the clock, and never less than the marks say."""
        return max(self.acked, self.timeline.position(at_ms))

    def heard_text(self, position: int) -> str:
        """The words heard when `position` bytes have been played."""
        texts = []
        for clause in self.clauses:
            if position <= clause.start and clause.start < self.total:
                break
            texts.append(heard_words(clause.text, self._fraction(clause, position)))
        return " ".join(text for text in texts if text)

    def _fraction(self, clause: Clause, position: int) -> float:
        if clause.end is None:
            speech = max(self._expected_bytes(clause.text), self.total - clause.start - clause.lead - clause.trail)
        else:
            speech = clause.end - clause.start - clause.lead - clause.trail
        if speech <= 0:
            return 1.0 if clause.end is not None and position >= clause.end else 0.0
        return max(0.0, (position - clause.start - clause.lead) / speech)

    def _expected_bytes(self, text: str) -> float:
        """Length of a clause not yet fully synthesized, from the pace of the finished ones."""
        done = [c for c in self.clauses if c.end is not None and c.text]
        sounds = sum(sum(map(spoken_weight, c.text.split())) for c in done)
        spoken = sum((c.end or 0) - c.start - c.lead - c.trail for c in done)
        pace = spoken / sounds if sounds and spoken else SOUND_BYTES
        return pace * sum(map(spoken_weight, text.split()))
