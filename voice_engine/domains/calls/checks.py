"""What stands between a request and a call, in the contract's order; asked again at the moment of the dial."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Organization, OrganizationStatus
from voice_engine.domains.calls import scheduling
from voice_engine.domains.calls.asking import NewCall
from voice_engine.domains.calls.content import check_content
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import Product
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.safety import service as safety
from voice_engine.domains.safety.hours import callee_zone, callee_zones, may_call, next_allowed
from voice_engine.domains.safety.numbers import Reach, SafeNumber
from voice_engine.errors import InvalidInput, NotAllowed, NotFound
from voice_engine.ports.call import Submission
from voice_engine.store.uow import UnitOfWork

NOBODYS_NUMBER = "+15555550100"
"""What the submission of a call names when a browser is the other party: NANPA keeps 555-0100 for fiction, and has
no area code 555."""

CheckGoal = Callable[[UnitOfWork, str], Awaitable[None]]
"""Holds a call to its goal's budget. Raises NotFound `goal_not_found`, QuotaExceeded of the budget's codes."""


async def no_goals(_work: UnitOfWork, _goal_id: str) -> None:
    """Where there are no goals, none is found."""
    raise NotFound("goal_not_found", "there is no such goal; leave goal_id out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A request that passed every check before the credits. `due` None: it may be dialled at once."""

    number: SafeNumber
    submission: Submission
    zone: ZoneInfo
    zone_given: bool
    due: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantPlan:
    """A business's request that passed. `due` None: it may be dialled at once."""

    number: SafeNumber
    organization: Organization
    due: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserPlan:
    """A request for a call with a browser that passed."""

    submission: Submission
    zone: ZoneInfo
    zone_given: bool


