"""A business's calls as it reads them: of both directions, whoever held them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from voice_engine.domains.calls.business import transcript_text
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls, journal
from voice_engine.domains.minutes.plans import Feature, Tier, has
from voice_engine.errors import NotFound
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

FURTHEST_OFFSET = 2**31 - 1
"""No list is so long; a larger offset would not fit into a database's integer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Some calls, newest first, and how many there are in all."""

    calls: Sequence[Call]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One call, with what the plan lets its owner see. `transcript` and `has_recording` are empty below it."""

    call: Call
    transcript: str | None
    has_recording: bool
    recorded_elsewhere: str | None = None
    """Where the other engine, which held the call, keeps its audio."""


async def list_page(
    work: UnitOfWork, *, direction: Literal["inbound", "outbound"] | None, page: int, limit: int
) -> HistoryPage:
    """A page, counted from 1."""
    offset = min((page - 1) * limit, FURTHEST_OFFSET)
    rows, total = await calls.list_calls(work, direction=direction, limit=limit, offset=offset)
    return HistoryPage(calls=rows, total=total)


async def read(work: UnitOfWork, call_id: str, *, plan: Tier) -> Detail:
    """A call. What a plan hides is kept all the same. Raises NotFound `call_not_found`, also for what is no id."""
    call = await calls.find_call(work, call_id) if is_id(call_id) else None
    if call is None:
        raise NotFound("call_not_found", "there is no such call")
    shows = has(plan, Feature.TRANSCRIPTS)
    return Detail(
        call=call,
        transcript=transcript_text(await journal.list_transcript(work, call.id)) if shows else None,
        has_recording=call.recording_key is not None and has(plan, Feature.RECORDINGS),
        recorded_elsewhere=_elsewhere(call) if has(plan, Feature.RECORDINGS) else None,
    )


async def find_by_engine_id(work: UnitOfWork, engine_id: str) -> Call:
    """The call that its engine knows by this id. Raises NotFound `call_not_recorded`."""
    call = await calls.find_by_engine_id(work, engine_id)
    if call is None:
        raise NotFound("call_not_recorded", "nothing is recorded of such a call of yours")
    return call


async def recording_of(work: UnitOfWork, call_id: str) -> str:
    """The blob of a call's recording. Raises NotFound `recording_not_found`, also where there is no call."""
    call = await calls.find_call(work, call_id) if is_id(call_id) else None
    if call is None or call.recording_key is None:
        raise NotFound("recording_not_found", "there is no recording of this call")
    return call.recording_key


def _elsewhere(call: Call) -> str | None:
    url = (call.outcome or {}).get("recording_url") if call.is_external else None
    return None if url is None else str(url)
