"""What would become of a call if it were asked for now: each check's word, when it would be made, what it may cost.

The checks are those of `CallService.create`, each told for itself, so that a form can say what is wrong while it is
filled in. Nothing is held, and nothing is promised: the request itself is checked again.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.calls.asking import NewCall
from voice_engine.domains.calls.checks import Checks
from voice_engine.domains.calls.content import check_content
from voice_engine.domains.calls.repository import lengths
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.minutes.metering import CallMeter, Quote
from voice_engine.domains.safety import service as safety
from voice_engine.domains.safety.hours import CallingHours, callee_zone, callee_zones, may_call, next_allowed
from voice_engine.domains.safety.numbers import SafeNumber
from voice_engine.errors import VoiceEngineError
from voice_engine.store.uow import UnitOfWork

USUAL_S = 120
"""How long a call is taken to last where the organization has no calls of its own to go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The other party's time. `opens_at`: when calls to them may begin; None: now."""

    zone: ZoneInfo
    hours: CallingHours
    opens_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the checks say.

    Attributes:
        number: the number, if it may be called; `number_refusal` says why not.
        clock: the other party's; None without a number.
        due: when the call would be made; None: at once.
        refusal: what else is wrong, the first of it: dates, languages, content.
        has_consented: whether the person agreed to calls on their behalf.
        quote: for a call that lasts `usual_s`, as such calls of theirs did.
    """

    number: SafeNumber | None
    number_refusal: VoiceEngineError | None
    clock: Clock | None
    due: dt.datetime | None
    refusal: VoiceEngineError | None
    has_consented: bool
    quote: Quote
    usual_s: int

    @property
    def is_fine(self) -> bool:
        """Whether the call could be asked for as it is."""
        told = self.number_refusal is None and self.refusal is None
        return self.number is not None and told and self.has_consented and self.quote.is_enough


class Previews:
    """Methods run inside the organization's unit of work; what they write (a new account) need not be kept."""

    def __init__(self, settings: CallSettings, checks: Checks, meter: CallMeter) -> None:
        self._settings = settings
        self._checks = checks
        self._meter = meter

    async def look(self, work: UnitOfWork, user_id: str, new: NewCall, *, now: dt.datetime) -> Preview:
        """What would become of this request."""
        organization = await accounts.get_organization(work, work.organization_id)
        number, number_refusal = await self.judge_number(work, new.asked.number, organization)
        clock, due, refusal = None, None, None
        if number is not None:
            requested = new.timezone if isinstance(new.timezone, str) else None
            try:
                clock = self.clock_of(number, organization, requested=requested, now=now)
                submission = new.asked.judge(number.e164)
                due = self._checks.schedule(new, number, submission, organization=organization, now=now).due
            except VoiceEngineError as error:
                refusal = error
        try:
            check_content(new.asked.texts())
        except VoiceEngineError as error:
            refusal = refusal or error
        usual_s = await self.usual_length_s(work, new.asked.task_category.value)
        return Preview(
            number=number,
            number_refusal=number_refusal,
            clock=clock,
            due=due,
            refusal=refusal,
            has_consented=(await accounts.get(work, user_id)).consented_at is not None,
            quote=await self._meter.quote(work, usual_s),
            usual_s=usual_s,
        )

    async def judge_number(
        self, work: UnitOfWork, raw: str | None, organization: Organization
    ) -> tuple[SafeNumber | None, VoiceEngineError | None]:
        """The number, if it may be called, or why not."""
        try:
            return await safety.gate(work, raw, await self._checks.reach(work, organization)), None
        except VoiceEngineError as error:
            return None, error

    def clock_of(
        self, number: SafeNumber, organization: Organization, *, requested: str | None, now: dt.datetime
    ) -> Clock:
        """The other party's time. Raises InvalidInput `scheduling_violation` for a zone that does not exist."""
        own = organization.timezone
        zones = callee_zones(number.e164, requested=requested, organization=own, at=now)
        zone = callee_zone(number.e164, requested=requested, organization=own, at=now)
        hours = self._settings.hours
        opens_at = None if may_call(now, zones, hours) else next_allowed(now, zones, hours)
        return Clock(zone=zone, hours=hours, opens_at=opens_at)

    async def usual_length_s(self, work: UnitOfWork, category: str | None) -> int:
        """How long the organization's last calls of this kind took in the middle, else `USUAL_S`."""
        taken = sorted(await lengths.list_last(work, category=category, limit=lengths.LOOKED_AT))
        return round(taken[len(taken) // 2] / 1000) if taken else USUAL_S
