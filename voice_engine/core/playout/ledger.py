"""The truth of what the caller heard: replies cut into marked slices, sent just ahead of playback.

A reply (an *epoch*) goes through these states:

| state   | entered by                         | sends | left by                                            |
|---------|------------------------------------|-------|----------------------------------------------------|
| open    | `open`                             | yes   | `hold`, `clear`, last mark, or the wait for it      |
| held    | `hold`                             | no    | `resume`, `clear`; last mark when all was sent      |
| played  | last mark echoed, or wait ran out  | no    | –                                                   |
| cleared | `clear`                            | no    | –; its marks, which the carrier echoes, are ignored |

Sending is the session's; deciding what a caller's words mean is `core.turns`'.
"""

from .model import (
    BYTES_PER_MS,
    Heard,
    Piece,
    Played,
    PlayedSegment,
    PlayoutOutput,
    PlayoutSettings,
    SendClear,
    SendMark,
    SendMedia,
)
from .reply import Reply
from .timeline import MarkLag

__all__ = [
    "Heard",
    "Piece",
    "Played",
    "PlayedSegment",
    "Playout",
    "PlayoutOutput",
    "PlayoutSettings",
    "SendClear",
    "SendMark",
    "SendMedia",
]

KEPT_REPLIES = 4
"""How many ended replies stay for `heard` and `played_segments`."""


