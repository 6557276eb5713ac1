"""The call's limits, counted on its own clock: conversation, hold, turns, total."""

from typing import Literal

from voice_engine.ports.call import CallLimits

Which = Literal["conversation", "hold", "turns", "total"]

GRACE_MS = 20_000
"""After a limit was announced the call may still take this long to say goodbye; then it is cut."""


class LimitWatch:
    """Tells each limit once, as it is reached, and when patience is over."""

    def __init__(self, limits: CallLimits, *, started_ms: float = 0.0) -> None:
        self._limits = limits
        self._last_ms = started_ms
        self._talk_ms = 0.0
        self._hold_ms = 0.0
        self._told_ms: float | None = None
        self._told_which: Which | None = None

    def pulse(self, now_ms: float, *, on_hold: bool, human_turns: int, bridged: bool = False) -> Which | None:
        """Account for the time since the last pulse; the limit that has just been reached, if any.

        `bridged`: two humans talk. Their time counts for the call's total alone.
        """
        passed_ms, self._last_ms = now_ms - self._last_ms, now_ms
        if bridged:
            self._forgive()
        elif on_hold:
            self._hold_ms += passed_ms
        else:
            self._talk_ms += passed_ms
        if self._told_ms is not None:
            return None
        which = self._total(now_ms) or (None if bridged else self._reached(human_turns))
        if which is not None:
            self._told_ms, self._told_which = now_ms, which
        return which

    def _forgive(self) -> None:
        """What the engine may not go on doing, a human may: only the call's total still counts."""
        if self._told_which != "total":
            self._told_ms = self._told_which = None

    def exhausted(self, now_ms: float) -> bool:
        """Whether a limit was told and the polite end did not come in time."""
        return self._told_ms is not None and now_ms - self._told_ms > GRACE_MS

    @property
    def told(self) -> bool:
        """Whether a limit has been reached."""
        return self._told_ms is not None

    def _total(self, now_ms: float) -> Which | None:
        return "total" if now_ms >= self._limits.max_seconds * 1000 else None

    def _reached(self, human_turns: int) -> Which | None:
        if self._hold_ms >= self._limits.hold_seconds * 1000:
            return "hold"
        if self._talk_ms >= self._limits.conversation_seconds * 1000:
            return "conversation"
        if human_turns >= self._limits.max_turns:
            return "turns"
        return None
