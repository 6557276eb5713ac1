"""The numbers that an owner hands calls to: rules' targets, transfers, takeovers. All pass the one gate."""

from collections.abc import Collection

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.safety import service as safety
from voice_engine.domains.safety.numbers import Reach
from voice_engine.store.uow import UnitOfWork


class TargetGate:
    """Checks of this installation. `extra_pairs` as in `safety.numbers.Reach`."""

    def __init__(self, meter: CallMeter, *, extra_pairs: Collection[tuple[str, str]] = frozenset()) -> None:
        self._meter = meter
        self._extra_pairs = extra_pairs

    async def check(self, work: UnitOfWork, raw: str | None) -> str:
        """The number as E.164, if calls may be handed to it now.

        Nobody is called unasked there, so a wish for no calls does not stand in the way; everything else does.

        Raises:
            InvalidInput: `missing_phone_number`, `emergency_number`, `invalid_phone_number`, `toll_number`.
            NotAllowed: `unsupported_country`, `country_restriction`, `blocked_number`.
        """
        return (await safety.gate(work, raw, await self.reach(work), own_target=True)).e164

    async def check_rule(self, work: UnitOfWork, raw: str | None) -> str:
        """The same for calls that are handed on by a rule or a forwarding, which a business's plan must include.

        Raises:
            InvalidInput, NotAllowed: as `check`; `plan_upgrade_required`.
        """
        e164 = await self.check(work, raw)
        await self._meter.check_plan(work, Feature.TRANSFER)
        return e164

    async def reach(self, work: UnitOfWork) -> Reach:
        """Which countries the account may call; the account that pays is locked from here on."""
        organization = await accounts.get_organization(work, work.organization_id)
        return Reach(
            own_region=organization.country,
            trial=await self._meter.is_trial(work),
            extra_pairs=self._extra_pairs,
        )
