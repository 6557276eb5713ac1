"""One turn worded by a model: its stream cut into clauses, each checked and on time, or a stated failure.

Knows nothing of the conversation's state: it is given a request and a `Wording`, and stops at the first
clause that may not be spoken. What it does not say, the templates do.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from voice_engine.clock import LoopClock
from voice_engine.core.dialogue.clauses import ClauseCutter, CutMode
from voice_engine.core.dialogue.llm.check import Wording
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.llm import LLM, Completed, LLMEvent, LLMRequest, TextDelta, ToolCall

QUEUE_EVENTS = 512
"""More than `max_tokens` deltas: a speculative request never waits for its reader, and never grows past this."""


class PhrasingFailed(Exception):
    """The model's turn ended early; `reason` is a stable word, `lasting` means that asking again is useless."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long a caller may be kept waiting, in ms: for the first clause, for each later one, and for all of them
    (None: as long as they come)."""

    first_ms: float
    later_ms: float
    total_ms: float | None = None

    def left_ms(self, waited_ms: float) -> float:
        """How long a later clause may take when the turn has taken `waited_ms` so far."""
        return self.later_ms if self.total_ms is None else min(self.later_ms, self.total_ms - waited_ms)


class Phrasing:
    """Reads one model stream. `clauses` yields what may be spoken; figures are read from the attributes.

    `heed` False: nothing is checked, where a scripted model's words are all there is.
    """

    def __init__(self, wording: Wording, *, cut: CutMode, budget: Budget, heed: bool = True) -> None:
        self._wording = wording
        self._cutter = ClauseCutter(cut)
        self._budget = budget
        self._heed = heed
        self._clock = LoopClock()
        self._spoken = ""
        self.first_token_ms: float | None = None
        self.first_clause_ms: float | None = None
        self.completed: Completed | None = None

    async def clauses(self, events: AsyncGenerator[LLMEvent, None]) -> AsyncGenerator[str | ToolCall, None]:
        """Yield checked clauses as they complete; a tool call only when nothing was said before it.

        Raises:
            PhrasingFailed: too late, broken off, empty, or not fit to be spoken.
        """
        began_ms = self._clock.now_ms()
        left_ms = self._budget.first_ms
        async with aclosing(events) as source:
            while self.completed is None:
                read = await self._read(source, began_ms=began_ms, within_ms=left_ms)
                if isinstance(read, ToolCall):
                    if not self._spoken:
                        yield read
                    return
                for clause in read:
                    checked = self._checked(clause)
                    if self.first_clause_ms is None:
                        self.first_clause_ms = self._clock.now_ms() - began_ms
                    yield checked
                    left_ms = self._budget.left_ms(self._clock.now_ms() - began_ms)
        if not self._spoken:
            raise PhrasingFailed("empty")

    async def _read(
        self, source: AsyncGenerator[LLMEvent, None], *, began_ms: float, within_ms: float
    ) -> list[str] | ToolCall:
        """Read up to the next whole clause, a tool call or the end. One timer a clause: a drip does not escape."""
        clauses: list[str] = []
        try:
            async with asyncio.timeout(max(0.0, within_ms) / 1000):
                while not clauses and self.completed is None:
                    event = await anext(source)
                    if self.first_token_ms is None:
                        self.first_token_ms = self._clock.now_ms() - began_ms
                    if isinstance(event, ToolCall):
                        return event
                    clauses = self._cut(event)
        except TimeoutError as error:
            raise PhrasingFailed("late") from error
        except StopAsyncIteration as error:
            raise PhrasingFailed("broken_off") from error
        except UpstreamFailed as error:
            raise PhrasingFailed(error.code, lasting=not error.retryable) from error
        return clauses

    def _cut(self, event: TextDelta | Completed) -> list[str]:
        if isinstance(event, TextDelta):
            return self._cutter.push(event.text)
        self.completed = event
        # A sentence that the token limit cut off is not worth hearing.
        return [] if event.reason == "length" else self._cutter.finish()

    def _checked(self, clause: str) -> str:
        if self._heed and (objection := self._wording.objection(clause, self._spoken)) is not None:
            raise PhrasingFailed(objection)
        self._spoken = f"{self._spoken} {clause}".strip()
        return clause


class Speculation:
    """A request sent before the turn has surely ended; read by `events` when its guess was right."""

    def __init__(self, llm: LLM, request: LLMRequest, group: asyncio.TaskGroup) -> None:
        self.request = request
        self._llm = llm
        self._events: asyncio.Queue[LLMEvent | UpstreamFailed | None] = asyncio.Queue(QUEUE_EVENTS)
        self._task = group.create_task(self._read(), name="llm-speculation")

    def cancel(self) -> None:
        """Stop the request; safe at any time."""
        self._task.cancel()

    async def events(self) -> AsyncGenerator[LLMEvent, None]:
        """What has arrived so far and then the rest. Closing it stops the request."""
        try:
            while (event := await self._events.get()) is not None:
                if isinstance(event, UpstreamFailed):
                    raise event
                yield event
        finally:
            self._task.cancel()

    async def _read(self) -> None:
        try:
            async with aclosing(self._llm.stream(self.request)) as events:
                async for event in events:
                    await self._events.put(event)
            await self._events.put(None)
        except UpstreamFailed as error:
            await self._events.put(error)
