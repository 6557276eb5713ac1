"""The contract of one call: a `CallSpec` goes in, numbered `EngineEvent`s and a `CallReport` come out.

The engine knows no product: whoever composes a spec (a file, a service) maps its own words to these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Literal

Language = Literal["en", "es"]
Direction = Literal["inbound", "outbound"]
HandledBy = Literal["ai", "human", "transfer"]
"""Who led a conversation to its end."""


class Category(StrEnum):
    """Which dialogue policy leads the call. `RECEPTIONIST` is the inbound one."""

    RESTAURANT = "restaurant"
    CLINIC = "clinic"
    HOTEL = "hotel"
    GENERAL = "general"
    RECEPTIONIST = "receptionist"


class GreetingMode(StrEnum):
    """Who speaks first on an inbound call (words of the business API)."""

    ASSISTANT_FIRST = "assistant-speaks-first"
    CALLER_FIRST = "assistant-waits-for-user"
    ASSISTANT_FIRST_GENERATED = "assistant-speaks-first-with-model-generated-message"


class Status(StrEnum):
    """End state of a call. Outbound: the first six. Inbound: the last three."""

    SUCCESS = "success"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    MISSED = "missed"
    REJECTED = "rejected"


class TaskOutcome(StrEnum):
    """What an outbound call (or an inbound booking) achieved."""

    ACHIEVED = "achieved"
    DECLINED = "declined"
    UNCLEAR = "unclear"


class Disposition(StrEnum):
    """How the call ended; a closed list, documented in docs/GLOSSARY.md."""

    COMPLETED = "completed"
    RESPONDENT_HUNG_UP = "respondent_hung_up"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    OPTED_OUT = "opted_out"
    TRANSFERRED = "transferred"
    REJECTED = "rejected"
    SILENCE = "silence"
    MAX_DURATION = "max_duration"
    CANCELLED = "cancelled"
    CARRIER_FAILED = "carrier_failed"
    ENGINE_FAILED = "engine_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What an outbound call is for: the body of `POST /v1/calls`, `submission`, with its field names."""

    task_category: Category
    task_description: str
    respondent_phone: str
    business_name: str | None = None
    user_name: str | None = None
    user_phone: str | None = None
    appointment_date: date | None = None
    appointment_time: time | None = None
    time_preference_text: str | None = None
    party_size: int | None = None
    language: Language = "en"
    call_language: Language | None = None
    is_urgent: bool = False
    additional_instructions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """Who the receptionist answers for."""

    name: str
    type: str = ""
    address: str = ""
    timezone: str = "UTC"
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeEntry:
    """One written fact; `key` is cited when it was used."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """One day's hours, local time of the business; `close` before `open` crosses midnight."""

    open: time
    close: time


