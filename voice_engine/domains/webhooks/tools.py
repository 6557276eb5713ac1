"""The tools that another engine may ask us to use in a call, and what they answer: one line of text, or an error.

All asked for at once run at the same time, each within its limit; what was used once answers the same again.
"""

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.models import Call, ToolInvocation
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.knowledge.searching import search
from voice_engine.domains.minutes.plans import Feature, Tier, has
from voice_engine.domains.webhooks import repository
from voice_engine.domains.webhooks.cleaning import Unkeepable, clean
from voice_engine.domains.webhooks.messages import first, record, records, string
from voice_engine.domains.webhooks.settings import TOOL_WAIT_S
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.knowledge import Passage
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

TAKE_MESSAGE = "take_message"
MOST_TOOLS = 32
"""More at once than that nobody asks for; the rest is answered with an error."""
MOST_PASSAGES = 5
ID_LENGTH = 64
NAME_LENGTH = 64
ERROR_LENGTH = 200
LONGEST_MS = 2**31 - 1

TierOf = Callable[[UnitOfWork], Awaitable[Tier]]

_log = structlog.get_logger(__name__)


class Retrieval(Protocol):
    """Searches what an assistant's business has written down."""

    async def __call__(
        self, organization_id: str, assistant_id: str, query: str, *, limit: int
    ) -> Sequence[Passage]:
        """The best passages first. Raises UpstreamFailed."""
        ...


class StoredKnowledge:
    """The `Retrieval` of sections and files that businesses keep here."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(
        self, organization_id: str, assistant_id: str, query: str, *, limit: int
    ) -> Sequence[Passage]:
        """The best passages first."""
        async with self._store.read(organization_id) as work:
            return await search(work, assistant_id, query, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One use that is asked for. `arguments` None: what was given for them is no JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What came of it: exactly one of `result` and `error`, on one line."""

    tool_call_id: str
    name: str
    result: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """In which call, of whose assistant. `assistant_id` None: the call has none of ours any more."""

    organization_id: str
    call_id: str
    assistant_id: str | None


def read_tool_calls(body: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """The uses that a message asks for, in its order, one an id; those without an id are left out."""
    asked = records(body.get("toolCallList")) or records(body.get("toolCalls"))
    if not asked:
        asked = [_with_tool(entry) for entry in records(body.get("toolWithToolCallList"))]
    calls: dict[str, ToolCall] = {}
    for entry in asked:
        call_id = string(entry.get("id"))
        if call_id is not None and call_id not in calls:
            calls[call_id] = _read(call_id, entry)
    return tuple(calls.values())


def read_function_call(body: Mapping[str, Any]) -> ToolCall | None:
    """The one use that the older `function-call` message asks for. It has no id: its content is."""
    asked = record(body.get("functionCall"))
    name = string(asked.get("name"))
    if name is None:
        return None
    stamp = json.dumps([asked, body.get("timestamp")], sort_keys=True)
    return _read(f"function-{hashlib.sha256(stamp.encode()).hexdigest()[:32]}", asked)


def one_line(text: str) -> str:
    """A text without line breaks: the other engine breaks on them."""
    return " ".join(text.split())


class Toolbox:
    """Runs tools. `now` is the wall clock, in UTC; `wait_s` what one may take."""

    def __init__(
        self,
        store: Store,
        endings: Endings,
        *,
        tier_of: TierOf,
        retrieve: Retrieval,
        now: Callable[[], dt.datetime],
        wait_s: float = TOOL_WAIT_S,
    ) -> None:
        self._store = store
        self._endings = endings
        self._tier_of = tier_of
        self._retrieve = retrieve
        self._now = now
        self._wait_s = wait_s
        self._tools: Mapping[str, Callable[[Caller, Mapping[str, Any]], Awaitable[str]]] = {
            "transferCall": self._transfer,
            "transfer_call": self._transfer,
            "search_knowledge": self._search,
            "check_availability": _calendar,
            "book_appointment": _calendar,
            TAKE_MESSAGE: _take_message,
        }

    async def run_all(self, caller: Caller, asked: Sequence[ToolCall]) -> tuple[ToolResult, ...]:
        """Use all of them at once; the results in their order."""
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self._use(caller, call)) for call in asked[:MOST_TOOLS]]
        rest = (_failed(call, "too many tools at once") for call in asked[MOST_TOOLS:])
        return (*(task.result() for task in running), *rest)

    async def transfer_number(self, organization_id: str) -> str:
        """Where the organization's calls are transferred to. Raises ToolFailed."""
        async with self._store.read(organization_id) as work:
            organization = await repository.find_organization(work, organization_id)
            tier = await self._tier_of(work)
        if organization is None or organization.transfer_number is None:
            raise ToolFailed("no transfer number is set")
        if not has(tier, Feature.TRANSFER):
            raise ToolFailed("the plan has no transfers")
        return organization.transfer_number

    async def _use(self, caller: Caller, call: ToolCall) -> ToolResult:
        """One tool, whatever happens to it."""
        try:
            async with asyncio.timeout(self._wait_s):
                known = await self._remembered(caller, call)
                return known or await self._remember(caller, call, await self._run(caller, call))
        except TimeoutError:
            return _failed(call, f"no answer within {self._wait_s:g} s")
        except VoiceEngineError as error:
            return _failed(call, error.message)
        except Exception:  # noqa: BLE001  # the edge of one tool: the others' answers must not be lost
            _log.exception("webhooks.tool_failed", tool=call.name, call_id=caller.call_id)
            return _failed(call, "the tool failed")

    async def _run(self, caller: Caller, call: ToolCall) -> ToolResult:
        tool = self._tools.get(call.name)
        if tool is None:
            return _failed(call, f"there is no tool {call.name}")
        if call.arguments is None:
            return _failed(call, "the arguments are no JSON object")
        try:
            answer = await tool(caller, call.arguments)
        except ToolFailed as failure:
            return _failed(call, str(failure))
        return ToolResult(tool_call_id=call.id, name=call.name, result=one_line(answer))

    async def _remembered(self, caller: Caller, call: ToolCall) -> ToolResult | None:
        async with self._store.read(caller.organization_id) as work:
            use = await repository.find_use(work, caller.call_id, _stored_id(call.id))
            return None if use is None or use.name != call.name[:NAME_LENGTH] else _told_again(call, use)

    async def _remember(self, caller: Caller, call: ToolCall, result: ToolResult) -> ToolResult:
        """Write the use down; of two at once the first one counts, for both."""
        async with self._store.begin(caller.organization_id) as work:
            row = await repository.find_call(work, caller.call_id, lock=True)
            if row is None:
                return result
            if not await repository.add_use(work, self._use_row(row, call, result)):
                use = await repository.find_use(work, caller.call_id, _stored_id(call.id))
                return result if use is None else _told_again(call, use)
            facts = {"id": call.id, "tool": call.name, "ok": result.error is None}
            await self._endings.tell(work, row, Happening(type="tool.result", at=self._now(), payload=facts))
        return result

    def _use_row(self, row: Call, call: ToolCall, result: ToolResult) -> dict[str, Any]:
        began = row.answered_at or row.created_at
        return {
            "id": new_id(),
            "call_id": row.id,
            "tool_call_id": _stored_id(call.id),
            "name": call.name[:NAME_LENGTH],
            "arguments": None if call.arguments is None else dict(call.arguments),
            "result": None if result.result is None else {"text": result.result},
            "error": None if result.error is None else result.error[:ERROR_LENGTH],
            "at_ms": min(max(round((self._now() - began).total_seconds() * 1000), 0), LONGEST_MS),
        }

    async def _transfer(self, caller: Caller, arguments: Mapping[str, Any]) -> str:
        number = await self.transfer_number(caller.organization_id)
        return json.dumps({"destination": {"type": "number", "number": number}})

    async def _search(self, caller: Caller, arguments: Mapping[str, Any]) -> str:
        query = first([arguments.get("query"), arguments.get("question"), arguments.get("q")])
        if query is None:
            raise ToolFailed("query is missing")
        found = await self.passages(caller, query)
        return " | ".join(one_line(passage.text) for passage in found) or "nothing is written about that"

    async def passages(self, caller: Caller, query: str) -> Sequence[Passage]:
        """What the business has written about it, the best first; nothing for an assistant that is gone."""
        if caller.assistant_id is None:
            return ()
        return await self._retrieve(caller.organization_id, caller.assistant_id, query, limit=MOST_PASSAGES)


