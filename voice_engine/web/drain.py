"""How the process stops without dropping a call: no new ones, wait for the live ones, then a polite end."""

from collections.abc import Callable

from voice_engine.web.calls import CallHandler

RINGING_S = 60.0
"""For so long a drain waits for calls that are about to be up: ours ring for 45 s, then their stream comes."""


class Drain:
    """Stepped by the server's tick. `now` is a monotonic clock in seconds.

    serving ─begin─▶ draining ─(no call left, none about to come)─▶ done
                       └─(timeout)─▶ winding down ─(no call left, or farewell over)─▶ done
    """

    def __init__(
        self, handler: CallHandler, *, timeout_s: float, farewell_s: float, now: Callable[[], float]
    ) -> None:
        self._handler = handler
        self._timeout_s = timeout_s
        self._farewell_s = farewell_s
        self._now = now
        self._since: float | None = None
        self._wound_down = False
        self._followers: list[Callable[[], None]] = []
        self._awaits: list[Callable[[], bool]] = []

    def follow(self, begun: Callable[[], None]) -> None:
        """Have `begun` called when the drain begins; it must return at once."""
        self._followers.append(begun)

    def wait_for(self, coming: Callable[[], bool]) -> None:
        """Do not be done while `coming` says that a call which is let in is about to be up."""
        self._awaits.append(coming)

    @property
    def draining(self) -> bool:
        """Whether no new call may start."""
        return self._since is not None

    @property
    def live(self) -> int:
        """How many calls are up."""
        return self._handler.live

    def begin(self) -> bool:
        """Start to drain; False when it had begun already."""
        if self._since is not None:
            return False
        self._since = self._now()
        for begun in self._followers:
            begun()
        return True

    def done(self) -> bool:
        """Whether the process may stop now; winds the calls down when their time is over."""
        if self._since is None:
            return False
        waited_s = self._now() - self._since
        if self._handler.live == 0:
            return waited_s >= RINGING_S or not any(coming() for coming in self._awaits)
        if waited_s >= self._timeout_s and not self._wound_down:
            self._wound_down = True
            self._handler.wind_down()
        return waited_s >= self._timeout_s + self._farewell_s
