"""Proving that a phone is somebody's: a code goes there, and comes back.

The code is made, kept and judged by the carrier; here it passes through, and is neither stored nor logged. Sends
are written down before the carrier is asked and counted in the database: per number (a stranger's phone may ring)
and per organization (each costs money). A try is taken before the carrier judges it.
"""

import datetime as dt
from collections.abc import Callable

import structlog

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.numbers import plan
from voice_engine.domains.numbers.gate import Gate
from voice_engine.domains.numbers.models import (
    CodeSend,
    NumberProof,
    NumberStatus,
    NumberType,
    PhoneNumber,
    ProofState,
)
from voice_engine.domains.numbers.repository import numbers, proofs
from voice_engine.domains.numbers.service import NumberService
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.numbers.views import Ownership, Sent
from voice_engine.domains.safety.numbers import SafeNumber
from voice_engine.errors import InvalidInput, NotAllowed, NotFound, QuotaExceeded, UpstreamFailed
from voice_engine.ports.telephony import (
    OUTCOME_UNKNOWN,
    CodeVerdict,
    StartedVerification,
    VerificationChannel,
    VerificationTelephony,
)
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

DAY = dt.timedelta(days=1)

_log = structlog.get_logger(__name__)


class Proofs:
    """Sends codes and checks them. `now` is the wall clock, in UTC."""

    def __init__(
        self,
        store: Store,
        telephony: VerificationTelephony,
        service: NumberService,
        gate: Gate,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._service = service
        self._gate = gate
        self._now = now
        self._settings = service.settings

    async def start(self, organization_id: str, user_id: str, raw: object, channel: VerificationChannel) -> Sent:
        """Send or speak a code to a phone; it becomes the organization's once the code comes back.

        Raises:
            InvalidInput: the number gate's; `validation_error` for a number bought here.
            NotAllowed: the number gate's.
            QuotaExceeded: `rate_limited`.
            UpstreamFailed: the carrier does not answer.
        """
        async with self._store.begin(organization_id) as work:
            number = await self._gate.check(work, raw)
            if await numbers.is_bought(work, number.e164):
                raise plan.field_fault("phone_number", "is a number of this service; it needs no code")
            send_id = await self._count_send(work, number.e164, channel)
            locale = (await accounts.get_organization(work, organization_id)).locale
        started = await self._send(organization_id, number.e164, channel, locale=locale, send_id=send_id)
        return await self._note_sent(organization_id, user_id, number, started)

    async def check(self, organization_id: str, user_id: str, e164: str, code: str) -> PhoneNumber:
        """Try a code; the right one makes the phone the organization's.

        Raises:
            NotFound: `verification_not_found`.
            InvalidInput: `invalid_verification_code`, `verification_expired`.
            QuotaExceeded: `rate_limited`: five wrong ones.
            UpstreamFailed: the carrier does not answer; the try does not count.
        """
        async with self._store.begin(organization_id) as work:
            proof = await self._take_try(work, e164)
        try:
            verdict = await self._telephony.check_verification(proof.provider_sid, code)
        except UpstreamFailed:
            async with self._store.begin(organization_id) as work:
                await proofs.give_back_try(work, proof.id)
            raise
        _log.info("number.code_tried", verdict=verdict)
        async with self._store.begin(organization_id) as work:
            approved = await self._judge(work, proof, verdict, user_id)
        if approved is None:
            raise self._refusal(proof, verdict)
        return approved

    async def verify(
        self, organization_id: str, user_id: str, number_id: str, *, code: str | None, channel: VerificationChannel
    ) -> Ownership:
        """Prove that a listed number is the organization's: without a code one is sent, with one it is checked.

        Raises:
            NotFound: `phone_number_not_found`, `verification_not_found`.
            NotAllowed: `forbidden`: the number may not be rung any more.
            InvalidInput, QuotaExceeded, UpstreamFailed: as `check`.
        """
        async with self._store.read(organization_id) as work:
            number = await self._service.get(work, number_id)
        if number.is_verified:
            return Ownership(number=number)
        if code is not None:
            return Ownership(number=await self.check(organization_id, user_id, number.e164, code))
        try:
            sent = await self.start(organization_id, user_id, number.e164, channel)
        except (InvalidInput, NotAllowed) as refusal:
            raise NotAllowed("forbidden", refusal.message, details={"reason": refusal.code}) from refusal
        return Ownership(number=number, sent=sent)

    # -- sending ---------------------------------------------------------------------------------------------

    async def _count_send(self, work: UnitOfWork, e164: str, channel: VerificationChannel) -> str:
        """Take one of the sends that are left; its id. Raises QuotaExceeded `rate_limited`."""
        now, settings = self._now(), self._settings
        await proofs.hold_sending(work)
        there = await proofs.list_sends_to(work, e164, since=now - DAY)
        ours = await proofs.list_own_sends(work, since=now - DAY)
        recent = [at for at in there if at > now - settings.send_window]
        for sends, most, window in (
            (recent, settings.sends_per_window, settings.send_window),
            (there, settings.sends_per_destination, DAY),
            (ours, settings.sends_per_organization, DAY),
        ):
            if len(sends) >= most:
                raise _too_many(sends[-most] + window - now)
        send = CodeSend(id=new_id(), organization_id=work.organization_id, e164=e164, channel=channel, sent_at=now)
        await proofs.add_send(work, send)
        return send.id

    async def _send(
        self, organization_id: str, e164: str, channel: VerificationChannel, *, locale: str, send_id: str
    ) -> StartedVerification:
        """Ask the carrier. A send that it refused does not count; one whose answer got lost does."""
        try:
            return await self._telephony.start_verification(e164, channel, locale=locale)
        except (UpstreamFailed, QuotaExceeded) as error:
            if error.code != OUTCOME_UNKNOWN:
                async with self._store.begin(organization_id) as work:
                    await proofs.remove_send(work, send_id)
            refused = _refused(error, self._settings)
            if refused is None:
                raise
            raise refused from error

    async def _note_sent(
        self, organization_id: str, user_id: str, number: SafeNumber, started: StartedVerification
    ) -> Sent:
        now, settings = self._now(), self._settings
        async with self._store.begin(organization_id) as work:
            if await numbers.find_own(work, number.e164) is None:
                await numbers.add(work, self._pending(work, user_id, number))
            proof = await proofs.put(
                work,
                NumberProof(
                    id=new_id(),
                    organization_id=organization_id,
                    user_id=user_id,
                    e164=number.e164,
                    channel=started.channel,
                    provider_sid=started.sid,
                    state=ProofState.PENDING,
                    tries=0,
                    created_at=now,
                    expires_at=now + settings.code_ttl,
                ),
            )
        return Sent(
            e164=number.e164,
            channel=started.channel,
            expires_at=proof.expires_at,
            tries_left=max(0, settings.tries - proof.tries),
            resend_after=now + settings.resend_after,
        )

    def _pending(self, work: UnitOfWork, user_id: str, number: SafeNumber) -> PhoneNumber:
        return PhoneNumber(
            id=new_id(),
            organization_id=work.organization_id,
            user_id=user_id,
            e164=number.e164,
            type=NumberType.VERIFIED,
            status=NumberStatus.PENDING_VERIFICATION,
            provider=self._settings.provider,
            country=number.region,
            area_code=plan.area_code(number.e164),
            kind=plan.kind(number.e164),
            capabilities={"voice": True, "sms": plan.kind(number.e164) == "mobile", "mms": False},
            is_default_outbound=False,
            created_at=self._now(),
        )

    # -- checking --------------------------------------------------------------------------------------------

    async def _take_try(self, work: UnitOfWork, e164: str) -> NumberProof:
        """The running verification of the number, one try taken. Raises as `check`."""
        proof = await proofs.find_newest(work, e164)
        if proof is None or proof.state == ProofState.APPROVED:
            raise NotFound("verification_not_found", "no code is on its way to this number; start a verification")
        if proof.state == ProofState.GONE or self._now() >= proof.expires_at:
            raise _expired()
        if not await proofs.count_try(work, proof.id, most=self._settings.tries):
            raise _too_many(proof.expires_at - self._now())
        return proof

    async def _judge(
        self, work: UnitOfWork, proof: NumberProof, verdict: CodeVerdict, user_id: str
    ) -> PhoneNumber | None:
        """Write down what the code was worth; the number when it was right."""
        match verdict:
            case CodeVerdict.APPROVED:
                await proofs.end(work, proof.id, ProofState.APPROVED)
                return await self._approve(work, proof.e164, user_id)
            case CodeVerdict.LOCKED:
                await proofs.end(work, proof.id, ProofState.LOCKED)
            case CodeVerdict.GONE:
                await proofs.end(work, proof.id, ProofState.GONE)
            case CodeVerdict.WRONG:
                pass
        return None

    async def _approve(self, work: UnitOfWork, e164: str, user_id: str) -> PhoneNumber:
        number = await numbers.find_own(work, e164)
        if number is None:
            raise NotFound("verification_not_found", "this number was removed meanwhile; start a verification")
        await numbers.change(work, number.id, status=NumberStatus.ACTIVE, verified_at=self._now())
        audit.record(work, "number.verified", actor=user_id, at=self._now(), subject=number.id)
        verified = await numbers.find_own(work, e164)
        assert verified is not None, "it was changed just now"
        return verified

    def _refusal(self, proof: NumberProof, verdict: CodeVerdict) -> Exception:
        if verdict is CodeVerdict.LOCKED:
            return _too_many(proof.expires_at - self._now())
        if verdict is CodeVerdict.GONE:
            return _expired()
        left = max(0, self._settings.tries - proof.tries - 1)
        return InvalidInput(
            "invalid_verification_code",
            f"this is not the code that was sent; {left} tr{'y' if left == 1 else 'ies'} left",
            details={"attempts_remaining": left},
        )


def _refused(error: UpstreamFailed | QuotaExceeded, settings: NumberSettings) -> Exception | None:
    """A carrier's refusal that is the number's fault and not the carrier's, as the contract calls it."""
    match error.code:
        case "verification_send_limit":
            return _too_many(settings.send_window)
        case "invalid_phone_number":
            return InvalidInput("invalid_phone_number", "the carrier cannot reach this number; check its digits")
        case "verification_blocked":
            return NotAllowed("blocked_number", "the carrier sends no codes to this number; use another one")
        case _:
            return None


def _too_many(wait: dt.timedelta) -> QuotaExceeded:
    seconds = max(1, round(wait.total_seconds()))
    return QuotaExceeded(
        "rate_limited",
        f"too many codes or tries for this number; try again in {seconds} s",
        details={"retry_after_seconds": seconds},
    )


def _expired() -> InvalidInput:
    return InvalidInput("verification_expired", "this code has expired; ask for a new one")
