"""Takes in what another engine tells and asks: each message once, in one transaction with its effect.

```
message ─▶ whose? ── nobody's: its skeleton is kept, ignored
             ├─ told (status, report, what is said) ─▶ known? ── yes: ignored
             │                                          └─ no: the call's row moves forward, its journal grows
             └─ asked (assistant, tools, transfer, knowledge) ─▶ answered, each time it is asked
```
Messages come in any order and more than once. A call's row never goes back; its end, its report and its bill are
`Endings`', as those of our own engine's calls are.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from voice_engine.domains.accounts.models import Organization, OrganizationStatus
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.webhooks import repository
from voice_engine.domains.webhooks.book import RANKS, CallBook, Place
from voice_engine.domains.webhooks.messages import (
    ASSISTANT,
    JOURNAL,
    KNOWN,
    REPORT,
    REQUESTS,
    STATUS,
    TOOLS,
    Message,
    conversation,
    read_message,
    string,
)
from voice_engine.domains.webhooks.settings import ASSISTANT_WAIT_S, PROVIDER, TOOL_WAIT_S, TRIES
from voice_engine.domains.webhooks.tools import (
    Caller,
    Toolbox,
    ToolCall,
    ToolFailed,
    ToolResult,
    read_function_call,
    read_tool_calls,
)
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.knowledge import Passage
from voice_engine.store.engine import Store
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork

Ignored = Literal["unauthenticated", "malformed", "unknown_assistant", "duplicate", "unknown_type"]

TRANSFERRING = "Transferring your call now."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer. `ignored` says why a message had no effect; None: it had, or was answered.

    `results` None: no tools were asked for. `result` answers the one tool of an older message.
    """

    ignored: Ignored | None = None
    results: tuple[ToolResult, ...] | None = None
    result: str | None = None
    assistant_id: str | None = None
    destination: str | None = None
    documents: tuple[Passage, ...] | None = None
    error: str | None = None


