"""Looks after what no event announces: limits, stalled media, lost streams, wake-ups, an apology that hangs."""

import asyncio
from collections.abc import Awaitable, Callable

from voice_engine.core.dialogue.commands import Silence
from voice_engine.core.turns.events import TimePassed
from voice_engine.runtime.brain import Brain
from voice_engine.runtime.closing import EndCause
from voice_engine.runtime.events import EventLog
from voice_engine.runtime.floor import Floor
from voice_engine.runtime.limits import LimitWatch, Which
from voice_engine.runtime.mind import Mind
from voice_engine.runtime.settings import SessionSettings
from voice_engine.runtime.timeline import Timeline

FLUSH_EVERY = 16
"""Pulses between two flushes of the recorder: four seconds at the default pulse, 128 kB. Each costs two thread
switches."""


class Watch:
    """One call's pulse. The session notes here what happens; `run` draws the consequences.

    `limit` is told of a limit as it is reached, `end` ends the call.
    """

    def __init__(
        self,
        timeline: Timeline,
        settings: SessionSettings,
        log: EventLog,
        *,
        limits: LimitWatch,
        limit: Callable[[Which], None],
        end: Callable[[EndCause], None],
    ) -> None:
        self._timeline = timeline
        self._settings = settings
        self._log = log
        self._limits = limits
        self._limit = limit
        self._end = end
        self._check_in: tuple[float, int, int] | None = None
        self._lost_ms: float | None = None
        self._failed_ms: float | None = None
        self.heard_ms = timeline.now_ms()
        """When the newest media came."""
        self.awaiting_digits = False
        """The carrier plays our digits: a stream that ends is no hang-up."""

    def stream_opened(self) -> None:
        """The call has a stream (again)."""
        self.heard_ms = self._timeline.now_ms()
        self._lost_ms = None
        self.awaiting_digits = False

    def stream_lost(self) -> None:
        """The call's socket is gone."""
        self._lost_ms = self._timeline.now_ms()

    def wake_after(self, every_ms: int | None) -> None:
        """Tell the policy of silence after so long, and again; None: do not."""
        self._check_in = (self._timeline.now_ms() + every_ms, every_ms, 1) if every_ms else None

    def hearing_failed(self) -> None:
        """An apology is being said; it must not take for ever."""
        self._failed_ms = self._timeline.now_ms()

    @property
    def failing(self) -> bool:
        """Whether the call ends because a provider failed."""
        return self._failed_ms is not None

    async def run(self, *, floor: Floor, mind: Mind, brain: Brain, flush: Callable[[], Awaitable[None]]) -> None:
        """Beat until cancelled."""
        beat = 0
        while True:
            await asyncio.sleep(self._settings.pulse_ms / 1000)
            beat += 1
            now_ms = self._timeline.now_ms()
            if now_ms - self.heard_ms > self._settings.stall_ms:
                floor.dispatch(TimePassed())
            self._watch_stream(now_ms)
            self._watch_limits(now_ms, floor, on_hold=brain.conversation.on_hold)
            self._wake_up(now_ms, floor, mind)
            if beat % FLUSH_EVERY == 0:
                await flush()

    def _watch_stream(self, now_ms: float) -> None:
        settings = self._settings
        if self._lost_ms is None:
            since_ms, patience_ms = self.heard_ms, settings.media_lost_ms
        else:
            since_ms = self._lost_ms
            patience_ms = (
                settings.digits_reattach_timeout_ms if self.awaiting_digits else settings.reattach_timeout_ms
            )
        if now_ms - since_ms > patience_ms:
            self._end("stopped" if settings.lost_is_hung_up else "lost")

    def _watch_limits(self, now_ms: float, floor: Floor, *, on_hold: bool) -> None:
        which = self._limits.pulse(now_ms, on_hold=on_hold, human_turns=floor.human_turns, bridged=floor.muted)
        if which is not None:
            self._log.emit(now_ms, "signal", kind="limit", which=which)
            self._limit(which)
        if self._limits.exhausted(now_ms):
            self._end("limit")
        if self._failed_ms is not None and now_ms - self._failed_ms > self._settings.apology_ms:
            self._end("failed")

    def _wake_up(self, now_ms: float, floor: Floor, mind: Mind) -> None:
        if self._check_in is None or floor.speaking:
            return
        due_ms, every_ms, count = self._check_in
        if now_ms >= due_ms and not floor.machine.caller_has_floor:
            self._check_in = (now_ms + every_ms, every_ms, count + 1)
            mind.signal(Silence(silent_ms=every_ms, count=count))
