"""`voice_engine.ports.telephony.Telephony` over Twilio's REST API, through `twilio`'s own client.

With a base URL the same code speaks to another implementation of the same endpoints, such as the built-in carrier.
What creates or changes is one request and never repeated here; see `http` for reads.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from voice_engine.errors import Conflict, InvalidInput, NotFound, QuotaExceeded, UpstreamFailed
from voice_engine.ports.telephony import (
    AvailableNumber,
    CallStatus,
    CarrierCall,
    CarrierRecording,
    CodeVerdict,
    Conference,
    DialOrder,
    MachineDetection,
    NumberKind,
    NumberSettings,
    OwnedNumber,
    PlacedCall,
    StartedVerification,
    VerificationChannel,
)
from voice_engine.telephony.twilio import twiml
from voice_engine.telephony.twilio.account import TwilioAccount

STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
"""Each its own form field: joined by spaces they would be one unknown event."""

MAX_RECONCILED = 200
"""Calls between two numbers that a reconciliation looks through, newest first."""

MAX_RECORDING_BYTES = 16 * 1024 * 1024
"""Seventeen minutes of 8 kHz PCM16."""

_CONTAINS = re.compile(r"[0-9*]{2,}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class TwilioCalls(TwilioAccount):
    """`CallTelephony`."""

    async def place_call(self, order: DialOrder) -> PlacedCall:
        """Dial; one request, never repeated. Raises as the port says."""
        fields: dict[str, Any] = {
            "to": order.to,
            "from_": order.from_number,
            "timeout": order.ring_timeout_s,
        }
        if order.conference is not None:
            fields["twiml"] = _room(order.conference)
        else:
            fields["url"] = order.answer_url
        if order.status_url is not None:
            fields |= {"status_callback": order.status_url, "status_callback_event": STATUS_EVENTS}
        if order.time_limit_s is not None:
            fields["time_limit"] = order.time_limit_s
        if order.amd is MachineDetection.ASYNC:
            fields |= {
                "machine_detection": "Enable",
                "async_amd": "true",
                "async_amd_status_callback": order.amd_url,
            }
        with self.errors(creates=True):
            placed = await self.resources.calls.create_async(**fields)
        return PlacedCall(call_sid=placed.sid, status=CallStatus(placed.status))

    async def find_calls(self, *, to: str, from_number: str, since: dt.datetime) -> Sequence[CarrierCall]:
        """Calls between the two, newest first; `since` counts in whole seconds, as the carrier's dates do."""
        with self.errors():
            listed = await self.resources.calls.list_async(to=to, from_=from_number, limit=MAX_RECONCILED)
        earliest = since.replace(microsecond=0)
        found = [call for call in map(_call, listed) if call.created_at >= earliest]
        return sorted(found, key=lambda call: call.created_at, reverse=True)

    async def fetch_call(self, call_sid: str) -> CarrierCall:
        """One call. Raises NotFound (`carrier_call_not_found`)."""
        with self.errors(missing="carrier_call_not_found"):
            return _call(await self.resources.calls(call_sid).fetch_async())

    async def hang_up(self, call_sid: str) -> None:
        """End a call; a finished or unknown one is no error."""
        with suppress(NotFound, Conflict), self.errors():
            await self.resources.calls(call_sid).update_async(status="completed")

    async def redirect(self, call_sid: str, *, url: str) -> None:
        """Have the call go on at `url`. Raises Conflict (`call_not_active`)."""
        await self._go_on(call_sid, url=url, method="POST")

    async def join_conference(self, call_sid: str, conference: Conference) -> None:
        """Put the call into a room. Raises Conflict (`call_not_active`)."""
        await self._go_on(call_sid, twiml=_room(conference))

    async def transfer(self, call_sid: str, number: str) -> None:
        """Connect the other party to `number`. Raises Conflict (`call_not_active`), InvalidInput (`bad_number`)."""
        await self._go_on(call_sid, twiml=twiml.dial(number))

    async def _go_on(self, call_sid: str, **how: str) -> None:
        try:
            with self.errors():
                await self.resources.calls(call_sid).update_async(**how)
        except NotFound as error:
            raise Conflict("call_not_active", f"the carrier has no call {call_sid}") from error


