"""Whether a model is asked at all: one that keeps failing is left alone for some turns of the call."""


class Breaker:
    """Counts failures in a row. Closed: ask. Open: `pause_turns` turns without asking, then one more try."""

    def __init__(self, *, failures: int, pause_turns: int) -> None:
        self._limit = failures
        self._pause = pause_turns
        self._failed = 0
        self._resting = 0
        self._given_up = False

    def allows(self) -> bool:
        """Whether to ask in this turn; to be called once a turn, as it counts the pause down."""
        if self._given_up:
            return False
        if self._resting:
            self._resting -= 1
            return False
        return True

    @property
    def open(self) -> bool:
        """Whether the model is being left alone (speculation is pointless then)."""
        return self._given_up or self._resting > 0

    def succeeded(self) -> None:
        """A turn was worded well: earlier failures are forgotten."""
        self._failed = 0

    def failed(self, *, lasting: bool = False) -> None:
        """A turn went wrong; `lasting`: it will every time (a refused key), so never ask again in this call."""
        self._failed += 1
        self._given_up = self._given_up or lasting
        if self._failed >= self._limit:
            self._resting = self._pause
