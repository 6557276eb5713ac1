"""A business's kept bookings, as its calls use them, and whole conversations about them."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from voice_engine.bootstrap.engine import calendar_of
from voice_engine.core.dialogue.actions import Action, Say, UseTool
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.domains.bookings.calls import Books, open_books
from voice_engine.ports.calendar import Booking, BookingRequest, Calendar
from voice_engine.ports.call import CallSpec
from voice_engine.runtime.settings import SessionSettings
from voice_engine.runtime.tools import Toolbox
from voice_engine.store.engine import Store

PATIENT_MS = 20_000
"""A test's machine may be slow."""


class Desk:
    """The process that holds calls: each call's calendar is the server's own."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def calendar(self, spec: CallSpec) -> Calendar:
        """As the engine gets it."""
        calendar = calendar_of(spec, self.books.of)
        assert calendar is not None
        return calendar

    async def book(self, spec: CallSpec, start: dt.datetime, **who: Any) -> Booking:
        """What `calendar.book` of this call does."""
        request = BookingRequest(key=f"{spec.call_id}:{start.isoformat()}", start=start, **who)
        return await self.calendar(spec).book(request)

    def talk(self, spec: CallSpec) -> "DeskTalk":
        """A caller and the engine's dialogue, with the engine's tools."""
        return DeskTalk(spec, self.calendar(spec))


class DeskTalk:
    """One call's words: the real dialogue, the real tools, no audio."""

    def __init__(self, spec: CallSpec, calendar: Calendar) -> None:
        self.conversation = Conversation(spec)
        self._tools = Toolbox(
            call_id=spec.call_id,
            calendar=calendar,
            knowledge=None,
            timeout_ms=SessionSettings().tool_timeout_ms * 4,
        )
        self._now_ms = 0.0
        self._turn = 0
        self.acts = self._speak(self.conversation.open(self._now_ms))[0]

    async def hear(self, text: str) -> str:
        """The caller says this; what the engine answers once its tools have."""
        self._now_ms += 5_000.0
        self._turn += 1
        start_ms = round(self._now_ms)
        actions: Sequence[Action] = self.conversation.on_utterance(
            text, start_ms=start_ms, end_ms=start_ms + 1_500, turn=self._turn, now_ms=self._now_ms + 2_000.0
        )
        self.acts, said = self._speak(actions)
        while (tool := next((each for each in actions if isinstance(each, UseTool)), None)) is not None:
            result = await self._tools.use(tool)
            actions = self.conversation.on_command(result, self._now_ms + 3_000.0)
            acts, more = self._speak(actions)
            self.acts, said = [*self.acts, *acts], [*said, *more]
        return " ".join(said)

    def _speak(self, actions: Sequence[Action]) -> tuple[list[str], list[str]]:
        spoken = [action for action in actions if isinstance(action, Say)]
        for action in spoken:
            self.conversation.on_spoken(action.text, action.text, False)
        return [action.template for action in spoken], [action.text for action in spoken]


@asynccontextmanager
async def open_desk(store: Store, *, now: dt.datetime, bound_ms: float = PATIENT_MS) -> AsyncIterator[Desk]:
    """One process that holds calls."""
    async with open_books(store, now=lambda: now, bound_ms=bound_ms) as books:
        yield Desk(books)
