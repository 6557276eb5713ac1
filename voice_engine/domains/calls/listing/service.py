"""Lists of an organization's calls, both ways: what is up and what waits, what is over, a page at a time.

Methods run inside a reading unit of the organization. A page is read by its indexes alone, whatever the list's
length; what chosen rows show besides (names, the line that was searched for) is read for these rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from voice_engine.domains.calls.business import heard
from voice_engine.domains.calls.listing import index, reading
from voice_engine.domains.calls.listing.models import number_at
from voice_engine.domains.calls.listing.selection import OPEN, STATES, Place, Selection, page_invalid
from voice_engine.domains.calls.listing.terms import (
    NAME,
    Piece,
    Term,
    Word,
    cut,
    fact_term,
    hits,
    mark,
    owner_term,
    parse_words,
)
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import LIVE, WAITING, CallState
from voice_engine.store.uow import UnitOfWork

PAGE = 25
MOST_COUNTED = 10_000
"""A list counts so far: beyond, nobody reads the number, and counting would be slower than listing."""
MOST_OPEN = 50
"""Calls that are not over, of each kind, on top of a list."""
MOST_NAMED = 50
"""Contacts that one word of a search stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """The line that a search found in what was said. `position` is its place in the transcript."""

    speaker: str
    is_agent: bool
    position: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCall:
    """A call as a list shows it. `name` None: only the number is known, or not even that."""

    call: Call
    name: str | None
    is_vip: bool = False
    snippet: Snippet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """Some calls, newest first. `next` None: these are the last. `words`: what was searched for, to mark it."""

    calls: Sequence[ListedCall]
    next: Place | None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many; `more`: there are more than were counted."""

    number: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCalls:
    """Calls that are not over."""

    live: Sequence[ListedCall]
    waiting: Sequence[ListedCall]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """A search as the index is asked: one term of each group; numbers from `since` until before `until`."""

    groups: tuple[tuple[Term, ...], ...]
    words: tuple[Word, ...]
    since: int | None
    until: int | None


class CallListing:
    """Reads lists. `transcripts`: whether the viewer's plan shows what was said, so that it can be searched."""

    def __init__(self, zone: ZoneInfo, *, transcripts: bool = True) -> None:
        self._zone = zone
        self._transcripts = transcripts

    async def page(
        self, work: UnitOfWork, selection: Selection, *, after: Place | None = None, limit: int = PAGE
    ) -> CallPage:
        """The calls after a place that are over, newest first.

        Raises:
            InvalidInput: `page_invalid`: the place is of another list, with words or without.
        """
        if after is not None and (after.number is not None) != selection.is_search:
            raise page_invalid()
        if not selection.is_search:
            return await self._page_of_rows(work, selection, after, limit)
        search = await self._search(work, selection)
        if search is None:
            return CallPage(calls=(), next=None)
        before = search.until if after is None else after.number
        numbers = await reading.found(work, search.groups, since=search.since, before=before, limit=limit + 1)
        ids = await reading.ids_of(work, numbers[:limit])
        order = [ids[number] for number in numbers[:limit] if number in ids]
        rows = [call for call in await reading.rows_of(work, order) if call.status in selection.states]
        following = Place(number=numbers[limit - 1]) if len(numbers) > limit else None
        return CallPage(calls=await self._listed(work, rows, search.words), next=following, words=search.words)

    async def count(self, work: UnitOfWork, selection: Selection) -> Count:
        """How many calls that are over the selection has."""
        most = MOST_COUNTED + 1
        if selection.is_search:
            search = await self._search(work, selection)
            span = None if search is None else {"since": search.since, "before": search.until}
            number = (
                0
                if search is None or span is None
                else await reading.count_found(work, search.groups, most=most, **span)
            )
        else:
            number = await reading.count(work, self._conditions(selection), most=most)
        return Count(number=min(number, MOST_COUNTED), more=number >= most)

    async def open_calls(self, work: UnitOfWork, selection: Selection) -> OpenCalls:
        """The calls of a selection that are not over; none where it wants a way in which calls end."""
        if selection.state is not None or selection.outcome is not None or selection.recorded:
            return OpenCalls(live=(), waiting=())
        words: tuple[Word, ...] = ()
        wanted = self._conditions(selection, states=OPEN)
        if selection.is_search:
            search = await self._search(work, selection, state=index.OPEN)
            if search is None:
                return OpenCalls(live=(), waiting=())
            span = {"since": search.since, "before": search.until}
            numbers = await reading.found(work, search.groups, limit=2 * MOST_OPEN, **span)
            words = search.words
            wanted.append(Call.id.in_(list((await reading.ids_of(work, numbers)).values())))
        live = await reading.open_calls(work, LIVE, wanted, limit=MOST_OPEN)
        waiting = await reading.open_calls(work, WAITING, wanted, limit=MOST_OPEN)
        listed = await self._listed(work, [*live, *waiting], words)
        return OpenCalls(live=listed[: len(live)], waiting=listed[len(live) :])

    async def has_any(self, work: UnitOfWork) -> bool:
        """Whether there is a call at all."""
        return bool(await reading.newest(work, (), before=None, limit=1))

    async def _page_of_rows(
        self, work: UnitOfWork, selection: Selection, after: Place | None, limit: int
    ) -> CallPage:
        before = None
        if after is not None:
            assert after.at is not None, "the place is of a list without words"
            assert after.call_id is not None, "the place is of a list without words"
            before = (after.at, after.call_id)
        ids = await reading.newest(work, self._conditions(selection), before=before, limit=limit + 1)
        rows = await reading.rows_of(work, ids[:limit])
        last = rows[-1] if len(ids) > limit else None
        following = None if last is None else Place(at=last.created_at, call_id=last.id)
        return CallPage(calls=await self._listed(work, rows, ()), next=following)

    def _conditions(
        self, selection: Selection, *, states: Collection[CallState] | None = None
    ) -> list[sa.ColumnElement[bool]]:
        since, until = selection.span(self._zone)
        return reading.conditions(
            states=selection.states if states is None else states,
            since=since,
            until=until,
            recorded=selection.recorded,
            direction=selection.direction,
            channel=selection.channel,
            category=selection.category,
            task_outcome=selection.outcome,
        )

    async def _search(self, work: UnitOfWork, selection: Selection, *, state: str | None = None) -> _Search | None:
        """What the index is asked; None: nothing can be found by such words."""
        party, text = parse_words(selection.party), parse_words(selection.text)
        if (selection.party and not party) or (selection.text and not text):
            return None
        groups = [tuple(await self._names(work, word)) for word in party]
        for word in text:
            groups.append((*await self._names(work, word), *word.said(transcripts=self._transcripts)))
        since, until = selection.span(self._zone)
        return _Search(
            groups=((Term(text=owner_term(work.organization_id)),), *_facts(selection, state), *groups),
            words=tuple(dict.fromkeys((*party, *text))),
            since=None if since is None else number_at(since),
            until=None if until is None else number_at(until),
        )

    async def _names(self, work: UnitOfWork, word: Word) -> list[Term]:
        """Where a word stands in a name: in the call's own, and in that of a contact as it is now."""
        named: Sequence[str] = ()
        if not word.is_number and len(word.text) > 1:
            named = await reading.numbers_named(work, word.text, most=MOST_NAMED)
        return [*word.names(), *(Term(text=NAME + number.lstrip("+")) for number in named)]

    async def _listed(self, work: UnitOfWork, rows: Sequence[Call], words: tuple[Word, ...]) -> list[ListedCall]:
        ids = [call.id for call in rows]
        if not ids:
            return []
        callers = await reading.callers_of(work, ids)
        contacts = await reading.contacts_of(work, {call.number_of_other for call in rows if call.number_of_other})
        snippets: dict[str, Snippet] = {}
        if words and self._transcripts:
            snippets = _snippets(await reading.lines_of(work, ids), words)
        listed = []
        for call in rows:
            name, is_vip = callers.get(call.id, (None, False))
            known = contacts.get(call.number_of_other or "")
            asked = (call.task or {}).get("business_name") if call.direction == "outbound" else None
            listed.append(
                ListedCall(call=call, name=asked or name or known, is_vip=is_vip, snippet=snippets.get(call.id))
            )
        return listed


def _facts(selection: Selection, state: str | None) -> list[tuple[Term, ...]]:
    facts = [selection.direction, selection.channel, selection.category, selection.outcome, state]
    if selection.recorded:
        facts.append(index.RECORDED)
    groups: list[tuple[Term, ...]] = [(Term(text=fact_term(fact)),) for fact in facts if fact is not None]
    if selection.state is not None:
        groups.append(tuple(Term(text=fact_term(each)) for each in STATES[selection.state]))
    return groups


def _snippets(lines: Sequence[TranscriptEntry], words: Sequence[Word]) -> dict[str, Snippet]:
    """The line of each call that has the most of the words, the first of equals."""
    best: dict[str, tuple[int, TranscriptEntry, str]] = {}
    for line in lines:
        text = heard(line)
        found = len(hits(text, words))
        if found and (line.call_id not in best or found > best[line.call_id][0]):
            best[line.call_id] = (found, line, text)
    return {call_id: _snippet(line, text, words) for call_id, (_, line, text) in best.items()}


def _snippet(line: TranscriptEntry, text: str, words: Sequence[Word]) -> Snippet:
    return Snippet(
        speaker=line.speaker,
        is_agent=line.agent,
        position=line.position,
        pieces=mark(cut(text, words), words),
    )
