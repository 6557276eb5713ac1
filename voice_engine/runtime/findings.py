"""What the business has written on the human's words, found for the model to see before it words the turn."""

import asyncio
from collections.abc import Callable, Sequence

from voice_engine.core.dialogue.commands import Command, ToolResult
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.knowledge import Knowledge, Passage

BOUND_S = 0.25
"""The caller waits meanwhile; what takes longer is done without."""


class Findings:
    """One call's look-ups beside the policy's own. Without `knowledge` nothing is ever found."""

    def __init__(self, knowledge: Knowledge | None) -> None:
        self._knowledge = knowledge
        self._task: asyncio.Task[None] | None = None
        self._known: tuple[str, Sequence[Passage]] | None = None

    @property
    def any(self) -> bool:
        """Whether there is something to look in."""
        return self._knowledge is not None

    async def by(self, words: str) -> Sequence[Passage]:
        """The passages for these words; none when there are none, or not in time."""
        known, self._known = self._known, None
        if known is not None and known[0] == words:
            return known[1]
        return await self._search(words)

    def ahead(self, words: str, group: asyncio.TaskGroup, *, then: Callable[[Sequence[Passage]], None]) -> None:
        """Look up words that may turn out to be the whole turn, and call `then`. A newer look-up replaces it."""
        if self._known is not None and self._known[0] == words:
            return
        self.stop()
        self._known = None

        async def look() -> None:
            found = await self._search(words)
            self._known, self._task = (words, found), None
            then(found)

        self._task = group.create_task(look(), name="findings")

    def stop(self) -> None:
        """Leave nothing running."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _search(self, words: str) -> Sequence[Passage]:
        if self._knowledge is None:
            return ()
        try:
            async with asyncio.timeout(BOUND_S):
                return await self._knowledge.search(words)
        except (TimeoutError, VoiceEngineError):
            return ()


def passages_of(command: Command) -> Sequence[Passage]:
    """What a look-up of the policy's own has found."""
    if not isinstance(command, ToolResult) or not isinstance(command.value, list):
        return ()
    rows = [row for row in command.value if isinstance(row, dict) and {"key", "text", "score"} <= row.keys()]
    return [Passage(key=str(row["key"]), text=str(row["text"]), score=float(row["score"])) for row in rows]
