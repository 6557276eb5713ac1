"""One Media Streams stream, the carrier's side: paced media out, a playback buffer in, marks, clears and the end.

| from      | on                              | to      | sends                                   |
|-----------|---------------------------------|---------|-----------------------------------------|
| opened    | -                               | playing | connected, start                        |
| playing   | every 20 ms                     | playing | media, dtmf, marks whose audio is over  |
| playing   | media / mark / clear            | playing | marks at once on clear or empty buffer  |
| playing   | line hung up, `end()`           | ending  | stop, close                             |
| playing   | engine closed the socket        | ended   | -                                       |
| ending    | close sent, or engine closed    | ended   | -                                       |
"""

import asyncio
import heapq
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from voice_engine.audio.frames import FRAME_MS
from voice_engine.carrier import messages
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan, MediaFaults, Signal
from voice_engine.carrier.leg import Leg, LineFrame
from voice_engine.carrier.messages import Refusal, Violation
from voice_engine.carrier.playback import PlaybackBuffer
from voice_engine.ports.clock import Clock
from voice_engine.ports.media import MediaSocket, Message

MAX_UNSENT_MESSAGES = 250
"""Five seconds of frames that the engine has not read; beyond it caller audio is discarded (warning 31930)."""

FLUSH_TIMEOUT_S = 2.0
"""How long an engine that reads nothing may delay the end of a stream."""


class EndedBy(StrEnum):
    """Who ended a stream."""

    ENGINE = "engine"
    LINE = "line"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReport:
    """What happened on one stream: `warnings` has each of Twilio's codes once, `violations` every refusal."""

    stream_sid: str
    ended_by: EndedBy | None
    close_code: int | None
    frames_sent: int
    frames_lost: int
    frames_discarded: int
    played_ms: int
    cleared_ms: int
    marks_played: int
    marks_cleared: int
    clears: int
    warnings: tuple[int, ...]
    violations: tuple[Violation, ...]


