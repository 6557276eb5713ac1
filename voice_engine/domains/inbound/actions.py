"""Follow-ups of all calls in one list, each with the moment of its call that it comes from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.inbound.models import ActionItem, InboundCall
from voice_engine.domains.inbound.repository import items
from voice_engine.store.uow import UnitOfWork

OPEN = ("pending", "in_progress")
DONE = ("completed", "dismissed")

Which = Literal["open", "done", "all"]

LEAST_SHARED = 2
"""Words that a line and a follow-up must share before the one is taken for the origin of the other."""

_WORD = re.compile(r"\w{4,}")
"""Shorter words are mostly grammar, in English and in Spanish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A follow-up in its call. `moment_ms`: from the answer, when the caller spoke of it; None: nobody can tell."""

    item: ActionItem
    call: Call
    inbound: InboundCall | None
    moment_ms: int | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.item.status in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """Some follow-ups; how many there are of these, and how many are open in all."""

    tasks: Sequence[Task]
    total: int
    open: int


async def list_tasks(work: UnitOfWork, which: Which, *, limit: int, offset: int) -> TaskPage:
    """A page, those of the newest call first."""
    statuses = {"open": OPEN, "done": DONE, "all": None}[which]
    rows = await items.list_page(work, statuses=statuses, limit=limit, offset=offset)
    said = await items.list_said(work, {call.id for _, call, _ in rows})
    return TaskPage(
        tasks=[
            Task(
                item=item, call=call, inbound=inbound, moment_ms=moment_of(item.description, said.get(call.id, ()))
            )
            for item, call, inbound in rows
        ],
        total=await items.count(work, statuses=statuses),
        open=await items.count(work, statuses=OPEN),
    )


def moment_of(description: str, said: Sequence[TranscriptEntry]) -> int | None:
    """Where a caller spoke of what is to be done: the first of the lines that share the most words with it."""
    wanted = _words(description)
    best = max(said, key=lambda entry: len(wanted & _words(entry.text)), default=None)
    if best is None or len(wanted & _words(best.text)) < LEAST_SHARED:
        return None
    return best.start_ms


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))
