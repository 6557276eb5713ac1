"""The row of a call that another engine holds: written when it is first heard of, and only ever moved forward."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls import words
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.models import NUMBER_LENGTH, Call, TranscriptEntry
from voice_engine.domains.calls.repository import calls, journal
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import ENDS, LIVE, CallState, Channel, Product
from voice_engine.domains.contacts.repository import find_by_number
from voice_engine.domains.inbound.models import NAME_LENGTH, InboundCall
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.webhooks import repository
from voice_engine.domains.webhooks.journal import happenings_of, line_of
from voice_engine.domains.webhooks.messages import ASSISTANT, JOURNAL, REQUESTS, CallFacts, Message, string
from voice_engine.domains.webhooks.reports import is_over, reported, talked_s
from voice_engine.domains.webhooks.settings import LONGEST_CALL, REPORT_WAIT
from voice_engine.domains.webhooks.upkeep import awaiting_end, awaiting_report
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

RANKS = {
    "scheduled": CallState.SCHEDULED,
    "queued": CallState.QUEUED,
    "ringing": CallState.RINGING,
    "in-progress": CallState.IN_PROGRESS,
    "forwarding": CallState.IN_PROGRESS,
}
"""The other engine's words for where a call stands, in their order; `ended` is an end."""
ORDER = (CallState.SCHEDULED, CallState.QUEUED, CallState.RINGING, CallState.IN_PROGRESS)

IN_TALK = JOURNAL | REQUESTS - {ASSISTANT}
"""Kinds that only a call which was answered has; an assistant is asked for while it rings."""

LONGEST_CALL_S = 43_200
"""The other engine's own limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose call a message is about. `number` is the dialled one, where it is ours."""

    organization: Organization
    assistant: Assistant | None
    number: PhoneNumber | None