class Playout:
    """All replies of one stream. Times are ms on the session's clock; audio is 8 kHz μ-law."""

    def __init__(self, settings: PlayoutSettings | None = None) -> None:
        self._settings = settings or PlayoutSettings()
        self._live: dict[int, Reply] = {}
        self._ended: dict[int, tuple[Reply, int, bool]] = {}
        self._lag = MarkLag()
        self._buffer_ends_ms = 0.0

    def open(self, epoch: int, now_ms: float) -> None:
        """Start a reply; epochs are never used twice."""
        assert epoch not in self._live and epoch not in self._ended, f"epoch {epoch} opened twice"
        if now_ms > self._buffer_ends_ms + self._lag.lag_ms:
            self._lag.buffer_emptied()
        self._live[epoch] = Reply(now_ms)

    def append(self, epoch: int, piece: Piece, now_ms: float) -> None:
        """Queue audio of a live reply; audio for an ended one is dropped (it was cleared meanwhile)."""
        del now_ms
        reply = self._live.get(epoch)
        if reply is not None and not reply.finished:
            reply.append(piece.text, piece.mulaw)

    def finish(self, epoch: int, now_ms: float) -> None:
        """The reply's audio is complete."""
        del now_ms
        reply = self._live.get(epoch)
        if reply is not None:
            reply.finish()

    def step(self, now_ms: float) -> list[PlayoutOutput]:
        """Return what is due now: media and marks in order, and `Played` for replies whose mark was lost."""
        out: list[PlayoutOutput] = []
        for epoch, reply in list(self._live.items()):
            if not reply.held:
                self._send(epoch, reply, now_ms, out)
            if reply.all_sent and now_ms >= self._gives_up_ms(reply):
                self._end(epoch, reply.total, complete=True)
                out.append(Played(epoch=epoch, by_mark=not reply.total))
            elif not reply.all_sent:
                break
        return out

    def _send(self, epoch: int, reply: Reply, now_ms: float, out: list[PlayoutOutput]) -> None:
        while (following := reply.next_slice(self._settings)) is not None:
            size, most_ahead_ms = following
            if self._ahead_ms(reply, now_ms) > most_ahead_ms:
                return
            part = reply.take(self._settings, size)
            offset = reply.sent - len(part.payload)
            play_at_ms = reply.timeline.send(len(part.payload), now_ms, self._buffer_ends_ms)
            self._buffer_ends_ms = reply.timeline.ends_ms
            out.append(
                SendMedia(
                    epoch=epoch,
                    payload=part.payload,
                    play_at_ms=play_at_ms + self._lag.lag_ms,
                    offset_ms=offset / BYTES_PER_MS,
                )
            )
            if part.marked:
                out.append(self._mark(epoch, reply))
        if reply.all_sent and reply.marked < reply.sent:
            out.append(self._mark(epoch, reply))

    @staticmethod
    def _mark(epoch: int, reply: Reply) -> SendMark:
        return SendMark(epoch=epoch, name=f"e{epoch}:{reply.mark()}")

    def _ahead_ms(self, reply: Reply, now_ms: float) -> float:
        if not reply.sent:
            return max(0.0, self._buffer_ends_ms - now_ms)
        return (reply.sent - reply.position(now_ms - self._lag.lag_ms)) / BYTES_PER_MS

    def _gives_up_ms(self, reply: Reply) -> float:
        if not reply.total:
            return reply.opened_ms
        return reply.timeline.ends_ms + self._lag.lag_ms + self._settings.lost_mark_wait_ms

    def next_due_ms(self, now_ms: float) -> float | None:
        """When to call `step` again, not before `now_ms`; None: nothing to send until something happens."""
        for reply in self._live.values():
            if reply.all_sent:
                return max(now_ms, self._gives_up_ms(reply))
            following = None if reply.held else reply.next_slice(self._settings)
            if following is None:
                return None
            return now_ms + max(0.0, self._ahead_ms(reply, now_ms) - following[1])
        return None

    def hold(self, epoch: int, now_ms: float, *, lost: bool = False) -> None:
        """Send nothing further of this reply for now; what the carrier has plays on.

        `lost`: the stream is gone and what it had with it; `resume` then sends again from the heard position.
        """
        reply = self._live.get(epoch)
        if reply is None:
            return
        reply.held = True
        if lost:
            reply.rewind(now_ms - self._lag.lag_ms)
            self._buffer_ends_ms = min(self._buffer_ends_ms, now_ms)

    def resume(self, epoch: int, now_ms: float) -> None:
        """Go on where sending stopped: all that was sent has played or will, so nothing is lost or repeated."""
        del now_ms
        if epoch in self._live:
            self._live[epoch].held = False

    def clear(self, epoch: int, now_ms: float) -> list[SendClear]:
        """End a reply at once. Empty when none of it was ever sent: then there is nothing to clear."""
        reply = self._live.get(epoch)
        if reply is None:
            return []
        position = min(reply.sent, reply.position(now_ms - self._lag.lag_ms))
        self._end(epoch, position, complete=False)
        self._buffer_ends_ms = min(self._buffer_ends_ms, now_ms)
        return [SendClear()] if reply.sent else []

    def on_mark(self, name: str, now_ms: float) -> list[Played]:
        """A mark came back. Unknown names, and those of ended replies (a `clear` echoes them), are ignored."""
        epoch, index = _parse_mark(name)
        reply = self._live.get(epoch)
        if reply is None or not reply.first_mark <= index < len(reply.marks):
            return []
        position, ends_ms = reply.marks[index]
        if position > reply.acked:
            reply.acked = position
            self._lag.observe(now_ms - ends_ms)
        if reply.all_sent and position >= reply.total:
            self._end(epoch, reply.total, complete=True)
            return [Played(epoch=epoch)]
        return []

    def _end(self, epoch: int, position: int, *, complete: bool) -> None:
        reply = self._live.pop(epoch)
        reply.drop_unsent()
        self._ended[epoch] = (reply, position, complete)
        while len(self._ended) > KEPT_REPLIES:
            del self._ended[next(iter(self._ended))]

    def heard(self, epoch: int, now_ms: float) -> Heard:
        """What of this reply the caller has heard by `now_ms`; nothing of an unknown one."""
        reply, position, complete = self._state(epoch, now_ms)
        if reply is None:
            return Heard(text="", complete=False, played_ms=0.0)
        text = " ".join(c.text for c in reply.clauses if c.text) if complete else reply.heard_text(position)
        return Heard(text=text, complete=complete, played_ms=position / BYTES_PER_MS)

    def queued_ms(self, epoch: int, now_ms: float) -> float:
        """Audio of this reply that is still to be heard, sent or not, in ms."""
        reply, position, _ = self._state(epoch, now_ms)
        if reply is None or epoch in self._ended:
            return 0.0
        return (reply.total - position) / BYTES_PER_MS

    def played_segments(self, epoch: int, now_ms: float) -> list[PlayedSegment]:
        """What was really played of this reply, and when: for the recorder and the echo guard."""
        reply, position, _ = self._state(epoch, now_ms)
        if reply is None:
            return []
        return [
            PlayedSegment(
                epoch=epoch,
                offset_ms=run.start / BYTES_PER_MS,
                at_ms=run.at_ms + self._lag.lag_ms,
                duration_ms=(min(run.end, position) - run.start) / BYTES_PER_MS,
            )
            for run in reply.timeline.runs
            if position > run.start
        ]

    def _state(self, epoch: int, now_ms: float) -> tuple[Reply | None, int, bool]:
        if epoch in self._ended:
            return self._ended[epoch]
        reply = self._live.get(epoch)
        if reply is None:
            return None, 0, False
        position = reply.position(now_ms - self._lag.lag_ms)
        return reply, position, reply.all_sent and position >= reply.total


def _parse_mark(name: str) -> tuple[int, int]:
    """Return (epoch, index) of a mark of ours; (-1, -1) for any other name."""
    epoch, separator, index = name[1:].partition(":")
    if name[:1] != "e" or not separator or not (epoch.isdecimal() and index.isdecimal()):
        return -1, -1
    return int(epoch), int(index)