class Intake:
    """One process's door for another engine's messages. `now` is the wall clock, in UTC."""

    def __init__(
        self,
        store: Store,
        book: CallBook,
        tools: Toolbox,
        minutes: MinutesService,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._book = book
        self._tools = tools
        self._minutes = minutes
        self._now = now

    async def take(self, payload: object) -> Reply:
        """The answer to a request's JSON, whatever it is.

        Raises:
            UpstreamFailed: the database cannot be used now; nothing was changed.
        """
        message = read_message(payload)
        if message is None or (message.kind in KNOWN - {ASSISTANT, *TOOLS} and message.call.id is None):
            return Reply(ignored="malformed")
        for _ in range(TRIES - 1):
            try:
                return await self._take(message)
            except UpstreamFailed as failure:
                if not failure.retryable:
                    raise
        return await self._take(message)

    async def _take(self, message: Message) -> Reply:
        async with self._store.system("whose call another engine tells of", writes=False) as work:
            place = await _find_place(work, message)
        if place is None:
            await self._keep_stranger(message)
            return _to_stranger(message)
        if message.kind not in REQUESTS:
            return await self._hear(message, place)
        call = await self._note_request(message, place)
        if message.kind == ASSISTANT:
            return await self._answer_assistant(place)
        return await self._answer(message, place, call)

    async def _hear(self, message: Message, place: Place) -> Reply:
        """Take in what is told."""
        async with self._store.begin(place.organization.id) as work:
            is_known = message.kind in KNOWN and (message.kind != "status-update" or _is_status(message.status))
            ignored: Ignored | None = None if is_known else "unknown_type"
            if not await repository.take(work, self._event(message, place, ignored=ignored)):
                return Reply(ignored="duplicate")
            call = await self._call_of(work, message, place, writes=is_known)
            if call is None:
                return Reply(ignored=ignored or "unknown_assistant")
            await self._bind(work, message, call)
            if call.emptied_at is not None:
                if message.kind == REPORT:
                    await self._book.note_report(work, call, message)
            elif message.kind in STATUS and is_known:
                await self._book.note_status(work, call, message)
            elif message.kind == REPORT:
                await self._book.note_report(work, call, message)
            elif message.kind in JOURNAL:
                await self._book.note_moment(work, call, message)
            return Reply(ignored=ignored)

    async def _call_of(self, work: UnitOfWork, message: Message, place: Place, *, writes: bool) -> Call | None:
        """The message's call. What nobody knows begins no call."""
        if message.call.id is None:
            return None
        if writes:
            return await self._book.open(work, message, place)
        return await repository.find_call(work, message.call.id, lock=True)

    async def _note_request(self, message: Message, place: Place) -> Call | None:
        """Remember that something was asked, and the call in which it was; a repeated question is asked again.

        None also of a call that was emptied: what is asked late is answered, and no use is written down.
        """
        async with self._store.begin(place.organization.id) as work:
            is_new = await repository.take(work, self._event(message, place, ignored=None))
            call = await self._call_of(work, message, place, writes=True)
            if call is not None and is_new:
                await self._bind(work, message, call)
            return call if call is None or call.emptied_at is None else None

    async def _bind(self, work: UnitOfWork, message: Message, call: Call) -> None:
        """Keep the message with its call; of one that was emptied, its skeleton."""
        whole = None if message.kind in JOURNAL else dict(message.body)
        payload = whole if call.emptied_at is None else _skeleton(message)
        await repository.bind(work, PROVIDER, message.key, call.id, payload)

    async def _answer_assistant(self, place: Place) -> Reply:
        """Who answers the dialled number, in time for the carrier."""
        try:
            async with asyncio.timeout(ASSISTANT_WAIT_S):
                return await self._choose(place)
        except TimeoutError:
            return Reply(error="the assistant was not found in time")

    async def _choose(self, place: Place) -> Reply:
        organization, assistant = place.organization, place.assistant
        if organization.status != OrganizationStatus.ACTIVE:
            return Reply(error="this number is not in service")
        if assistant is None:
            return Reply(error="no assistant answers this number")
        async with self._store.read(organization.id) as work:
            reading = await self._minutes.read(work)
        if not reading.terms.overage_on and reading.cycle.remaining <= 0:
            return Reply(error="the minutes of this cycle are used up")
        return Reply(assistant_id=assistant.engine_id)

    async def _answer(self, message: Message, place: Place, call: Call | None) -> Reply:
        caller = Caller(
            organization_id=place.organization.id,
            call_id="" if call is None else call.id,
            assistant_id=None if place.assistant is None else place.assistant.id,
        )
        match message.kind:
            case "tool-calls":
                return Reply(results=await self._tools.run_all(caller, read_tool_calls(message.body)))
            case "function-call":
                return await self._answer_function(caller, read_function_call(message.body))
            case "transfer-destination-request":
                return await self._answer_transfer(place)
            case _:
                return await self._answer_knowledge(caller, message)

    async def _answer_function(self, caller: Caller, asked: ToolCall | None) -> Reply:
        if asked is None:
            return Reply(error="the message names no function")
        (result,) = await self._tools.run_all(caller, [asked])
        return Reply(result=result.result, error=result.error)

    async def _answer_transfer(self, place: Place) -> Reply:
        try:
            return Reply(destination=await self._tools.transfer_number(place.organization.id))
        except ToolFailed as failure:
            return Reply(error=str(failure))

    async def _answer_knowledge(self, caller: Caller, message: Message) -> Reply:
        question = last_question(message)
        if question is None:
            return Reply(documents=())
        try:
            async with asyncio.timeout(TOOL_WAIT_S):
                return Reply(documents=tuple(await self._tools.passages(caller, question)))
        except (TimeoutError, UpstreamFailed):
            _log.warning("webhooks.knowledge_failed", call_id=caller.call_id)
            return Reply(documents=())

    async def _keep_stranger(self, message: Message) -> None:
        """Remember that an assistant was named that nobody here has, without what was said in its calls."""
        async with self._store.system("a message about nobody's assistant") as work:
            await repository.take(work, self._event(message, None, ignored="unknown_assistant"))

    def _event(self, message: Message, place: Place | None, *, ignored: Ignored | None) -> dict[str, Any]:
        return {
            "id": new_id(),
            "provider": PROVIDER,
            "external_id": message.key,
            "organization_id": None if place is None else place.organization.id,
            "call_id": None,
            "type": message.kind,
            "ignored": ignored,
            "payload": _skeleton(message),
            "received_at": self._now(),
        }


def last_question(message: Message) -> str | None:
    """What the caller said last."""
    for line in reversed(conversation(message.body)):
        said = string(line.get("content")) or string(line.get("message"))
        if line.get("role") == "user" and said is not None:
            return said
    return None


async def _find_place(work: UnitOfWork, message: Message) -> Place | None:
    """Whose call it is: by the call if we know it, else by its assistant, else by the dialled number."""
    facts = message.call
    call = None if facts.id is None else await repository.find_call(work, facts.id)
    number = await _find_number(work, message)
    assistant = None
    if facts.assistant_id is not None:
        assistant = await repository.find_assistant(work, facts.assistant_id)
        if assistant is None and call is None:
            return None
    owner = call or assistant or number
    if owner is None or (assistant is not None and assistant.organization_id != owner.organization_id):
        return None
    organization = await repository.find_organization(work, owner.organization_id)
    if organization is None or organization.status == OrganizationStatus.DELETED:
        return None
    if number is not None and number.organization_id != organization.id:
        number = None
    if assistant is None:
        assistant = await _assistant_of(work, call, organization, number)
    return Place(organization=organization, assistant=assistant, number=number)


async def _find_number(work: UnitOfWork, message: Message) -> Any:
    facts = message.call
    number_id = facts.number_id if facts.number_id is not None and is_id(facts.number_id) else None
    return await repository.find_number(work, number_id=number_id, e164=facts.our_number)


async def _assistant_of(
    work: UnitOfWork, call: Call | None, organization: Organization, number: Any
) -> Assistant | None:
    if call is not None and call.assistant_id is not None:
        found: Assistant | None = await work.session.get(Assistant, call.assistant_id)
        return found
    return None if number is None else await repository.find_assistant_of(work, organization, number)


def _is_status(word: str | None) -> bool:
    return word == "ended" or word in RANKS


def _to_stranger(message: Message) -> Reply:
    """What waits for an answer gets one: else the other engine's caller hears nothing."""
    why = "nobody here has this assistant"
    results: Sequence[ToolResult] | None = None
    if message.kind == "tool-calls":
        results = [
            ToolResult(tool_call_id=call.id, name=call.name, error=why) for call in read_tool_calls(message.body)
        ]
    return Reply(
        ignored="unknown_assistant",
        results=None if results is None else tuple(results),
        error=why if message.kind in REQUESTS and results is None else None,
    )


def _skeleton(message: Message) -> dict[str, Any]:
    facts = message.call
    return {"type": message.kind, "call": {"id": facts.id, "assistantId": facts.assistant_id}}