class Checks:
    """The checks of this installation."""

    def __init__(self, settings: CallSettings, meter: CallMeter, *, check_goal: CheckGoal = no_goals) -> None:
        self._settings = settings
        self._meter = meter
        self._check_goal = check_goal

    async def plan(self, work: UnitOfWork, user_id: str, new: NewCall, *, now: dt.datetime) -> Plan:
        """Judge a request. Of several faults the first is told.

        Raises:
            NotFound, InvalidInput, NotAllowed, QuotaExceeded: see `CallService.create`.
        """
        organization = await self.may_call_out(work)
        if new.goal_id is not None:
            await self._check_goal(work, str(new.goal_id))
        number = await safety.gate(work, new.asked.number, await self.reach(work, organization))
        submission = new.asked.judge(number.e164)
        plan = self.schedule(new, number, submission, organization=organization, now=now)
        check_content(new.asked.texts())
        await self.check_consent(work, user_id)
        return plan

    async def plan_browser(self, work: UnitOfWork, new: NewCall, *, now: dt.datetime) -> BrowserPlan:
        """Judge a call whose other party is a browser: nobody is dialled, so that no number, hour or consent is
        asked about.

        Raises:
            InvalidInput: `unsupported_language`, `scheduling_violation`, `safety_violation`.
        """
        organization = await accounts.get_organization(work, work.organization_id)
        requested = scheduling.parse_zone(new.timezone)
        zone = ZoneInfo(requested or organization.timezone)
        submission = new.asked.judge(NOBODYS_NUMBER)
        scheduling.check_appointment(submission.appointment_date, submission.appointment_time, zone, now=now)
        check_content(new.asked.texts())
        return BrowserPlan(submission=submission, zone=zone, zone_given=requested is not None)

    async def plan_assistant(self, work: UnitOfWork, raw: str, *, now: dt.datetime) -> AssistantPlan:
        """Judge a call that a business's assistant is to make.

        Raises:
            InvalidInput: `number_not_callable`, `emergency_number`, `toll_number`.
            NotAllowed: `organization_suspended`, `plan_upgrade_required`, `unsupported_country`,
                `country_restriction`, `blocked_number`, `suppression_violation`.
        """
        organization = await self.may_call_out(work)
        try:
            number = await safety.gate(work, raw, await self.reach(work, organization))
        except InvalidInput as refusal:
            if refusal.code in {"emergency_number", "toll_number"}:
                raise
            raise InvalidInput("number_not_callable", refusal.message) from refusal
        zones = callee_zones(number.e164, requested=None, organization=organization.timezone, at=now)
        due = scheduling.when_to_dial(None, zones, self._settings.hours, urgent=False, now=now)
        return AssistantPlan(number=number, organization=organization, due=due)

    async def check_dial(self, work: UnitOfWork, call: Call) -> None:
        """Judge a call anew at the moment of its dial: plan, standing, lists and consent change while it waits.

        Raises:
            InvalidInput, NotAllowed: as `plan`, of the organization, the number and the consent.
        """
        organization = await self.may_call_out(work)
        await safety.gate(work, call.to_number, await self.reach(work, organization))
        if call.user_id is not None and call.product == Product.KALLY:
            await self.check_consent(work, call.user_id)

    async def may_call_out(self, work: UnitOfWork) -> Organization:
        """The unit's organization, if it may make calls at all.

        Raises:
            NotAllowed: `organization_suspended`; `plan_upgrade_required`, of a business.
        """
        organization = await accounts.get_organization(work, work.organization_id)
        if organization.status in {OrganizationStatus.SUSPENDED, OrganizationStatus.DELETED}:
            raise NotAllowed("organization_suspended", "this organization is suspended and makes no calls")
        await self._meter.check_plan(work, Feature.OUTBOUND)
        return organization

    async def may_dial_at(self, work: UnitOfWork, call: Call, now: dt.datetime) -> dt.datetime | None:
        """When the callee's clock allows the dial; None: now, or at once because it is urgent."""
        organization = await accounts.get_organization(work, call.organization_id)
        assert call.to_number is not None, "an outbound call has a number"
        requested = call.timezone if call.zone_given else None
        zones = callee_zones(call.to_number, requested=requested, organization=organization.timezone, at=now)
        if call.is_urgent or may_call(now, zones, self._settings.hours):
            return None
        return next_allowed(now, zones, self._settings.hours)

    def schedule(
        self,
        new: NewCall,
        number: SafeNumber,
        submission: Submission,
        *,
        organization: Organization,
        now: dt.datetime,
    ) -> Plan:
        """When the call would be made. Raises InvalidInput `scheduling_violation`."""
        requested, own = scheduling.parse_zone(new.timezone), organization.timezone
        zone = callee_zone(number.e164, requested=requested, organization=own, at=now)
        scheduling.check_appointment(submission.appointment_date, submission.appointment_time, zone, now=now)
        wish = _wish(new, zone)
        if wish is not None:
            scheduling.check_ahead(wish, now=now, furthest=self._settings.furthest)
        zones = callee_zones(number.e164, requested=requested, organization=own, at=now)
        due = scheduling.when_to_dial(wish, zones, self._settings.hours, urgent=submission.is_urgent, now=now)
        return Plan(number=number, submission=submission, zone=zone, zone_given=requested is not None, due=due)

    async def reach(self, work: UnitOfWork, organization: Organization) -> Reach:
        """Which countries the organization may call."""
        return Reach(
            own_region=organization.country,
            trial=await self._meter.is_trial(work),
            extra_pairs=self._settings.extra_pairs,
        )

    async def check_consent(self, work: UnitOfWork, user_id: str) -> None:
        """Raise InvalidInput `consent_denied` unless the person agreed to calls on their behalf."""
        user = await accounts.get(work, user_id)
        if user.consented_at is None or user.disabled_at is not None:
            raise InvalidInput(
                "consent_denied", "you did not agree to calls on your behalf; do so under New call in the web app"
            )


def _wish(new: NewCall, zone: ZoneInfo) -> dt.datetime | None:
    """When the call is to be made; None: as soon as it may."""
    if new.scheduled_at is not None:
        return scheduling.parse_instant(new.scheduled_at, field="scheduled_at")
    if new.scheduled_for is None:
        return None
    day = scheduling.parse_date(new.scheduled_for.date, field="date")
    return scheduling.local_instant(day, scheduling.parse_time(new.scheduled_for.time, field="time"), zone)