class ToolFailed(Exception):
    """A tool's own word for why it cannot."""


async def _calendar(caller: Caller, arguments: Mapping[str, Any]) -> str:
    raise ToolFailed("the calendar is not connected")


async def _take_message(caller: Caller, arguments: Mapping[str, Any]) -> str:
    """The row of its use is the message: the end of the call makes a follow-up of it."""
    if string(arguments.get("message")) is None:
        raise ToolFailed("message is missing")
    return "the message is taken"


def _with_tool(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """A use out of an entry that has the tool's definition beside it."""
    call = record(entry.get("toolCall"))
    name = first([record(call.get("function")).get("name"), call.get("name"), entry.get("name")])
    name = name or string(record(entry.get("function")).get("name"))
    return {**call, "name": name}


def _read(call_id: str, entry: Mapping[str, Any]) -> ToolCall:
    """Both spellings: `function` with `name` and `arguments`, or `name` with `parameters` or `arguments`."""
    function = record(entry.get("function"))
    name = first([function.get("name"), entry.get("name")]) or "unknown"
    given = next(
        (
            holder[key]
            for holder, key in ((function, "arguments"), (function, "parameters"), (entry, "parameters"))
            if holder.get(key) is not None
        ),
        entry.get("arguments"),
    )
    return ToolCall(id=call_id, name=name, arguments=_arguments(given))


def _arguments(given: object) -> Mapping[str, Any] | None:
    """An object, or JSON text of one; nothing and empty text are an object without members."""
    if given is None or given == "":
        return {}
    if isinstance(given, str):
        try:
            given = json.loads(given, parse_constant=_no_number)
        except (ValueError, RecursionError):
            return None
        try:
            given = clean(given)
        except Unkeepable:
            return None
    return given if isinstance(given, Mapping) else None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _stored_id(tool_call_id: str) -> str:
    fits = len(tool_call_id) <= ID_LENGTH
    return tool_call_id if fits else hashlib.sha256(tool_call_id.encode()).hexdigest()


def _told_again(call: ToolCall, use: ToolInvocation) -> ToolResult:
    if use.error is not None:
        return _failed(call, use.error)
    return ToolResult(tool_call_id=call.id, name=call.name, result=str((use.result or {}).get("text", "")))


def _failed(call: ToolCall, why: str) -> ToolResult:
    return ToolResult(tool_call_id=call.id, name=call.name, error=one_line(why))