class TwilioNumbers(TwilioAccount):
    """`NumberTelephony`."""

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
        """Numbers for sale. Raises InvalidInput (`bad_search`)."""
        if not _COUNTRY.fullmatch(country) or (contains is not None and not _CONTAINS.fullmatch(contains)):
            raise InvalidInput("bad_search", "search by an ISO country and two or more digits (* for any digit)")
        criteria: dict[str, Any] = {"voice_enabled": True, "limit": limit}
        if area_code is not None:
            criteria["area_code"] = area_code
        if contains is not None:
            criteria["contains"] = contains
        if locality is not None:
            criteria["in_locality"] = locality
        shelf = self.resources.available_phone_numbers(country)
        shelves = {"local": shelf.local, "mobile": shelf.mobile, "toll_free": shelf.toll_free}
        try:
            with self.errors():
                found = await shelves[kind].list_async(**criteria)
        except NotFound:  # no numbers of that kind are sold in that country
            return []
        except UpstreamFailed as error:
            if error.code != "no_numbers_in_area":
                raise
            return []
        return [_available(number, kind) for number in found]

    async def buy_number(self, e164: str, settings: NumberSettings) -> OwnedNumber:
        """Buy this number; one request, never repeated. Raises as the port says."""
        with self.errors(creates=True):
            bought = await self.resources.incoming_phone_numbers.create_async(phone_number=e164, **_urls(settings))
        return _owned(bought)

    async def find_number(self, e164: str) -> OwnedNumber | None:
        """The account's number, or None."""
        with self.errors():
            found = await self.resources.incoming_phone_numbers.list_async(phone_number=e164, limit=20)
        return next((_owned(number) for number in found if number.phone_number == e164), None)

    async def configure_number(self, number_sid: str, settings: NumberSettings) -> OwnedNumber:
        """Change settings. Raises NotFound (`carrier_number_not_found`)."""
        with self.errors(missing="carrier_number_not_found"):
            return _owned(await self.resources.incoming_phone_numbers(number_sid).update_async(**_urls(settings)))

    async def release_number(self, number_sid: str) -> None:
        """Give a number back; one that is gone is no error."""
        with suppress(NotFound), self.errors():
            await self.resources.incoming_phone_numbers(number_sid).delete_async()

    async def may_show(self, e164: str) -> bool:
        """Whether the phone is one of the account's verified caller ids."""
        with self.errors():
            found = await self.resources.outgoing_caller_ids.list_async(phone_number=e164, limit=20)
        return any(one.phone_number == e164 for one in found)

    async def list_numbers(self) -> Sequence[OwnedNumber]:
        """Every number of the account."""
        with self.errors():
            listed = await self.resources.incoming_phone_numbers.list_async(page_size=500)
        return [_owned(number) for number in listed]


class TwilioVerifications(TwilioAccount):
    """`VerificationTelephony` over Twilio Verify."""

    async def start_verification(
        self, to: str, channel: VerificationChannel, *, locale: str = "en"
    ) -> StartedVerification:
        """Send or speak a code. Raises as the port says, and InvalidInput (`verify_service_missing`)."""
        with self.errors(creates=True):
            started = await self._service.verifications.create_async(to=to, channel=channel, locale=locale)
        attempts = len(started.send_code_attempts or ())
        return StartedVerification(sid=started.sid, to=to, channel=channel, attempt=max(1, attempts))

    async def check_verification(self, sid: str, code: str) -> CodeVerdict:
        """Try a code; a used-up or expired verification is unknown to Twilio. Raises as `start_verification`."""
        try:
            with self.errors():
                checked = await self._service.verification_checks.create_async(verification_sid=sid, code=code)
        except NotFound:
            return CodeVerdict.GONE
        except QuotaExceeded as error:
            if error.code != "verification_check_limit":
                raise
            return CodeVerdict.LOCKED
        return CodeVerdict.APPROVED if checked.status == "approved" else CodeVerdict.WRONG

    @property
    def _service(self) -> Any:
        if self.settings.verify_service_sid is None:
            raise InvalidInput("verify_service_missing", "set the sid of a Twilio Verify service (VA…)")
        return self.client.verify.v2.services(self.settings.verify_service_sid)


