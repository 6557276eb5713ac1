"""One call of a load run, the carrier's side: frames out on time, marks and clears honoured, answers timed.

Driven by timers and call-backs of the loop, without a task or a queue; times are seconds of the loop's clock.
"""

import asyncio
import base64
import binascii
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from voice_engine.audio.level import dbfs
from voice_engine.carrier.loadsocket import Sender
from voice_engine.carrier.loadstats import LoadStats
from voice_engine.carrier.messages import StreamIdentity, Writer
from voice_engine.carrier.takes import Take

FRAME_S = FRAME_MS / 1000

AUDIBLE_DBFS = -50.0
"""Engine audio below it is no answer (comfort noise, padding)."""

OVERLAP_S = 0.1
"""Speech onsets with less engine audio than this left to play are no barge-in."""

GAP_LIMIT_S = 0.5
"""Audio that resumes within this long after the buffer ran dry was late; after it, something new was said."""


class LoadCall:
    """Plays one take into one stream. `start` begins, `on_done` is called once when the stream is over."""

    __slots__ = (
        "_awaiting_s", "_barge_s", "_due", "_frame", "_loop", "_marks", "_on_done", "_origin_s", "_over",
        "_play_until_s", "_socket", "_stats", "_take", "_timer", "_writer", "finished",
    )  # fmt: skip

    def __init__(
        self, take: Take, identity: StreamIdentity, stats: LoadStats, on_done: Callable[["LoadCall"], None]
    ) -> None:
        self._take = take
        self._writer = Writer(identity)
        self._stats = stats
        self._on_done = on_done
        self._loop = asyncio.get_running_loop()
        self._socket: Sender | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._origin_s: float | None = None
        self._due = self._play_until_s = 0.0
        self._frame = 0
        self._marks: deque[tuple[float, str]] = deque()
        self._awaiting_s: float | None = None
        self._barge_s: float | None = None
        self._over = False
        self.finished = False
        """Whether the take was played to its end (rather than the engine hanging up)."""

    def start(self, socket: Sender) -> None:
        """The socket is open: introduce the stream and begin to send."""
        self._socket = socket
        if self._over:
            socket.close()
            return
        socket.send(self._writer.connected().encode())
        socket.send(self._writer.start().encode())
        self._origin_s = self._loop.time()
        self._due = self._origin_s + FRAME_S
        self._stats.call_up()
        self._timer = self._loop.call_at(self._due, self._tick)

    def hang_up(self) -> None:
        """Stop the stream and close."""
        if self._socket is not None and not self._over:
            self._socket.send(self._writer.stop().encode())
            self._socket.close()
        self._end()

    def on_close(self) -> None:
        """The engine (or the network) closed the socket."""
        self._end()

    # -- frames out ------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now_s = self._loop.time()
        self._stats.sent_late_ms.append((now_s - self._due) * 1000)
        if self._marks:
            self._echo_due(now_s)
        index = self._frame
        self._frame = index + 1
        assert self._socket is not None
        self._socket.send(self._writer.frame(self._take.payloads[index], index * FRAME_MS))
        self._stats.frames_sent += 1
        if index in self._take.onsets:
            self._caller_starts(now_s)
        if index in self._take.turn_ends:
            self._caller_ends(now_s)
        if self._frame == len(self._take.payloads):
            self.finished = True
            self.hang_up()
            return
        self._due += FRAME_S
        self._timer = self._loop.call_at(self._due, self._tick)

    def _caller_starts(self, now_s: float) -> None:
        if self._awaiting_s is not None:
            self._stats.unanswered += 1
            self._awaiting_s = None
        self._barge_s = now_s if self._play_until_s - now_s > OVERLAP_S else None

    def _caller_ends(self, now_s: float) -> None:
        self._stats.turns += 1
        if self._play_until_s <= now_s:
            self._awaiting_s = now_s

    # -- what the engine sends -------------------------------------------------------------------------------

    def on_text(self, text: bytes) -> None:
        """One message of the engine."""
        body = _read(text)
        event = body.get("event")
        if event == "media":
            self._on_media(body)
        elif event == "mark":
            self._on_mark(body)
        elif event == "clear":
            self._on_clear()
        else:
            self._stats.violations["unknown_event"] += 1

    def _on_media(self, body: Mapping[str, Any]) -> None:
        payload = body.get("media", {}).get("payload", "")
        samples = len(payload) // 4 * 3 - payload[-2:].count("=")
        if samples <= 0:
            self._stats.violations["no_payload"] += 1
            return
        now_s = self._loop.time()
        frames = -(-samples // FRAME_SAMPLES)
        self._stats.frames_in += frames
        late_s = now_s - self._play_until_s
        if 0.0 < late_s < GAP_LIMIT_S and self._awaiting_s is None and self._play_until_s:
            self._stats.gaps += 1
            self._stats.late_frames += min(frames, -(-int(late_s * 1000) // FRAME_MS))
        self._play_until_s = max(self._play_until_s, now_s) + samples / RATE_HZ
        if self._awaiting_s is not None and _audible(payload):
            self._stats.response_ms.append((now_s - self._awaiting_s) * 1000)
            self._awaiting_s = None

    def _on_mark(self, body: Mapping[str, Any]) -> None:
        name = body.get("mark", {}).get("name")
        if not isinstance(name, str) or not name:
            self._stats.violations["mark_without_name"] += 1
            return
        self._stats.marks += 1
        self._marks.append((self._play_until_s, name))
        self._echo_due(self._loop.time())

    def _on_clear(self) -> None:
        now_s = self._loop.time()
        self._stats.clears += 1
        if self._barge_s is not None:
            self._stats.barge_in_ms.append((now_s - self._barge_s) * 1000)
            self._barge_s = None
        # Nothing is late after a clear: what comes next is something new.
        self._play_until_s = 0.0
        self._echo_due(float("inf"))

    def _echo_due(self, now_s: float) -> None:
        while self._marks and self._marks[0][0] <= now_s and self._socket is not None:
            self._socket.send(self._writer.mark(self._marks.popleft()[1]).encode())

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._awaiting_s is not None:
            self._stats.unanswered += 1
        if self._origin_s is not None:
            self._stats.call_down(self._loop.time() - self._origin_s)
        self._on_done(self)


def _read(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _audible(payload: str) -> bool:
    try:
        return dbfs(mulaw.decode(base64.b64decode(payload))) > AUDIBLE_DBFS
    except (binascii.Error, ValueError):
        return False
