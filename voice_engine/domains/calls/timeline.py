"""A call's time axis: when each side spoke and what was decided about whose turn it is. Pure.

Made once, at the call's end, from the engine's events; small enough to be kept with the call and sent to a page
whole: a call of one hour with 1,000 turns takes some 40 kB. Nothing in it says what was said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from voice_engine.ports.call import EngineEvent, TurnLatency

VERSION = 1
MOST_SPANS = 5_000
"""Runs of speech of one side; an hour of lively talk has about 2,500."""
MOST_DECISIONS = 5_000
MOST_MARKS = 500

LATENCY_PARTS = ("endpointing", "stt", "policy", "llm", "tts", "engine", "total")
"""The order in which a line's latency is kept, in ms."""

Numbers = list[int]


@dataclass(slots=True)
class Timeline:
    """What is kept. `human`, `noise` and `ai` are flat pairs (start_ms, length_ms).

    `human`: speech of the other party by the voice detector; `noise`: what was dropped as noise, echo or a
    listener's "mm-hm"; `ai`: the engine was to be heard. Decisions at a moment:
    `endpoint`: pairs (at_ms, silence waited before it, ms): their turn was judged over;
    `withdrawn`: it was not: they went on, and the reply never began;
    `held`: the reply paused, because somebody may be interrupting; `resumed`: nobody was;
    `barge_in`: pairs (at_ms, ms since the pause): the reply was cleared, they have the floor;
    `backchannel`: a listener's "mm-hm"; `interrupted`: they talked too long and the engine cut in.
    `marks` are (at_ms, event's type, detail). `cut`: there was more than is kept.
    """

    human: Numbers = field(default_factory=list)
    noise: Numbers = field(default_factory=list)
    ai: Numbers = field(default_factory=list)
    endpoint: Numbers = field(default_factory=list)
    withdrawn: Numbers = field(default_factory=list)
    held: Numbers = field(default_factory=list)
    resumed: Numbers = field(default_factory=list)
    barge_in: Numbers = field(default_factory=list)
    backchannel: Numbers = field(default_factory=list)
    interrupted: Numbers = field(default_factory=list)
    marks: list[tuple[int, str, str]] = field(default_factory=list)
    cut: bool = False

    def as_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "v": VERSION,
            **{name: getattr(self, name) for name in self.__slots__ if name not in {"marks", "cut"}},
            "marks": [list(mark) for mark in self.marks],
            "cut": self.cut,
        }


MARKS: dict[str, str | None] = {
    "dtmf.sent": "digits",
    "dtmf.received": None,
    "tool.result": "tool",
    "signal": "kind",
    "provider.failed": "provider",
    "transfer.ringing": None,
    "transfer.failed": "code",
    "call.transferred": None,
    "call.takeover": None,
    "takeover.failed": "code",
    "call.handed_back": "reason",
    "call.whispered": None,
}
"""Further events on the axis, each with the fact that is shown; none of them is personal."""

_DECISIONS = {
    "reply.withdrawn": "withdrawn",
    "backchannel": "backchannel",
    "caller.interrupted": "interrupted",
}


def timeline_of(events: Iterable[EngineEvent]) -> Timeline:
    """The time axis of a call's events, in their order."""
    reader = _Reader()
    for event in events:
        reader.take(event)
    return reader.line


def latency_row(latency: TurnLatency | None) -> list[float] | None:
    """A turn's latency as it is kept, in the order of `LATENCY_PARTS`; None where nothing was answered."""
    if latency is None or latency.total is None:
        return None
    return [round(float(getattr(latency, part)), 1) for part in LATENCY_PARTS]


class _Reader:
    def __init__(self) -> None:
        self.line = Timeline()
        self._sounds_since: int | None = None
        self._held_at: int | None = None

    def take(self, event: EngineEvent) -> None:
        line, at_ms, facts = self.line, event.at_ms, event.facts
        match event.type:
            case "speech.ended":
                lane = line.human if facts.get("kept", True) else line.noise
                for start_ms, end_ms in facts["speech"]:
                    self._span(lane, int(start_ms), int(end_ms))
            case "turn.human" if "decided_ms" in facts:
                decided_ms = int(facts["decided_ms"])
                self._decide(line.endpoint, decided_ms, max(0, decided_ms - int(facts["end_ms"])))
            case "reply.started" | "reply.resumed" | "reply.held" | "reply.ended" | "barge_in" | "turn.ai":
                self._sound(event)
            case type_ if type_ in _DECISIONS:
                self._decide(getattr(line, _DECISIONS[type_]), at_ms)
            case type_ if type_ in MARKS:
                self._mark(event)
            case _:
                pass

    def _sound(self, event: EngineEvent) -> None:
        """The engine is to be heard from here, or no more."""
        at_ms = event.at_ms
        match event.type:
            case "reply.started":
                self._sounds_since = at_ms
            case "reply.resumed":
                self._decide(self.line.resumed, at_ms)
                self._sounds_since, self._held_at = at_ms, None
            case "reply.held":
                self._decide(self.line.held, at_ms)
                self._held_at = at_ms
                self._fall_silent(at_ms)
            case "barge_in":
                self._decide(self.line.barge_in, at_ms, at_ms - (at_ms if self._held_at is None else self._held_at))
                self._fall_silent(at_ms)
            case _:
                self._held_at = None
                self._fall_silent(at_ms)

    def _fall_silent(self, at_ms: int) -> None:
        if self._sounds_since is not None:
            self._span(self.line.ai, self._sounds_since, at_ms)
            self._sounds_since = None

    def _span(self, lane: Numbers, start_ms: int, end_ms: int) -> None:
        if len(lane) >= 2 * MOST_SPANS:
            self.line.cut = True
        elif end_ms > start_ms:
            lane += (start_ms, end_ms - start_ms)

    def _decide(self, kind: Numbers, at_ms: int, *value: int) -> None:
        if len(kind) >= MOST_DECISIONS * (1 + len(value)):
            self.line.cut = True
        else:
            kind += (at_ms, *value)

    def _mark(self, event: EngineEvent) -> None:
        if len(self.line.marks) >= MOST_MARKS:
            self.line.cut = True
            return
        fact = MARKS[event.type]
        detail = "" if fact is None else str(event.facts.get(fact) or "")
        self.line.marks.append((event.at_ms, event.type, detail[:64]))