class MediaStream:
    """A stream between one leg and one engine socket. `run` is awaited once; `ended` is set when media is over."""

    def __init__(
        self,
        socket: MediaSocket,
        identity: messages.StreamIdentity,
        leg: Leg,
        *,
        clock: Clock,
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self.identity = identity
        self.ended = asyncio.Event()
        self._socket = socket
        self._leg = leg
        self._clock = clock
        self._plan = faults
        self._faults = MediaFaults(faults)
        self._writer = messages.Writer(identity)
        self._buffer = PlaybackBuffer()
        self._playing: bytes | None = None
        self._playing_marks: list[str] = []
        self._late_marks: list[tuple[float, int, str]] = []
        self._outbox: deque[str] = deque()
        self._wake = asyncio.Event()
        self._sent_all = asyncio.Event()
        self._origin_frames = leg.frames
        self._ended_by: EndedBy | None = None
        self._close_code: int | None = None
        self._lost = self._discarded = self._sent = 0
        self._marks_played = self._marks_cleared = self._clears = 0
        self._warnings: list[int] = []
        self._violations: list[Violation] = []

    @property
    def at_ms(self) -> int:
        """Stream time: ms since its first frame."""
        return (self._leg.frames - self._origin_frames) * FRAME_MS

    def end(self) -> None:
        """The carrier ends the stream (new TwiML, or the call was completed)."""
        self._over(EndedBy.CARRIER)

    def report(self) -> StreamReport:
        """The counts so far; final after `run`."""
        return StreamReport(
            stream_sid=self.identity.stream_sid,
            ended_by=self._ended_by,
            close_code=self._close_code,
            frames_sent=self._sent,
            frames_lost=self._lost,
            frames_discarded=self._discarded,
            played_ms=self._buffer.played_samples // 8,
            cleared_ms=self._buffer.cleared_samples // 8,
            marks_played=self._marks_played,
            marks_cleared=self._marks_cleared,
            clears=self._clears,
            warnings=tuple(self._warnings),
            violations=tuple(self._violations),
        )

    async def run(self) -> StreamReport:
        """Run the stream to its end, the engine's close included."""
        self._post(self._writer.connected())
        self._post(self._writer.start())
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write())
                reader = tasks.create_task(self._read())
                await self._play()
                await self._say_goodbye(reader)
                writer.cancel()
        finally:
            self.ended.set()
        return self.report()

    # -- the carrier's clock ---------------------------------------------------------------------------------

    async def _play(self) -> None:
        while self._ended_by is None:
            await self._leg.next_frame()
            if self._ended_by is None:
                self._tick()

    def _tick(self) -> None:
        """A frame is over: it was heard, its marks are due, the line's own frame goes out, the next begins."""
        at_ms = self.at_ms
        frame = self._leg.step(self._playing)
        for name in self._playing_marks:
            self._echo(name)
            self._marks_played += 1
        self._send_frame(frame, at_ms)
        now_ms = self._clock.now_ms()
        while self._late_marks and self._late_marks[0][0] <= now_ms:
            self._post(self._writer.mark(heapq.heappop(self._late_marks)[2]))
        self._playing, self._playing_marks = self._buffer.pull()
        if frame.hung_up:
            self._over(EndedBy.LINE)

    def _send_frame(self, frame: LineFrame, at_ms: int) -> None:
        if frame.raw is not None:
            for body, marks_before in frame.raw:
                self._sent += body["event"] == "media"
                self._post(self._writer.forward(body, marks_before))
        elif frame.lost:
            self._lost += 1
        elif self._faults.loses():
            self._writer.lose_media()
            self._lost += 1
        elif len(self._outbox) >= MAX_UNSENT_MESSAGES:
            self._writer.lose_media()
            self._discarded += 1
            self._warn(messages.SLOW_READER)
        else:
            self._sent += 1
            for text in self._faults.pass_on(self._writer.media(frame.mulaw, at_ms)):
                self._post(text)
        for digit in frame.digits:
            self._post(self._writer.dtmf(digit))

    # -- what the engine sends -------------------------------------------------------------------------------

    async def _read(self) -> None:
        self._close_code = await self._socket.run(self._on_message)
        self._over(EndedBy.ENGINE)

    def _on_message(self, message: Message) -> None:
        if self._ended_by is not None:
            return
        try:
            request = messages.read(message, self.identity.stream_sid)
        except messages.Refused as refused:
            self._refuse(refused.reason, refused.code, message)
            return
        match request:
            case messages.Media(mulaw):
                if not self._buffer.append(mulaw):
                    self._refuse(Refusal.BUFFER_FULL, messages.BUFFER_OVERFLOW, "")
            case messages.Mark(name):
                self._on_mark(name)
            case messages.Clear():
                self._on_clear()

    def _on_mark(self, name: str) -> None:
        if not self._buffer.mark(name):
            return
        if self._playing is None:
            self._echo(name)
            self._marks_played += 1
        else:
            self._playing_marks.append(name)

    def _on_clear(self) -> None:
        self._clears += 1
        names = self._playing_marks + self._buffer.clear()
        self._playing_marks = []
        self._marks_cleared += len(names)
        for name in names:
            self._echo(name)

    def _refuse(self, reason: Refusal, code: int, message: Message) -> None:
        excerpt = message[:120] if isinstance(message, str) else message[:120].decode(errors="replace")
        self._violations.append(Violation(code=code, reason=reason, at_ms=self.at_ms, excerpt=excerpt))
        self._warn(code)

    def _warn(self, code: int) -> None:
        if code not in self._warnings:
            self._warnings.append(code)

    # -- sending ---------------------------------------------------------------------------------------------

    def _echo(self, name: str) -> None:
        if self._plan.drops(Signal.MARK):
            return
        delay_ms = self._plan.delays(Signal.MARK)
        if delay_ms > 0:
            due_ms = self._clock.now_ms() + delay_ms
            heapq.heappush(self._late_marks, (due_ms, len(self._late_marks), name))
        else:
            self._post(self._writer.mark(name))

    def _post(self, text: str) -> None:
        self._outbox.append(text)
        self._sent_all.clear()
        self._wake.set()

    async def _write(self) -> None:
        while True:
            while self._outbox:
                await self._socket.send(self._outbox.popleft())
            self._sent_all.set()
            self._wake.clear()
            await self._wake.wait()

    # -- the end ---------------------------------------------------------------------------------------------

    def _over(self, by: EndedBy) -> None:
        if self._ended_by is None:
            self._ended_by = by

    async def _say_goodbye(self, reader: asyncio.Task[None]) -> None:
        """Send stop and close as the fault plan lets them through, and see the socket closed."""
        if self._ended_by is EndedBy.ENGINE:
            return
        for text in self._faults.flush_bunch():
            self._post(text)
        waited_ms = 0.0
        for delay_ms, signal in self._last_signals():
            if delay_ms > waited_ms:
                self.ended.set()
                await self._clock.sleep_ms(delay_ms - waited_ms)
                waited_ms = delay_ms
            if signal is Signal.STOP:
                self._post(self._writer.stop())
            else:
                await self._close()
                return
        self.ended.set()
        await self._linger(reader)

    def _last_signals(self) -> list[tuple[float, Signal]]:
        order = (Signal.STOP, Signal.CLOSE)
        kept = [(self._plan.delays(signal), signal) for signal in order if not self._plan.drops(signal)]
        return sorted(kept, key=lambda item: item[0])

    async def _linger(self, reader: asyncio.Task[None]) -> None:
        """Our close got lost: the engine has to notice by itself that nothing comes any more."""
        deadline_ms = self._clock.now_ms() + self._plan.linger_ms
        while not reader.done() and self._clock.now_ms() < deadline_ms:
            await self._clock.sleep_ms(FRAME_MS)
        await self._close()

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(FLUSH_TIMEOUT_S):
                await self._sent_all.wait()
        except TimeoutError:
            self._outbox.clear()
        await self._socket.close()