class CallBook:
    """Methods run inside the organization's unit of work. `now` is the wall clock, in UTC."""

    def __init__(self, endings: Endings, settings: CallSettings, *, now: Callable[[], dt.datetime]) -> None:
        self._endings = endings
        self._settings = settings
        self._now = now

    async def open(self, work: UnitOfWork, message: Message, place: Place) -> Call | None:
        """The message's call, locked; written if it is new. None: its id is another organization's call."""
        engine_id = message.call.id
        assert engine_id is not None, "a message about a call names it"
        call = await repository.find_call(work, engine_id, lock=True)
        if call is not None:
            return call
        written = await repository.add_call(work, self._row(message, place))
        call = await repository.find_call(work, engine_id, lock=True)
        if call is not None and written:
            await self._add_inbound_half(work, call, message.call, place)
            await index_calls(work, [call.id])
            if call.answered_at is not None:
                await self._endings.tell(work, call, Happening(type="call.answered", at=call.answered_at))
            await enqueue(work, awaiting_end(call.id, due_at=self._now() + LONGEST_CALL))
        return call

    async def note_status(self, work: UnitOfWork, call: Call, message: Message) -> None:
        """Move the call forward to where the message says that it stands."""
        if message.status == "ended":
            await self._end(work, call, message)
            return
        state = RANKS.get(message.status or "")
        if state is None or call.status in ENDS or not call.is_external:
            return
        at = message.at or self._now()
        told: list[Happening] = []
        values: dict[str, Any] = {}
        answered_at = message.call.started_at or at
        if state is CallState.IN_PROGRESS and (call.answered_at is None or answered_at < call.answered_at):
            values["answered_at"] = answered_at
            told += [] if call.answered_at else [Happening(type="call.answered", at=at)]
        if state is CallState.RINGING and _is_before(call.status, state):
            told.append(Happening(type="call.ringing", at=at))
        if message.status == "forwarding" and call.handled_by is None:
            values["handled_by"] = "transfer"
            told.append(Happening(type="call.transferred", at=at))
        if _is_before(call.status, state):
            values["status"] = state
        if values:
            await calls.change(work, call.id, when=(CallState(call.status),), **values)
        if told:
            await self._endings.tell(work, call, *told)

    async def note_report(self, work: UnitOfWork, call: Call, message: Message) -> None:
        """Take the other engine's last word on a call, once; of a call of ours, only that it is over."""
        if not call.is_external:
            await self._note_our_end(work, call, message)
            return
        uses = await journal.list_tool_uses(work, call.id)
        ending = reported(call, message, uses, now=self._now())
        if not await self._endings.end(work, call, ending):
            await self._endings.supplement(work, call, ending)

    async def note_moment(self, work: UnitOfWork, call: Call, message: Message) -> None:
        """Write down what happened in the call: an event, and a line of its transcript while it is live."""
        happenings = happenings_of(message, at=message.at or self._now())
        if not happenings:
            return
        line = line_of(message)
        if line is not None and call.is_external and call.status in LIVE:
            await self._add_line(work, call, line, at=message.at)
        await self._endings.tell(work, call, *happenings)

    async def _end(self, work: UnitOfWork, call: Call, message: Message) -> None:
        if not call.is_external:
            await self._note_our_end(work, call, message)
            return
        if await self._endings.end(work, call, is_over(call, message, now=self._now())):
            await enqueue(work, awaiting_report(call.id, due_at=self._now() + REPORT_WAIT))

    async def _note_our_end(self, work: UnitOfWork, call: Call, message: Message) -> None:
        """Our own engine's calls end by its report; this is a word from outside, for when that is lost."""
        if call.status not in LIVE or call.carrier_ended_at is not None:
            return
        at = message.call.ended_at or message.at or self._now()
        length_s = talked_s(call, message.call, ended_at=at)
        seconds = None if length_s is None else round(length_s)
        await calls.change(work, call.id, when=LIVE, carrier_ended_at=at, carrier_seconds=seconds)
        due = self._now() + dt.timedelta(seconds=self._settings.report_wait_s)
        await enqueue(
            work, Job(kind=words.SETTLE, payload={"call_id": call.id}, key=f"settle:{call.id}", due_at=due)
        )

    async def _add_line(
        self, work: UnitOfWork, call: Call, line: tuple[str, str], *, at: dt.datetime | None
    ) -> None:
        began, position = call.answered_at, await repository.next_position(work, call.id)
        elapsed_s = (at - began).total_seconds() if at is not None and began is not None else 0.0
        start_ms = round(min(max(elapsed_s, 0.0), LONGEST_CALL_S) * 1000)
        speaker, text = line
        entry = TranscriptEntry(
            organization_id=call.organization_id,
            call_id=call.id,
            position=position,
            speaker=speaker,
            text=text,
            heard_text=text if speaker == "AI" else None,
            interrupted=False,
            start_ms=start_ms,
            end_ms=start_ms,
        )
        await journal.keep_lines(work, [entry])

    def _row(self, message: Message, place: Place) -> dict[str, Any]:
        facts, organization, assistant = message.call, place.organization, place.assistant
        ours, other = _fits(facts.our_number) or _e164(place.number), _fits(facts.other_number)
        outbound = facts.direction == "outbound"
        now = self._now()
        language = organization.locale if assistant is None else assistant.language
        return {
            "id": new_id(),
            "external_id": facts.id,
            "assistant_id": None if assistant is None else assistant.id,
            "product": Product.EPOCH,
            "direction": facts.direction,
            "channel": Channel.BROWSER if facts.is_browser else Channel.PSTN,
            "from_number": ours if outbound else other,
            "to_number": other if outbound else ours,
            "status": _first_state(message),
            "created_at": facts.created_at or facts.started_at or message.at or now,
            "started_at": facts.started_at or facts.created_at or message.at or now,
            "answered_at": (facts.started_at or message.at or now) if message.kind in IN_TALK else None,
            "timezone": organization.timezone,
            "language": language,
            "app_language": language,
            "record": False,
            "max_seconds": LONGEST_CALL_S,
        }

    async def _add_inbound_half(self, work: UnitOfWork, call: Call, facts: CallFacts, place: Place) -> None:
        """What inbound calls have beyond a call, where one of our numbers was called."""
        if call.direction != "inbound" or place.number is None or call.to_number is None:
            return
        contact = None if call.from_number is None else await find_by_number(work, call.from_number)
        name = string(facts.other_name)
        half = InboundCall(
            call_id=call.id,
            number_id=place.number.id,
            caller_name=contact.name if contact is not None else None if name is None else name[:NAME_LENGTH],
            contact_id=None if contact is None else contact.id,
            is_vip=contact is not None and contact.is_vip,
            decision={"action": "ai_answer", "config": {}},
        )
        work.session.add(half)
        await work.session.flush()


def _first_state(message: Message) -> CallState:
    """Where a call stands that is heard of by this message; whatever has no status happens in a call."""
    if message.kind == ASSISTANT:
        return CallState.RINGING
    if message.status == "ended":
        return CallState.IN_PROGRESS
    word = message.status or message.call.status or ""
    state = RANKS.get(word, CallState.IN_PROGRESS)
    # The message's own word is applied by `note_status`, which tells it; a word beside it has been told before.
    if message.status is not None and state is not CallState.SCHEDULED:
        return ORDER[ORDER.index(state) - 1]
    return state


def _is_before(status: str, state: CallState) -> bool:
    return status in ORDER and ORDER.index(CallState(status)) < ORDER.index(state)


def _fits(number: str | None) -> str | None:
    return number if number is not None and len(number) <= NUMBER_LENGTH else None


def _e164(number: PhoneNumber | None) -> str | None:
    return None if number is None else number.e164
