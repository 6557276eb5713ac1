"""A carrier for playout tests: a playback buffer `delay_ms` away that echoes marks when their audio has played.

It is stepped in 10 ms and shares nothing with the ledger's own model of playback.
"""

from collections import deque
from collections.abc import Sequence

from voice_engine.core.playout.ledger import Played, Playout, PlayoutOutput, SendClear, SendMark, SendMedia

STEP_MS = 10


class Carrier:
    """Plays what `Playout.step` sends. `stall` makes it pause for a while."""

    def __init__(self, *, delay_ms: int = 0, loses_marks: bool = False) -> None:
        self.delay_ms = delay_ms
        self.loses_marks = loses_marks
        self.clears = 0
        self.gaps = 0
        self.most_ahead_ms = 0.0
        self.now_ms = 0
        self._on_the_way: deque[tuple[float, PlayoutOutput]] = deque()
        self._buffer: deque[SendMark | list[int]] = deque()
        self._echoes: deque[tuple[float, str]] = deque()
        self._sent: dict[int, int] = {}
        self._played: dict[int, int] = {}
        self._acked: dict[int, float] = {}
        self._mark_at: dict[str, float] = {}
        self._stalled_until_ms = -1
        self.payloads: dict[int, bytes] = {}

    def stall(self, until_ms: int) -> None:
        """Play nothing until then."""
        self._stalled_until_ms = until_ms

    def run(self, playout: Playout, until_ms: int) -> list[Played]:
        """Step carrier and playout until `until_ms`; the replies that counted as played meanwhile."""
        played: list[Played] = []
        while self.now_ms <= until_ms:
            now_ms = float(self.now_ms)
            due_ms = playout.next_due_ms(now_ms)
            if due_ms is not None and due_ms <= now_ms:
                outputs = playout.step(now_ms)
                played += [output for output in outputs if isinstance(output, Played)]
                self.take([output for output in outputs if not isinstance(output, Played)], now_ms)
            self._arrive()
            while self._echoes and self._echoes[0][0] <= now_ms:
                name = self._echoes.popleft()[1]
                epoch = int(name[1:].partition(":")[0])
                self._acked[epoch] = max(self._acked.get(epoch, 0.0), self._mark_at[name])
                played += playout.on_mark(name, now_ms)
            if self.now_ms < until_ms:
                self._play()
            self.now_ms += STEP_MS
        self.now_ms = until_ms
        return played

    def take(self, outputs: Sequence[PlayoutOutput], now_ms: float) -> None:
        """Messages handed to the socket at `now_ms`."""
        for output in outputs:
            self._on_the_way.append((now_ms + self.delay_ms, output))
            if isinstance(output, SendMedia):
                self._sent[output.epoch] = self._sent.get(output.epoch, 0) + len(output.payload)
                self.payloads[output.epoch] = self.payloads.get(output.epoch, b"") + output.payload
            elif isinstance(output, SendMark):
                self._mark_at[output.name] = self._sent[output.epoch] / 8
            if isinstance(output, SendMedia):
                ahead = (self._sent[output.epoch] - self._played.get(output.epoch, 0)) / 8
                self.most_ahead_ms = max(self.most_ahead_ms, ahead - self.delay_ms)

    def _arrive(self) -> None:
        while self._on_the_way and self._on_the_way[0][0] <= self.now_ms:
            output = self._on_the_way.popleft()[1]
            match output:
                case SendMedia():
                    self._buffer.append([output.epoch, len(output.payload)])
                case SendMark():
                    self._buffer.append(output)
                case SendClear():
                    self.clears += 1
                    for item in self._buffer:
                        if isinstance(item, SendMark):
                            self._echo(item.name)
                    self._buffer.clear()
                case _:
                    pass
        self._echo_leading_marks()

    def _play(self) -> None:
        if self.now_ms < self._stalled_until_ms:
            return
        budget = STEP_MS * 8
        while budget and self._buffer:
            head = self._buffer[0]
            if isinstance(head, SendMark):
                self._echo_leading_marks()
                continue
            size = min(budget, head[1])
            head[1] -= size
            budget -= size
            self._played[head[0]] = self._played.get(head[0], 0) + size
            if not head[1]:
                self._buffer.popleft()
        self.now_ms += STEP_MS
        self._echo_leading_marks()
        self.now_ms -= STEP_MS
        if budget and any(self._sent[e] > self._played.get(e, 0) for e in self._sent):
            self.gaps += 1

    def _echo_leading_marks(self) -> None:
        while self._buffer and isinstance(self._buffer[0], SendMark):
            mark = self._buffer.popleft()
            assert isinstance(mark, SendMark)
            self._echo(mark.name)

    def _echo(self, name: str) -> None:
        if not self.loses_marks:
            self._echoes.append((self.now_ms + self.delay_ms, name))

    def played_ms(self, epoch: int) -> float:
        """Audio of this reply that came out of the loudspeaker."""
        return self._played.get(epoch, 0) / 8

    def sent_ms(self, epoch: int) -> float:
        """Audio of this reply that was handed over."""
        return self._sent.get(epoch, 0) / 8

    def acked_ms(self, epoch: int) -> float:
        """Position of the last mark that came back."""
        return self._acked.get(epoch, 0.0)
