"""The carrier as the engine and the services use it: calls, numbers, verification codes, recordings.

`CallControl` is what a live call may do to itself; `Telephony` is the carrier's account. Every method may raise
`UpstreamFailed` (its `retryable` says whether the same request may succeed later), and what its docstring names.

A carrier's creating requests have no idempotency key. When the answer to one gets lost the outcome is unknown:
`UpstreamFailed` with code `carrier_outcome_unknown`, never retryable. The caller looks for what may have come into
being (`find_calls`, `find_number`) before it tries again; it can do so because it wrote down its attempt first and
put its own ids into the callback URLs.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, Protocol

OUTCOME_UNKNOWN: Final = "carrier_outcome_unknown"
"""The code of a creating request whose answer got lost: reconcile, do not repeat."""


class DialStatus(StrEnum):
    """How a dial ended, in the carrier's terms (Twilio's CallStatus words where it has one)."""

    ANSWERED = "in-progress"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialResult:
    """The carrier's answer to a dial: its id of the leg and whether somebody picked up."""

    call_sid: str
    status: DialStatus
    ring_ms: int = 0


class CallControl(Protocol):
    """What the engine may do to a call that is up. Every method is idempotent; a finished call is no error."""

    async def hang_up(self, call_sid: str) -> None:
        """End the call. Raises UpstreamFailed."""
        ...

    async def send_digits(self, call_sid: str, digits: str) -> None:
        """Play DTMF (0-9 * # and w for a half second's wait); the carrier ends the stream and opens another
        for the same call. Raises UpstreamFailed."""
        ...

    async def transfer(self, call_sid: str, number: str) -> None:
        """Connect the other party to `number` (E.164, from configuration, never from speech)."""
        ...


# -- calls ---------------------------------------------------------------------------------------------------


class CallStatus(StrEnum):
    """A carrier call's life, in Twilio's words; the last five never change any more."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self not in _LIVE


_LIVE = frozenset({CallStatus.QUEUED, CallStatus.INITIATED, CallStatus.RINGING, CallStatus.IN_PROGRESS})


class MachineDetection(StrEnum):
    """`ASYNC` lets the call's TwiML run at once and tells `DialOrder.amd_url` later who answered."""

    OFF = "off"
    ASYNC = "async"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """A room in which legs hear each other. `ends_with_me`: the room closes when this leg leaves it.

    `name` is ours and unguessable (a room is joined by knowing it). `status_url` None: nobody is told.
    """

    name: str
    ends_with_me: bool = True
    status_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOrder:
    """A call to place. Numbers are E.164; one of `answer_url` and `conference` says what an answer leads to.

    The URLs carry the caller's own ids (call and attempt), so that a callback finds its attempt even when the
    answer to the order got lost. `status_url` is told initiated, ringing, answered and completed. Seconds:
    `ring_timeout_s` 5..600, `time_limit_s` (None: the carrier's four hours) counts from answer.
    """

    to: str
    from_number: str
    answer_url: str | None = None
    conference: Conference | None = None
    status_url: str | None = None
    amd: MachineDetection = MachineDetection.OFF
    amd_url: str | None = None
    ring_timeout_s: int = 60
    time_limit_s: int | None = None

    def __post_init__(self) -> None:
        assert (self.answer_url is None) != (self.conference is None), "answer_url or conference, one of them"
        assert self.amd is MachineDetection.OFF or self.amd_url, "asynchronous detection reports to amd_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCall:
    """The carrier took the order: it rings, or will."""

    call_sid: str
    status: CallStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierCall:
    """One call as the carrier knows it. `duration_s` is None before its end and when nobody answered.

    `answered_by` is None without machine detection, else human, machine_start, fax, unknown, ….
    """

    call_sid: str
    status: CallStatus
    to: str
    from_number: str
    direction: str
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    duration_s: int | None = None
    answered_by: str | None = None


class CallTelephony(Protocol):
    """Placing and steering calls."""

    async def place_call(self, order: DialOrder) -> PlacedCall:
        """Dial.

        Raises UpstreamFailed: `carrier_outcome_unknown` (reconcile by `find_calls`), `invalid_phone_number`,
        `caller_id_not_allowed`, `destination_not_allowed`, and the general ones.
        """
        ...

    async def find_calls(self, *, to: str, from_number: str, since: dt.datetime) -> Sequence[CarrierCall]:
        """Calls between the two numbers created at or after `since` (aware), newest first."""
        ...

    async def fetch_call(self, call_sid: str) -> CarrierCall:
        """One call. Raises NotFound (`carrier_call_not_found`)."""
        ...

    async def hang_up(self, call_sid: str) -> None:
        """End a call, ringing or up. Idempotent; a finished or unknown call is no error."""
        ...

    async def redirect(self, call_sid: str, *, url: str) -> None:
        """Have the call go on with the TwiML at `url`; its stream ends. Raises Conflict (`call_not_active`)."""
        ...

    async def join_conference(self, call_sid: str, conference: Conference) -> None:
        """Put the call into a room; its stream ends. Raises Conflict (`call_not_active`)."""
        ...

    async def transfer(self, call_sid: str, number: str) -> None:
        """Connect the other party to `number`, hang up afterwards. Raises Conflict (`call_not_active`)."""
        ...


