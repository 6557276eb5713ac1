"""The other party's silence, counted from the end of what they last heard."""


class IdleTimer:
    """Fires every `every_ms` of silence. A stretch of silence ends when the other party says something.

    `due_ms` is when to look next: at the first event, so that it can `begin`.
    """

    __slots__ = ("_every_ms", "_from_ms", "count", "due_ms")

    def __init__(self, every_ms: float, count: int = 0) -> None:
        self._every_ms = every_ms
        self._from_ms: float | None = None
        self.count = count
        self.due_ms = float("-inf")

    def restart(self, now_ms: float) -> None:
        """Playback ended, or whatever kept the timer from running did."""
        self._from_ms = now_ms
        self.due_ms = now_ms + self._every_ms

    def begin(self, now_ms: float) -> None:
        """The first event of a call: count from here unless something was heard already."""
        if self._from_ms is None:
            self.restart(now_ms)

    def spoken(self) -> None:
        """They said something: the next silence is a new stretch."""
        self.count = 0

    def fire(self, now_ms: float) -> tuple[int, int]:
        """The time has come: return (silent_ms, count) and wait for the next."""
        assert self._from_ms is not None
        self.count += 1
        self.due_ms = now_ms + self._every_ms
        return round(now_ms - self._from_ms), self.count