@dataclass(frozen=True, slots=True, kw_only=True)
class BusySpan:
    """Time of the business that cannot be booked, `[start, end)`, zone-aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBooking:
    """A booking that exists before the call, so that a caller can move or cancel it. `start` is zone-aware."""

    start: datetime
    name: str | None = None
    phone: str | None = None
    service: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """An inbound receptionist. `hours` maps English weekday names in lower case; a day left out is closed."""

    name: str
    business: Business
    greeting: str | None = None
    greeting_mode: GreetingMode = GreetingMode.ASSISTANT_FIRST
    hours: Mapping[str, OpeningHours] = field(default_factory=dict)
    knowledge: tuple[KnowledgeEntry, ...] = ()
    transfer_targets: Mapping[str, str] = field(default_factory=dict)
    slot_minutes: int = 30
    busy: tuple[BusySpan, ...] = ()
    bookings: tuple[KnownBooking, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Limits of one call, in seconds of the engine's clock. Hold time does not count as conversation."""

    conversation_seconds: int = 360
    hold_seconds: int = 600
    max_turns: int = 40
    max_seconds: int = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSpec:
    """All that the engine needs to hold one call.

    `answered_at` is the aware local time at answer: it fixes "today" and the zone of every spoken time.
    Exactly one of `submission` (outbound) and `assistant` (inbound) is set. `app_language` is the language
    of highlights and next steps. `prompt` is the owner's own text for a language model. `knowledge_scope` is the
    assistant whose kept sections are searched while the call runs; None: `assistant.knowledge` is all there is.
    `calendar_scope` is the organization whose kept bookings count while the call runs; None: `assistant.bookings`.
    """

    call_id: str
    direction: Direction
    language: Language
    answered_at: datetime
    submission: Submission | None = None
    assistant: Assistant | None = None
    app_language: Language = "en"
    caller_phone: str | None = None
    voice: str | None = None
    prompt: str | None = None
    knowledge_scope: str | None = None
    calendar_scope: str | None = None
    record: bool = True
    limits: CallLimits = field(default_factory=CallLimits)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def category(self) -> Category:
        """The policy that leads this call."""
        return self.submission.task_category if self.submission else Category.RECEPTIONIST


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLatency:
    """Where one response's time went, in ms; the caller's last speech to the first engine audio is `total`."""

    endpointing: float = 0.0
    stt: float = 0.0
    policy: float = 0.0
    llm: float = 0.0
    tts: float = 0.0
    engine: float = 0.0
    total: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptTurn:
    """One line of the transcript, in media time. `heard_text` is what of an engine line was really heard.

    `agent`: said by a human of ours who had taken the call over. The speaker is HUMAN then too: the engine did not
    say it.
    """

    index: int
    speaker: Literal["AI", "HUMAN"]
    text: str
    start_ms: int
    end_ms: int
    heard_text: str | None = None
    interrupted: bool = False
    latency: TurnLatency | None = None
    agent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where the human said an agreed fact: the transcript turn and its span of media time."""

    turn: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenMessage:
    """A message that a caller left."""

    name: str | None
    phone: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Media and turn-taking counts of a call."""

    frames_in: int = 0
    frames_out: int = 0
    barge_ins: int = 0
    false_interruptions: int = 0
    clears: int = 0
    gaps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the conversation came to, read from the dialogue's state. Agreed values are JSON-ready."""

    status: Status
    disposition: Disposition
    task_outcome: TaskOutcome | None = None
    highlights: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    agreed: Mapping[str, Any] | None = None
    confirmation: str | None = None
    message: TakenMessage | None = None
    transferred_to: str | None = None
    do_not_call: bool = False
    do_not_call_quote: str | None = None
    recording_declined: bool = False
    citations: tuple[str, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """Everything one finished call yields. `credits_used` is a decimal string such as `1.2`.

    `handled_by`: `human` when somebody took it over, though they may have handed it back; `transfer` when the other
    party was connected elsewhere for good.
    """

    call_id: str
    direction: Direction
    language: Language
    outcome: Outcome
    duration_seconds: float
    credits_used: str
    turns: tuple[TranscriptTurn, ...]
    counters: Counters
    ics: str | None = None
    handled_by: HandledBy = "ai"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEvent:
    """One numbered event of a call, in order without gaps. `type` is a dotted word, `facts` is JSON-ready.

    Types: call.answered, call.stream, speech.started, speech.ended (runs of speech, `kept` or noise),
    transcript.interim, turn.human, turn.ai, reply.clause, reply.started, reply.held (somebody may be interrupting),
    reply.resumed, reply.withdrawn (its turn went on), reply.ended, barge_in, backchannel, caller.interrupted,
    dtmf.sent, dtmf.received, tool.called, tool.result, signal,
    provider.failed, transfer.ringing, transfer.failed, call.transferred, takeover.ringing, takeover.failed,
    call.takeover (a human is on the line), takeover.ended, call.handed_back, call.whispered (its owner wrote to the
    engine), call.ended.
    """

    sequence: int
    at_ms: int
    type: str
    facts: Mapping[str, Any]
