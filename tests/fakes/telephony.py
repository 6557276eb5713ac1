"""A carrier's account in memory: `voice_engine.ports.telephony.Telephony` for tests of what stands above it.

It keeps the port's promises (one contract suite runs on it and on the real adapter) and has no audio: a placed call
stays queued until the test says what becomes of it (`set_status`), and callbacks are the test's to send.
"""

import datetime as dt
import io
import itertools
import wave
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from voice_engine.errors import Conflict, NotFound, QuotaExceeded, UpstreamFailed, VoiceEngineError
from voice_engine.ports.telephony import (
    OUTCOME_UNKNOWN,
    AvailableNumber,
    CallStatus,
    CarrierCall,
    CarrierRecording,
    CodeVerdict,
    Conference,
    DialOrder,
    NumberKind,
    NumberSettings,
    OwnedNumber,
    PlacedCall,
    StartedVerification,
    VerificationChannel,
)

CODE_TTL = dt.timedelta(minutes=10)
MAX_TRIES = 5
MAX_SENDS = 5


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(slots=True, kw_only=True)
class _Verification:
    sid: str
    to: str
    code: str
    expires_at: dt.datetime
    sends: int = 1
    wrong: int = 0
    used: bool = False


@dataclass(slots=True, kw_only=True)
class Steered:
    """What the code under test did to a call that was up."""

    hung_up: list[str] = field(default_factory=list)
    redirected: list[tuple[str, str]] = field(default_factory=list)
    conferences: list[tuple[str, Conference]] = field(default_factory=list)
    transferred: list[tuple[str, str]] = field(default_factory=list)


