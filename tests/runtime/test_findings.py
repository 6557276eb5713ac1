"""What the model is shown of the business's own words, and when."""

import asyncio
from collections.abc import Sequence

from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.commands import Silence, ToolResult
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.knowledge import Passage
from voice_engine.runtime.findings import BOUND_S, Findings, passages_of

PARKING = Passage(key="parking", text="There is free parking.", score=0.9)


class SlowKnowledge:
    """Finds parking after `delay_s`."""

    def __init__(self, delay_s: float = 0.0, error: Exception | None = None) -> None:
        self.queries: list[str] = []
        self._delay_s = delay_s
        self._error = error

    async def search(self, query: str, *, limit: int = 3) -> list[Passage]:
        self.queries.append(query)
        await asyncio.sleep(self._delay_s)
        if self._error is not None:
            raise self._error
        return [PARKING]


def test_what_is_found_in_time_is_shown() -> None:
    assert run_virtual(Findings(SlowKnowledge(BOUND_S / 2)).by("parking")) == [PARKING]


def test_a_caller_does_not_wait_for_more() -> None:
    """Neither for a slow store nor for a broken one, nor where there is none."""
    broken = UpstreamFailed("database_busy", "busy", provider="database", retryable=True)
    for knowledge in (SlowKnowledge(BOUND_S * 2), SlowKnowledge(error=broken), None):
        assert list(run_virtual(Findings(knowledge).by("parking"))) == []


def test_words_looked_up_ahead_are_not_looked_up_again() -> None:
    knowledge, told = SlowKnowledge(0.05), list[Sequence[Passage]]()

    async def turn() -> Sequence[Passage]:
        findings = Findings(knowledge)
        async with asyncio.TaskGroup() as group:
            findings.ahead("where is", group, then=told.append)
            findings.ahead("where is parking", group, then=told.append)
        findings.ahead("where is parking", group, then=told.append)
        return await findings.by("where is parking")

    assert run_virtual(turn()) == [PARKING]
    assert told == [[PARKING]]
    assert knowledge.queries.count("where is parking") == 1


def test_a_look_up_of_the_policys_own_is_shown_whole() -> None:
    row = {"key": "parking", "text": "There is free parking.", "score": 0.9}

    assert passages_of(ToolResult(id="t1", value=[row])) == [PARKING]
    for other in (ToolResult(id="t1", value=["2026-02-13T10:00"]), ToolResult(id="t1", error="tool_timeout")):
        assert list(passages_of(other)) == []
    assert list(passages_of(Silence(silent_ms=4000, count=1))) == []
