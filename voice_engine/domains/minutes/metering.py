"""The one seam through which calls are held and measured, whatever their organization pays with.

A personal organization pays in credits (`domains/usage`), a business in minutes. Dialling, reception, ends and the
reaper ask here and do not know which.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.domains.minutes.figures import minutes_of
from voice_engine.domains.minutes.plans import LEAST, Feature, includes
from voice_engine.domains.minutes.service import LONGEST_CALL_S, CallHold, MinutesService
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.prices import CHEAPEST_CALL, call_hold, call_price, paid_seconds
from voice_engine.domains.usage.service import UsageService
from voice_engine.errors import NotAllowed, NotFound
from voice_engine.store.uow import UnitOfWork

FREE = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """What is known of a call's length when it ends.

    Attributes:
        answered_at: when its media came up; None: they never did, and nobody talked to us.
        ended_at: when it was over, as far as anybody knows.
        reported: whether the engine has told of the call; then its word counts and no other.
        engine_s: what the engine measured; None: nothing that is to be paid for.
        carrier_s: what the carrier measured, if it has said so.
        must_be_held: whether a call without a hold is a bug.
        is_external: another engine holds the call; nothing was held for it here.
    """

    call_id: str
    answered_at: dt.datetime | None
    ended_at: dt.datetime
    reported: bool
    engine_s: float | None
    carrier_s: int | None
    must_be_held: bool
    is_external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What an end came to.

    Attributes:
        credits: charged; 0 for whoever pays in minutes.
        carrier_s: the length is the carrier's word, and was counted.
        is_open: nobody has measured the call yet; its hold stays until somebody does (`measure`).
    """

    credits: Decimal = FREE
    carrier_s: int | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a call is likely to cost, before anything is held for it. Nothing is promised by it.

    Attributes:
        credits: of a call that long; None: the organization pays in minutes.
        minutes: of a call that long.
        left: credits or minutes that are free now; None: as many as are wanted (overage).
        longest_s: where the call would be cut; 0: there is too little for any call.
    """

    credits: Decimal | None
    minutes: Decimal
    left: Decimal | None
    longest_s: int

    @property
    def is_enough(self) -> bool:
        """Whether a call could begin."""
        return self.longest_s > 0


class CallMeter:
    """Holds and measures. Every method runs inside the organization's own writing unit of work."""

    def __init__(self, usage: UsageService, minutes: MinutesService) -> None:
        self._usage = usage
        self._minutes = minutes

    async def lock(self, work: UnitOfWork) -> None:
        """Hold the account that pays until the unit ends: taken after the call and before events and rules."""
        if await is_business(work):
            await self._minutes.accounts.locked(work)
        else:
            await self._usage.accounts.running(work)

    async def is_trial(self, work: UnitOfWork) -> bool:
        """Whether the account calls its own region only; it is locked from here on."""
        if await is_business(work):
            await self._minutes.accounts.locked(work)
            return False
        return (await self._usage.accounts.plan(work)).type is PlanType.TRIAL

    async def check_plan(self, work: UnitOfWork, feature: Feature) -> None:
        """Raise NotAllowed `plan_upgrade_required` when a business's plan lacks it; who pays in credits has all."""
        if not await is_business(work):
            return
        tier, least = await self._minutes.tier_of(work), LEAST[feature]
        if not includes(tier, least):
            raise NotAllowed(
                "plan_upgrade_required",
                f"this needs the {least} plan or a larger one; yours is {tier}",
                details={"requiredPlan": least, "currentPlan": tier},
            )

    async def quote(self, work: UnitOfWork, seconds: int) -> Quote:
        """What a call of so many connected seconds would cost."""
        minutes = minutes_of(seconds)
        if await is_business(work):
            reading = await self._minutes.read(work)
            free = None if reading.terms.overage_on else reading.cycle.remaining
            longest = LONGEST_CALL_S if free is None else min(LONGEST_CALL_S, free)
            left = None if free is None else minutes_of(free)
            return Quote(credits=None, minutes=minutes, left=left, longest_s=longest)
        credits = (await self._usage.accounts.running(work)).balance.free
        longest = paid_seconds(call_hold(credits)) if credits >= CHEAPEST_CALL else 0
        return Quote(credits=call_price(seconds), minutes=minutes, left=credits, longest_s=longest)

    async def reserve(
        self, work: UnitOfWork, call_id: str, *, description: str, goal_id: str | None = None
    ) -> CallHold:
        """Hold what a call may cost, before it is dialled or answered; repeated, the first hold.

        Raises:
            QuotaExceeded: `quota_exceeded` (credits), `minutes_exhausted`.
            Conflict: `reservation_ended`.
        """
        if await is_business(work):
            return await self._minutes.reserve_call(work, call_id)
        hold = await self._usage.reserve_call(work, call_id, description=description, goal_id=goal_id)
        return CallHold(call_id=call_id, max_seconds=hold.max_seconds)

    async def settle(self, work: UnitOfWork, end: CallEnd) -> Charge:
        """Measure a call that ends, or let its hold go.

        Credits are charged by the engine's word only: what it did not tell of was lost by our fault. Minutes are
        counted by the carrier's where the engine's is missing, and wait for it where that is missing too.

        Raises:
            NotFound: `reservation_not_found`, of a call that must have a hold.
        """
        if not await is_business(work):
            return Charge(credits=await self._settle_credits(work, end))
        if not end.is_external and not await self._minutes.is_held(work, end.call_id):
            return Charge()
        if end.engine_s is not None:
            started_at = end.answered_at or end.ended_at - dt.timedelta(seconds=end.engine_s)
            await self._minutes.settle_call(work, end.call_id, end.engine_s, started_at=started_at)
            return Charge()
        if end.reported or end.is_external or end.answered_at is None:
            await self._minutes.release_call(work, end.call_id)
            return Charge()
        if end.carrier_s is None:
            return Charge(is_open=True)
        await self._minutes.settle_call(work, end.call_id, end.carrier_s, started_at=end.answered_at)
        return Charge(carrier_s=end.carrier_s)

    async def measure(self, work: UnitOfWork, call_id: str, seconds: float, *, answered_at: dt.datetime) -> bool:
        """How long a call was that had ended without anybody's word on it; whether the word was waited for."""
        if not await self.is_unmeasured(work, call_id):
            return False
        return not (await self._minutes.settle_call(work, call_id, seconds, started_at=answered_at)).repeated

    async def is_unmeasured(self, work: UnitOfWork, call_id: str) -> bool:
        """Whether the call's hold is still open and nobody but `measure` or `forgo` will end it."""
        return await is_business(work) and await self._minutes.is_held(work, call_id)

    async def forgo(self, work: UnitOfWork, call_id: str) -> None:
        """Nobody knows how long the call was: it is not to be paid for."""
        if await self.is_unmeasured(work, call_id):
            await self._minutes.release_call(work, call_id)

    async def _settle_credits(self, work: UnitOfWork, end: CallEnd) -> Decimal:
        try:
            return (await self._usage.settle_call(work, end.call_id, end.engine_s)).charged
        except NotFound:
            if end.must_be_held:
                raise
            return FREE


async def is_business(work: UnitOfWork) -> bool:
    """Whether the unit's organization pays in minutes."""
    organization = await accounts.get_organization(work, work.organization_id)
    return organization.kind == OrganizationKind.BUSINESS