class FakeTelephony:
    """`orders` are the calls really placed; `fail_next` and `lose_next_answer` make the next one go wrong.

    `codes` has the newest verification code by number, `for_sale` what `search_numbers` may find.
    """

    def __init__(
        self, *, now: Callable[[], dt.datetime] = utc_now, for_sale: Iterable[AvailableNumber] = ()
    ) -> None:
        self.orders: dict[str, DialOrder] = {}
        self.steered = Steered()
        self.codes: dict[str, str] = {}
        self.for_sale = {number.e164: number for number in for_sale or _usual_numbers()}
        self._now = now
        self._sids = itertools.count(1)
        self._calls: dict[str, CarrierCall] = {}
        self._numbers: dict[str, OwnedNumber] = {}
        self._verifications: dict[str, _Verification] = {}
        self._recordings: dict[str, tuple[CarrierRecording, bytes]] = {}
        self._failures: list[VoiceEngineError] = []
        self._lost_answers = 0
        self.shown: set[str] = set()
        """Phones that the carrier lets calls show, though nobody bought them."""
        self.codes_show = True
        """Whether a right code makes a phone one of these, as with the built-in carrier."""
        self._fault: VoiceEngineError | None = None
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """What happens elsewhere while the carrier is asked about a call; once."""

    # -- what a test does ------------------------------------------------------------------------------------

    def fail_next(self, error: VoiceEngineError) -> None:
        """The next request fails with `error` and has no effect."""
        self._failures.append(error)

    def fail_always(self, error: VoiceEngineError | None) -> None:
        """Every request fails with `error`; None: no more."""
        self._fault = error

    def lose_next_answer(self) -> None:
        """The next creating request takes effect, and its answer gets lost."""
        self._lost_answers += 1

    def set_status(self, call_sid: str, status: CallStatus, *, answered_by: str | None = None) -> None:
        """The carrier's side of a call moves on; an ended call stays as it is."""
        call = self._calls[call_sid]
        if call.status.over:
            return
        started_at = call.started_at or (self._now() if status is CallStatus.IN_PROGRESS else None)
        ended_at = self._now() if status.over else None
        seconds = round((ended_at - started_at).total_seconds()) if ended_at and started_at else None
        self._calls[call_sid] = replace(
            call,
            status=status,
            started_at=started_at,
            ended_at=ended_at,
            duration_s=seconds,
            answered_by=answered_by or call.answered_by,
        )

    def add_inbound(self, *, to: str, from_number: str) -> str:
        """A call from outside is up; returns its sid."""
        call = self._call(to, from_number, "inbound")
        self.set_status(call.call_sid, CallStatus.IN_PROGRESS)
        return call.call_sid

    def add_recording(self, call_sid: str, *, seconds: int = 1) -> str:
        """The carrier recorded (silence, on that call); returns the recording's sid."""
        recording = CarrierRecording(
            recording_sid=self._sid("RE"),
            call_sid=call_sid,
            status="completed",
            duration_s=seconds,
            channels=1,
            created_at=self._now(),
        )
        self._recordings[recording.recording_sid] = (recording, _silence(seconds))
        return recording.recording_sid

    # -- calls -----------------------------------------------------------------------------------------------

    async def place_call(self, order: DialOrder) -> PlacedCall:
        self._maybe_fail()
        call = self._call(order.to, order.from_number, "outbound-api")
        self.orders[call.call_sid] = order
        self._maybe_lose()
        return PlacedCall(call_sid=call.call_sid, status=call.status)

    async def find_calls(self, *, to: str, from_number: str, since: dt.datetime) -> Sequence[CarrierCall]:
        self._maybe_fail()
        found = [
            call
            for call in self._calls.values()
            if (call.to, call.from_number) == (to, from_number) and call.created_at >= since
        ]
        return found[::-1]

    async def fetch_call(self, call_sid: str) -> CarrierCall:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        self._maybe_fail()
        if call_sid not in self._calls:
            raise NotFound("carrier_call_not_found", f"no call {call_sid}")
        return self._calls[call_sid]

    async def hang_up(self, call_sid: str) -> None:
        self._maybe_fail()
        call = self._calls.get(call_sid)
        if call is None or call.status.over:
            return
        self.steered.hung_up.append(call_sid)
        up = call.status is CallStatus.IN_PROGRESS
        self.set_status(call_sid, CallStatus.COMPLETED if up else CallStatus.CANCELED)

    async def redirect(self, call_sid: str, *, url: str) -> None:
        self._require_up(call_sid)
        self.steered.redirected.append((call_sid, url))

    async def join_conference(self, call_sid: str, conference: Conference) -> None:
        self._require_up(call_sid)
        self.steered.conferences.append((call_sid, conference))

    async def transfer(self, call_sid: str, number: str) -> None:
        self._require_up(call_sid)
        self.steered.transferred.append((call_sid, number))

    # -- numbers ---------------------------------------------------------------------------------------------

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
        self._maybe_fail()
        found = [
            number
            for number in self.for_sale.values()
            if (number.country, number.kind) == (country, kind)
            and number.e164 not in self._numbers
            and (area_code is None or number.e164.startswith(f"+1{area_code}"))
            and (contains is None or contains.strip("*") in number.e164)
            and (locality is None or (number.locality or "").casefold() == locality.casefold())
        ]
        return found[:limit]

    async def buy_number(self, e164: str, settings: NumberSettings) -> OwnedNumber:
        self._maybe_fail()
        if e164 in self._numbers or e164 not in self.for_sale:
            raise Conflict("phone_number_unavailable", f"{e164} is not for sale any more; choose another")
        self._numbers[e164] = OwnedNumber(
            number_sid=self._sid("PN"),
            e164=e164,
            voice_url=settings.voice_url,
            status_url=settings.status_url,
            friendly_name=settings.friendly_name or e164,
            created_at=self._now(),
        )
        self._maybe_lose()
        return self._numbers[e164]

    async def find_number(self, e164: str) -> OwnedNumber | None:
        self._maybe_fail()
        return self._numbers.get(e164)

    async def configure_number(self, number_sid: str, settings: NumberSettings) -> OwnedNumber:
        self._maybe_fail()
        number = next((number for number in self._numbers.values() if number.number_sid == number_sid), None)
        if number is None:
            raise NotFound("carrier_number_not_found", f"no number {number_sid}")
        changed = replace(
            number,
            voice_url=number.voice_url if settings.voice_url is None else settings.voice_url,
            status_url=number.status_url if settings.status_url is None else settings.status_url,
            friendly_name=settings.friendly_name or number.friendly_name,
        )
        self._numbers[number.e164] = changed
        return changed

    async def release_number(self, number_sid: str) -> None:
        self._maybe_fail()
        self._numbers = {e164: number for e164, number in self._numbers.items() if number.number_sid != number_sid}

    async def may_show(self, e164: str) -> bool:
        self._maybe_fail()
        return e164 in self.shown

    async def list_numbers(self) -> Sequence[OwnedNumber]:
        self._maybe_fail()
        return list(self._numbers.values())

    # -- verification ----------------------------------------------------------------------------------------

    async def start_verification(
        self, to: str, channel: VerificationChannel, *, locale: str = "en"
    ) -> StartedVerification:
        self._maybe_fail()
        number = next(self._sids)
        live = next((one for one in self._verifications.values() if one.to == to and self._is_live(one)), None)
        if live is None:
            live = _Verification(sid=self._sid("VE"), to=to, code="", expires_at=self._now() + CODE_TTL, sends=0)
            self._verifications[live.sid] = live
        if live.sends >= MAX_SENDS:
            raise QuotaExceeded("verification_send_limit", f"{to} was sent {MAX_SENDS} codes; wait ten minutes")
        live.sends += 1
        live.code = self.codes[to] = f"{(number * 271_828) % 1_000_000:06d}"
        return StartedVerification(sid=live.sid, to=to, channel=channel, attempt=live.sends)

    async def check_verification(self, sid: str, code: str) -> CodeVerdict:
        self._maybe_fail()
        verification = self._verifications.get(sid)
        if verification is None or not self._is_live(verification):
            return CodeVerdict.GONE
        if verification.wrong >= MAX_TRIES:
            return CodeVerdict.LOCKED
        if code != verification.code:
            verification.wrong += 1
            return CodeVerdict.WRONG
        verification.used = True
        if self.codes_show:
            self.shown.add(verification.to)
        return CodeVerdict.APPROVED

    # -- recordings ------------------------------------------------------------------------------------------

    async def list_recordings(self, call_sid: str) -> Sequence[CarrierRecording]:
        self._maybe_fail()
        return [recording for recording, _ in self._recordings.values() if recording.call_sid == call_sid][::-1]

    async def fetch_recording(self, recording_sid: str) -> bytes:
        self._maybe_fail()
        if recording_sid not in self._recordings:
            raise NotFound("carrier_recording_not_found", f"no recording {recording_sid}")
        return self._recordings[recording_sid][1]

    async def delete_recording(self, recording_sid: str) -> None:
        self._maybe_fail()
        self._recordings.pop(recording_sid, None)

    # -- inside ----------------------------------------------------------------------------------------------

    def _maybe_fail(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self._failures:
            raise self._failures.pop(0)

    def _maybe_lose(self) -> None:
        if self._lost_answers:
            self._lost_answers -= 1
            raise UpstreamFailed(OUTCOME_UNKNOWN, "the answer got lost", provider="twilio", retryable=False)

    def _require_up(self, call_sid: str) -> None:
        self._maybe_fail()
        call = self._calls.get(call_sid)
        if call is None or call.status is not CallStatus.IN_PROGRESS:
            raise Conflict("call_not_active", f"call {call_sid} is not up")

    def _call(self, to: str, from_number: str, direction: str) -> CarrierCall:
        call = CarrierCall(
            call_sid=self._sid("CA"),
            status=CallStatus.QUEUED,
            to=to,
            from_number=from_number,
            direction=direction,
            created_at=self._now(),
        )
        self._calls[call.call_sid] = call
        return call

    def _sid(self, prefix: str) -> str:
        return f"{prefix}{next(self._sids):032x}"

    def _is_live(self, verification: _Verification) -> bool:
        return not verification.used and self._now() < verification.expires_at


def _usual_numbers() -> list[AvailableNumber]:
    return [
        AvailableNumber(e164=f"+1415555{last:04d}", country="US", kind="local", region="CA")
        for last in range(100, 120)
    ] + [AvailableNumber(e164=f"+1800555{last:04d}", country="US", kind="toll_free") for last in range(100, 105)]


def _silence(seconds: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(16_000 * seconds))
    return file.getvalue()
