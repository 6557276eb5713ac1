"""What a business has written down, searched during a call."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One found passage: `key` names its source section, `score` is higher for a better match (0..1)."""

    key: str
    text: str
    score: float


class Knowledge(Protocol):
    """Search over one business's knowledge."""

    async def search(self, query: str, *, limit: int = 3) -> list[Passage]:
        """Best passages first; empty when nothing fits. Raises UpstreamFailed."""
        ...