class TwilioRecordings(TwilioAccount):
    """`RecordingTelephony`."""

    async def list_recordings(self, call_sid: str) -> Sequence[CarrierRecording]:
        """Recordings of one call."""
        with self.errors():
            listed = await self.resources.recordings.list_async(call_sid=call_sid, limit=100)
        return [_recording(recording) for recording in listed]

    async def fetch_recording(self, recording_sid: str) -> bytes:
        """The recording as a WAV file. Raises NotFound (`carrier_recording_not_found`)."""
        account = self.settings.account_sid
        url = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{recording_sid}.wav"
        with self.errors(missing="carrier_recording_not_found"):
            return await self.http.download(
                self.client.get_hostname(url), auth=self.client.auth, limit=MAX_RECORDING_BYTES
            )

    async def delete_recording(self, recording_sid: str) -> None:
        """Delete at the carrier; one that is gone is no error."""
        with suppress(NotFound), self.errors():
            await self.resources.recordings(recording_sid).delete_async()


class TwilioTelephony(TwilioCalls, TwilioNumbers, TwilioVerifications, TwilioRecordings):
    """`Telephony`: the whole account over one pool of connections. Close it with `aclose`."""


def _room(conference: Conference) -> str:
    return twiml.conference(conference.name, ends_with_me=conference.ends_with_me, status_url=conference.status_url)


def _call(call: Any) -> CarrierCall:
    return CarrierCall(
        call_sid=call.sid,
        status=CallStatus(call.status),
        to=call.to,
        from_number=call._from,  # the client's own public name for `from`
        direction=call.direction,
        created_at=call.date_created,
        started_at=call.start_time,
        ended_at=call.end_time,
        duration_s=int(call.duration) if call.duration else None,
        answered_by=call.answered_by or None,
    )


def _available(number: Any, kind: NumberKind) -> AvailableNumber:
    able = _abilities(number)
    return AvailableNumber(
        e164=number.phone_number,
        country=number.iso_country,
        kind=kind,
        locality=number.locality or None,
        region=number.region or None,
        voice=able.get("voice", False),
        sms=able.get("sms", False),
        address_required=number.address_requirements not in (None, "none"),
    )


def _owned(number: Any) -> OwnedNumber:
    able = _abilities(number)
    return OwnedNumber(
        number_sid=number.sid,
        e164=number.phone_number,
        voice_url=number.voice_url or None,
        status_url=number.status_callback or None,
        friendly_name=number.friendly_name or number.phone_number,
        created_at=number.date_created,
        voice=able.get("voice", False),
        sms=able.get("sms", False),
    )


def _abilities(number: Any) -> Mapping[str, bool]:
    """Twilio writes `SMS` on numbers for sale and `sms` on bought ones."""
    return {str(name).lower(): bool(able) for name, able in (number.capabilities or {}).items()}


def _urls(settings: NumberSettings) -> dict[str, str]:
    fields: dict[str, str] = {}
    if settings.voice_url is not None:
        fields |= {"voice_url": settings.voice_url, "voice_method": "POST"}
    if settings.status_url is not None:
        fields |= {"status_callback": settings.status_url, "status_callback_method": "POST"}
    if settings.friendly_name is not None:
        fields["friendly_name"] = settings.friendly_name
    return fields


def _recording(recording: Any) -> CarrierRecording:
    seconds = int(recording.duration) if recording.duration not in (None, "") else -1
    return CarrierRecording(
        recording_sid=recording.sid,
        call_sid=recording.call_sid,
        status=recording.status,
        duration_s=seconds if seconds >= 0 else None,
        channels=recording.channels,
        created_at=recording.date_created,
    )
