"""What goes out: pieces of speech into the playout ledger, and its media, marks and clears to the socket.

One task (`run`) writes the socket. `clear` takes effect at once: what waits of that reply is never sent.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, assert_never

from voice_engine.core.playout.ledger import Playout
from voice_engine.core.playout.model import Heard, Piece, Played, SendClear, SendMark, SendMedia
from voice_engine.runtime.timeline import Timeline

RELAY_FRAMES = 25
"""Half a second of live audio may wait for the socket; beyond it the oldest is lost, which is what live means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Somebody's live audio, μ-law: handed on as it comes, outside the engine's own playout."""

    payload: bytes


Outgoing = SendMedia | SendMark | SendClear | Relay


class Stream(Protocol):
    """The identity of a media stream, as the session compares it."""

    async def close(self, code: int = 1000) -> None:
        """Close its socket."""
        ...


class Link:
    """Where outgoing messages go while a stream is open."""

    def __init__(self, send: Callable[[str], Awaitable[None]], serialize: Callable[[Outgoing], str]) -> None:
        self._send = send
        self._serialize = serialize

    async def write(self, item: Outgoing) -> None:
        """Send one message; waits while the socket's buffer is full."""
        await self._send(self._serialize(item))


class Mouth:
    """The outbound half of one call.

    `on_sent(media)` is told of each slice as it is handed to the carrier, `on_played(epoch)` when a reply's
    last audio was played.
    """

    def __init__(
        self,
        playout: Playout,
        timeline: Timeline,
        *,
        on_sent: Callable[[SendMedia], None],
        on_played: Callable[[int], None],
    ) -> None:
        self._playout = playout
        self._timeline = timeline
        self._on_sent = on_sent
        self._on_played = on_played
        self._outbox: deque[Outgoing] = deque()
        self._relayed: deque[Relay] = deque(maxlen=RELAY_FRAMES)
        self._wake = asyncio.Event()
        self._link: Link | None = None
        self._epoch: int | None = None
        self._due_ms: float | None = None
        """When `run` wakes up by itself; None while it runs, or waits for whatever comes."""
        self.frames_out = 0
        self.clears = 0

    def attach(self, link: Link) -> None:
        """A stream is open: send there. A reply that was cut by the change goes on from its heard position."""
        self._link = link
        self._outbox.clear()
        if self._epoch is not None:
            self._playout.resume(self._epoch, self._timeline.now_ms())
        self._wake.set()

    def relay(self, payload: bytes) -> bool:
        """Send this live audio (μ-law) as soon as the socket takes it; False: there is no stream, it is lost."""
        if self._link is None:
            return False
        self._relayed.append(Relay(payload=payload))
        self._wake.set()
        return True

    def detach(self) -> None:
        """The stream is gone, and what it had not played with it; speech waits until another is attached."""
        self._link = None
        self._relayed.clear()
        self._outbox.clear()
        if self._epoch is not None:
            self._playout.hold(self._epoch, self._timeline.now_ms(), lost=True)

    def open(self, epoch: int) -> None:
        """Begin reply `epoch`."""
        self._epoch = epoch
        self._playout.open(epoch, self._timeline.now_ms())

    def append(self, epoch: int, piece: Piece) -> None:
        """Queue the next audio of the reply."""
        now_ms = self._timeline.now_ms()
        self._playout.append(epoch, piece, now_ms)
        # Synthesis runs ahead of playback: most chunks change nothing about what is sent next.
        if self._due_ms is None or (self._playout.next_due_ms(now_ms) or 0.0) < self._due_ms:
            self._wake.set()

    def finish(self, epoch: int) -> None:
        """No more audio belongs to the reply; its end will be reported by `on_played`."""
        self._playout.finish(epoch, self._timeline.now_ms())
        self._wake.set()

    def queued_ms(self, epoch: int) -> float:
        """Audio of the reply that has not yet been played."""
        return self._playout.queued_ms(epoch, self._timeline.now_ms())

    def hold(self, epoch: int) -> None:
        """Send nothing further for now."""
        self._playout.hold(epoch, self._timeline.now_ms())

    def resume(self, epoch: int) -> None:
        """Go on from the heard position."""
        self._playout.resume(epoch, self._timeline.now_ms())
        self._wake.set()

    def clear(self, epoch: int) -> str:
        """Stop the reply now: drop what waits, tell the carrier to drop what it has; returns what was heard."""
        now_ms = self._timeline.now_ms()
        heard = self._playout.heard(epoch, now_ms).text
        self._outbox.clear()
        clears = self._playout.clear(epoch, now_ms)
        self._outbox.extend(clears)
        self.clears += len(clears)
        if self._epoch == epoch:
            self._epoch = None
        self._wake.set()
        return heard

    def heard(self, epoch: int) -> Heard:
        """What of the reply has been heard so far."""
        return self._playout.heard(epoch, self._timeline.now_ms())

    def mark_echoed(self, name: str) -> None:
        """The carrier returned a mark."""
        for played in self._playout.on_mark(name, self._timeline.now_ms()):
            self._played(played)
        self._wake.set()

    async def run(self) -> None:
        """Send what is due until cancelled."""
        loop = asyncio.get_running_loop()  # once: before Python 3.12 it is a system call
        while True:
            self._collect()
            while self._outbox and self._link is not None:
                item = self._outbox.popleft()
                if isinstance(item, SendMedia):
                    self.frames_out += (len(item.payload) + 159) // 160
                    self._on_sent(item)
                await self._link.write(item)
            while self._relayed and self._link is not None:
                relay = self._relayed.popleft()
                self.frames_out += (len(relay.payload) + 159) // 160
                await self._link.write(relay)
            await self._until_due(loop)

    def _collect(self) -> None:
        if self._link is None:
            return
        for item in self._playout.step(self._timeline.now_ms()):
            match item:
                case Played():
                    self._played(item)
                case SendMedia() | SendMark() | SendClear():
                    self._outbox.append(item)
                case _:
                    assert_never(item)

    def _played(self, played: Played) -> None:
        if self._epoch == played.epoch:
            self._epoch = None
        self._on_played(played.epoch)

    async def _until_due(self, loop: asyncio.AbstractEventLoop) -> None:
        now_ms = self._timeline.now_ms()
        due_ms = self._playout.next_due_ms(now_ms) if self._link is not None else None
        if due_ms is not None and due_ms <= now_ms:
            await asyncio.sleep(0)
            return
        self._wake.clear()
        if due_ms is None:
            await self._wake.wait()
            return
        self._due_ms = due_ms
        timer = loop.call_later((due_ms - now_ms) / 1000, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            self._due_ms = None
            timer.cancel()
