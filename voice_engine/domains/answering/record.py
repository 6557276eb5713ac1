"""Everything that is kept of one call, as far as its owner's plan shows it; and why something is missing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from voice_engine.domains.calls.models import Call, ToolInvocation, TranscriptEntry
from voice_engine.domains.calls.repository import calls, journal
from voice_engine.domains.calls.states import ENDS, LIVE, WAITING, EndedReason
from voice_engine.domains.inbound.models import InboundCall, Voicemail
from voice_engine.domains.inbound.repository import calls as inbound_calls
from voice_engine.domains.inbound.repository import voicemails
from voice_engine.domains.minutes.plans import Feature, Tier, has
from voice_engine.domains.privacy.words import SETTLING, TOMBSTONE
from voice_engine.errors import NotFound
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork


class Stage(StrEnum):
    """Where a call stands, as its page is laid out."""

    WAITING = "waiting"
    LIVE = "live"
    ENDED = "ended"


class Lack(StrEnum):
    """Why a call has no recording, or no transcript."""

    NOT_YET = "not_yet"
    """The call is not over, or its recording is on its way."""
    NOT_CONNECTED = "not_connected"
    PLAN = "plan"
    NOT_WANTED = "not_wanted"
    DECLINED = "declined"
    ELSEWHERE = "elsewhere"
    """Another engine holds the call and has it."""
    HANDED_ON = "handed_on"
    """The carrier connected it to somebody else, or took a message: the engine was never in it."""
    ERASED = "erased"
    NOTHING_SAID = "nothing_said"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call. What the plan hides is empty here, and the lack says so."""

    call: Call
    stage: Stage
    entries: Sequence[TranscriptEntry]
    tools: Sequence[ToolInvocation]
    timeline: Mapping[str, Any] | None
    inbound: InboundCall | None
    voicemail: Voicemail | None
    no_transcript: Lack | None
    no_recording: Lack | None
    whispers: Sequence[tuple[int, str]]
    """(ms from the answer, text) of what its owner wrote to the assistant alone."""
    last_event: int
    """Number of the organization's newest event: whoever follows the call goes on from here."""

    @property
    def outcome(self) -> Mapping[str, Any]:
        """The engine's report; empty while there is none."""
        return self.call.outcome or {}

    @property
    def is_erased(self) -> bool:
        """Whether what was said is gone, by its owner's wish or by retention."""
        return is_erased(self.call)

    @property
    def recorded_elsewhere(self) -> str | None:
        """Where another engine keeps the audio of the call that it held."""
        url = self.outcome.get("recording_url") if self.no_recording is Lack.ELSEWHERE else None
        return str(url) if url else None

    @property
    def duration_ms(self) -> int:
        """Length of the time axis: of the recording, else of the call, else up to the last line."""
        last_ms = max((entry.end_ms for entry in self.entries), default=0)
        return max(self.call.recording_ms or 0, self.call.duration_ms or 0, last_ms)


async def read_record(work: UnitOfWork, call_id: str, *, plan: Tier | None, now: dt.datetime) -> CallRecord:
    """A call whole; `plan` None: an account whose plan hides nothing. Raises NotFound `call_not_found`."""
    call = await calls.find_call(work, call_id) if is_id(call_id) else None
    if call is None:
        raise NotFound("call_not_found", "there is no such call")
    shows = plan is None or has(plan, Feature.TRANSCRIPTS)
    entries = await journal.list_transcript(work, call.id) if shows else ()
    found = await inbound_calls.find(work, call.id) if call.direction == "inbound" else None
    message_id = None if found is None else found.voicemail_id
    return CallRecord(
        call=call,
        stage=stage_of(call),
        entries=entries,
        tools=await journal.list_tool_uses(work, call.id) if shows else (),
        timeline=await journal.find_timeline(work, call.id) if shows else None,
        inbound=None if found is None else found.inbound,
        voicemail=None if message_id is None else await voicemails.find(work, message_id),
        no_transcript=_no_transcript(call, entries, shows=shows),
        no_recording=_no_recording(call, plan, now),
        whispers=await _whispers(work, call.id) if shows else (),
        last_event=await journal.last_sequence(work),
    )


async def _whispers(work: UnitOfWork, call_id: str) -> list[tuple[int, str]]:
    told = await journal.list_of_type(work, call_id, "call.whispered")
    return [(int(event.payload.get("at_ms", 0)), str(event.payload.get("text", ""))) for event in told]


def stage_of(call: Call) -> Stage:
    """Where the call stands."""
    if call.status in WAITING:
        return Stage.WAITING
    return Stage.ENDED if call.status in ENDS else Stage.LIVE


def is_erased(call: Call) -> bool:
    """Whether an ended call was emptied. What nobody ever composed was not."""
    connected = call.answered_at is not None and call.status in ENDS
    return call.number_of_other == TOMBSTONE or (connected and call.spec is None and call.outcome is None)


def awaits_recording(call: Call, now: dt.datetime) -> bool:
    """Whether a recording was made that is not kept yet, and still may be."""
    made = call.recording_ms is not None and call.recording_key is None
    return made and call.ended_at is not None and call.ended_at > now - SETTLING


def _reached_nobody(call: Call) -> bool:
    return call.answered_at is None and not call.duration_ms


def _no_transcript(call: Call, entries: Sequence[TranscriptEntry], *, shows: bool) -> Lack | None:
    if not shows:
        return Lack.PLAN
    if entries:
        return None
    if call.status in (*WAITING, *LIVE):
        return Lack.NOT_YET
    if is_erased(call):
        return Lack.ERASED
    return _unheard(call) or Lack.NOTHING_SAID


def _no_recording(call: Call, plan: Tier | None, now: dt.datetime) -> Lack | None:
    if plan is not None and not has(plan, Feature.RECORDINGS):
        return Lack.PLAN
    if call.recording_key is not None:
        return None
    if call.status in (*WAITING, *LIVE) or awaits_recording(call, now):
        return Lack.NOT_YET
    if is_erased(call):
        return Lack.ERASED
    if call.is_external:
        return Lack.ELSEWHERE
    if (call.outcome or {}).get("recording_declined"):
        return Lack.DECLINED
    unheard = _unheard(call)
    if unheard is not None:
        return unheard
    return Lack.LOST if call.record else Lack.NOT_WANTED


def _unheard(call: Call) -> Lack | None:
    """Why the engine heard nothing of a call; None: it was in it."""
    if call.handled_by in {"voicemail", "transfer"} and call.outcome is None:
        return Lack.HANDED_ON
    if _reached_nobody(call) or call.ended_reason == EndedReason.NOT_ALLOWED:
        return Lack.NOT_CONNECTED
    return None