# -- numbers -------------------------------------------------------------------------------------------------

NumberKind = Literal["local", "mobile", "toll_free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailableNumber:
    """A number that can be bought (as of now). `country` is ISO 3166-1 alpha-2; place names may be unknown.

    `address_required`: the country's rules ask for an address before it can be bought.
    """

    e164: str
    country: str
    kind: NumberKind
    locality: str | None = None
    region: str | None = None
    voice: bool = True
    sms: bool = False
    address_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSettings:
    """Where a number's calls go: `voice_url` answers them, `status_url` hears of their end. None: as it was."""

    voice_url: str | None = None
    status_url: str | None = None
    friendly_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedNumber:
    """A number of the account. `created_at` is aware; empty URLs are None."""

    number_sid: str
    e164: str
    voice_url: str | None
    status_url: str | None
    friendly_name: str
    created_at: dt.datetime
    voice: bool = True
    sms: bool = False


class NumberTelephony(Protocol):
    """The account's numbers."""

    async def search_numbers(
        self,
        country: str,
        kind: NumberKind,
        *,
        area_code: str | None = None,
        contains: str | None = None,
        locality: str | None = None,
        limit: int = 20,
    ) -> Sequence[AvailableNumber]:
        """Numbers for sale; empty when there is none, or none of that kind in that country.

        `area_code` is North American; `contains` has digits and `*` for any digit, two at least; `locality` is a
        city of the country, by its whole name in any case. 1 ≤ `limit` ≤ 50.
        """
        ...

    async def buy_number(self, e164: str, settings: NumberSettings) -> OwnedNumber:
        """Buy exactly this number, its URLs set from the first moment.

        Raises:
            Conflict: `phone_number_unavailable`: somebody else has it.
            UpstreamFailed: `carrier_outcome_unknown` (reconcile by `find_number`), `address_required`, ….
        """
        ...

    async def find_number(self, e164: str) -> OwnedNumber | None:
        """The account's number, or None when it is not the account's."""
        ...

    async def configure_number(self, number_sid: str, settings: NumberSettings) -> OwnedNumber:
        """Change settings; None leaves one as it was. Raises NotFound (`carrier_number_not_found`)."""
        ...

    async def release_number(self, number_sid: str) -> None:
        """Give a number back. Idempotent; one that is gone is no error."""
        ...

    async def may_show(self, e164: str) -> bool:
        """Whether calls may show this phone, which is not the account's: the carrier knows it as verified."""
        ...

    async def list_numbers(self) -> Sequence[OwnedNumber]:
        """Every number of the account."""
        ...


# -- verification --------------------------------------------------------------------------------------------

VerificationChannel = Literal["sms", "call"]


class CodeVerdict(StrEnum):
    """What a code was worth. `LOCKED`: five wrong ones; `GONE`: expired (10 minutes), used up, or never sent."""

    APPROVED = "approved"
    WRONG = "wrong"
    LOCKED = "locked"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedVerification:
    """A code is on its way; `attempt` counts sends to this number within the verification's ten minutes."""

    sid: str
    to: str
    channel: VerificationChannel
    attempt: int = 1


class VerificationTelephony(Protocol):
    """Proof that somebody holds a number: six digits, ten minutes, five tries, five sends."""

    async def start_verification(
        self, to: str, channel: VerificationChannel, *, locale: str = "en"
    ) -> StartedVerification:
        """Send or speak a code.

        Raises:
            QuotaExceeded: `verification_send_limit`: five sends within ten minutes.
            UpstreamFailed: `invalid_phone_number`, `verification_blocked`, ….
        """
        ...

    async def check_verification(self, sid: str, code: str) -> CodeVerdict:
        """Try a code; a right one can be used once."""
        ...


# -- recordings ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRecording:
    """A recording that the carrier holds (a voicemail). `duration_s` is None until it is processed."""

    recording_sid: str
    call_sid: str
    status: str
    duration_s: int | None
    channels: int
    created_at: dt.datetime


class RecordingTelephony(Protocol):
    """What the carrier recorded (`<Record>`); our own recordings of calls never leave us."""

    async def list_recordings(self, call_sid: str) -> Sequence[CarrierRecording]:
        """Recordings of one call, newest first."""
        ...

    async def fetch_recording(self, recording_sid: str) -> bytes:
        """The recording as a WAV file, 16 MiB at most. Raises NotFound (`carrier_recording_not_found`)."""
        ...

    async def delete_recording(self, recording_sid: str) -> None:
        """Delete at the carrier. Idempotent; one that is gone is no error."""
        ...


class Telephony(CallTelephony, NumberTelephony, VerificationTelephony, RecordingTelephony, Protocol):
    """The carrier's whole account. Depend on the part that you use."""
