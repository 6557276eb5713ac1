"""Numbers a call's events and hands them to whoever listens."""

from collections.abc import Callable
from typing import Any

from voice_engine.ports.call import EngineEvent

Sink = Callable[[EngineEvent], None]


class EventLog:
    """Events in order, without gaps; `sink` is called in the engine's task and must not block."""

    def __init__(self, sink: Sink | None, *, first: int = 1) -> None:
        self._sink = sink
        self.next_sequence = first

    def emit(self, at_ms: float, type: str, **facts: Any) -> None:
        """Number and deliver one event."""
        sequence, self.next_sequence = self.next_sequence, self.next_sequence + 1
        if self._sink is not None:
            self._sink(EngineEvent(sequence=sequence, at_ms=round(at_ms), type=type, facts=facts))
