"""The number gate for the account's own phones: forwarding targets and numbers to be proven."""

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.safety import service as safety
from voice_engine.domains.safety.numbers import Reach, SafeNumber
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.service import UsageService
from voice_engine.store.uow import UnitOfWork


class Gate:
    """The checks of this installation."""

    def __init__(self, settings: NumberSettings, usage: UsageService) -> None:
        self._settings = settings
        self._usage = usage

    async def check(self, work: UnitOfWork, raw: object) -> SafeNumber:
        """`raw` as a phone of the account's own that may be rung now; a wish for no calls is no obstacle.

        Raises:
            InvalidInput: `missing_phone_number`, `emergency_number`, `invalid_phone_number`, `toll_number`.
            NotAllowed: `unsupported_country`, `country_restriction`, `blocked_number`.
        """
        organization = await accounts.get_organization(work, work.organization_id)
        reach = Reach(
            own_region=organization.country,
            trial=await self._is_trial(work, organization.kind),
            extra_pairs=self._settings.extra_pairs,
        )
        return await safety.gate(work, raw if isinstance(raw, str) else None, reach, own_target=True)

    async def _is_trial(self, work: UnitOfWork, kind: str) -> bool:
        """A business pays in minutes: it has no trial, and asking must not open an account of credits for it."""
        if kind == OrganizationKind.BUSINESS:
            return False
        return (await self._usage.accounts.plan(work)).type is PlanType.TRIAL
