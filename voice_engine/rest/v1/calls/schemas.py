"""What calls look like on the wire of `/v1`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt

from voice_engine.domains.calls.asking import Asked, NewCall, NewDate
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.service import Page, Transcript
from voice_engine.domains.calls.states import EndedReason
from voice_engine.ports.call import Category
from voice_engine.rest.wire import Amount, RequestBody, ResponseBody, Text, Timestamp

END_REASONS: Mapping[str, str] = {
    EndedReason.COMPLETED: "completed",
    EndedReason.RESPONDENT_HUNG_UP: "callee_hung_up",
    EndedReason.NO_ANSWER: "no_answer",
    EndedReason.BUSY: "busy",
    EndedReason.VOICEMAIL: "voicemail_left",
    EndedReason.WRONG_NUMBER: "completed",
    EndedReason.OPTED_OUT: "completed",
    EndedReason.TRANSFERRED: "completed",
    EndedReason.REJECTED: "completed",
    EndedReason.SILENCE: "completed",
    EndedReason.MAX_DURATION: "max_duration",
    EndedReason.CANCELLED: "engine_error",
    EndedReason.CARRIER_FAILED: "carrier_error",
    EndedReason.ENGINE_FAILED: "engine_error",
    EndedReason.CANCELLED_BY_USER: "cancelled_by_user",
    EndedReason.STOPPED_BY_USER: "stopped_by_user",
}
"""Our reasons in the contract's words. `cancelled` without its owner's doing is a process that stopped."""

ShortText = Annotated[Text, Field(max_length=200)]


class SubmissionIn(RequestBody):
    """What to call about. Untyped fields are judged by the service, which has a code for each."""

    task_category: Literal["restaurant", "clinic", "hotel", "general"]
    task_description: Annotated[Text, Field(min_length=1, max_length=4000)]
    respondent_phone: Any = None
    business_name: ShortText | None = None
    user_name: ShortText | None = None
    user_phone: Annotated[Text, Field(max_length=32, pattern=r"^(?:tel:)?\+?[\d().\-/ ]{3,}$")] | None = None
    appointment_date: Any = None
    appointment_time: Any = None
    time_preference_text: ShortText | None = None
    party_size: Annotated[StrictInt, Field(ge=1, le=50)] | None = None
    language: Any = None
    call_language: Any = None
    is_urgent: StrictBool = False
    additional_instructions: Annotated[list[Annotated[Text, Field(max_length=4000)]], Field(max_length=20)] = Field(
        default_factory=list
    )


class CallIn(RequestBody):
    """A request for a call."""

    submission: SubmissionIn
    timezone: Any = None
    session_id: Annotated[Text, Field(max_length=128)] | None = None
    scheduled_at: Any = None
    goal_id: Any = None


class RescheduleIn(RequestBody):
    """A new time for a call, on the clock of its zone."""

    date: Any = None
    time: Any = None
    timezone: Any = None


class SubmissionOut(ResponseBody):
    """The submission as stored."""

    task_category: str
    task_description: str
    respondent_phone: str
    business_name: str | None
    user_name: str | None
    user_phone: str | None
    appointment_date: str | None
    appointment_time: str | None
    time_preference_text: str | None
    party_size: int | None
    language: str
    call_language: str
    is_urgent: bool
    additional_instructions: list[str]


class MetadataOut(ResponseBody):
    """When and how the call went. `started_at` is its answer."""

    created_at: Timestamp
    scheduled_at: Timestamp | None
    started_at: Timestamp | None
    ended_at: Timestamp | None
    timezone: str
    session_id: str | None
    goal_id: str | None
    attempt: int
    end_reason: str | None
    idempotent_replay: bool
    task_outcome: str | None


class CallOut(ResponseBody):
    """A call in any state."""

    call_id: str
    status: str
    highlights: str | None
    next_steps: str | None
    duration_seconds: float | None
    credits_used: Amount
    metadata: MetadataOut
    submission: SubmissionOut


class CallListOut(ResponseBody):
    """A page of calls, newest first."""

    calls: list[CallOut]
    total: int
    limit: int
    offset: int
    has_more: bool


class TranscriptEntryOut(ResponseBody):
    """One utterance; `timestamp` counts from answer."""

    speaker: str
    content: str
    timestamp: str


class TranscriptOut(ResponseBody):
    """Utterances in order."""

    entries: list[TranscriptEntryOut]
    call_id: str
    language: str
    status: str


class RecordingOut(ResponseBody):
    """A link to the recording that expires."""

    url: str
    duration_seconds: float
    format: str
    expires_at: Timestamp


def new_call(body: CallIn) -> NewCall:
    """The request for the service."""
    given = body.submission
    fields = given.model_dump(exclude={"task_category", "additional_instructions"})
    asked = Asked(
        **fields,
        task_category=Category(given.task_category),
        additional_instructions=tuple(given.additional_instructions),
    )
    return NewCall(
        asked=asked,
        timezone=body.timezone,
        session_id=body.session_id,
        scheduled_at=body.scheduled_at,
        goal_id=body.goal_id,
    )


def new_date(body: RescheduleIn) -> NewDate:
    """The request for the service."""
    return NewDate(date=body.date, time=body.time, timezone=body.timezone)


def call_out(call: Call, *, repeated: bool = False) -> CallOut:
    """The wire's view of an outbound call."""
    assert call.task is not None, "an outbound call has a task"
    return CallOut(
        call_id=call.id,
        status=call.status,
        highlights=_lines(call.highlights),
        next_steps=_lines(call.next_steps),
        duration_seconds=None if call.duration_ms is None else call.duration_ms / 1000,
        credits_used=call.credits_used,
        metadata=MetadataOut(
            created_at=call.created_at,
            scheduled_at=call.scheduled_for,
            started_at=call.answered_at,
            ended_at=call.ended_at,
            timezone=call.timezone,
            session_id=call.session_id,
            goal_id=call.goal_id,
            attempt=max(1, call.attempts),
            end_reason=END_REASONS.get(call.ended_reason or ""),
            idempotent_replay=repeated,
            task_outcome=call.task_outcome,
        ),
        submission=SubmissionOut(**call.task),
    )


def list_out(page: Page, *, limit: int, offset: int) -> CallListOut:
    """The wire's view of a page."""
    return CallListOut(
        calls=[call_out(call) for call in page.calls],
        total=page.total,
        limit=limit,
        offset=offset,
        has_more=offset + len(page.calls) < page.total,
    )


def transcript_out(transcript: Transcript) -> TranscriptOut:
    """The wire's view of a transcript: of our own lines what was heard, and none of which nothing was."""
    lines = ((entry, _heard(entry)) for entry in transcript.entries)
    return TranscriptOut(
        entries=[
            TranscriptEntryOut(speaker=entry.speaker, content=text, timestamp=_clock(entry.start_ms))
            for entry, text in lines
            if text
        ],
        call_id=transcript.call.id,
        language=transcript.call.language,
        status="final" if transcript.is_final else "partial",
    )


def _heard(entry: TranscriptEntry) -> str:
    return entry.heard_text or "" if entry.interrupted else entry.text


def _lines(sentences: list[str]) -> str | None:
    return "\n".join(sentences) or None


def _clock(ms: int) -> str:
    """`HH:MM:SS` from answer."""
    seconds = ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
