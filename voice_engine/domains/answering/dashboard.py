"""Calls out of a browser: somebody of the business calls a customer by its number, from the dashboard."""

import datetime as dt
import re
from collections.abc import Callable, Mapping

import structlog

from voice_engine.domains.accounts import repository as accounts
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.calls.checks import Checks
from voice_engine.domains.inbound.composing import as_language
from voice_engine.domains.inbound.decisions import Announce, Decision, Forward
from voice_engine.domains.minutes.plans import Feature, has
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.numbers.repository import numbers
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.ports.call import Language
from voice_engine.store.engine import Store
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

CLIENT = "client:"
_DASHBOARD = re.compile(r"client:org_([^:]+):user_([^:]+)")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
RING_S = 45

NOT_POSSIBLE: Mapping[Language, str] = {
    "en": "This call cannot be placed. Goodbye.",
    "es": "Esta llamada no se puede realizar. Adiós.",
}

_log = structlog.get_logger(__name__)


class DashboardCalls:
    """Decides about legs whose caller is a browser. `now` is the wall clock, in UTC."""

    def __init__(
        self, store: Store, checks: Checks, minutes: MinutesService, *, now: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._checks = checks
        self._minutes = minutes
        self._now = now

    async def receive(self, caller: str, called: str) -> Decision:
        """Ring the number that the browser named, or say that it cannot be.

        Args:
            caller: the carrier's word for the browser, its token's identity after `client:`.
            called: what the browser asked for.
        """
        who = _DASHBOARD.fullmatch(caller)
        if who is None or not is_id(who[1]) or not await self._is_known(who[1]):
            _log.warning("dashboard.unknown_client")
            return _refusal("en")
        async with self._store.begin(who[1]) as work:
            return await self._decide(work, called)

    async def _is_known(self, organization_id: str) -> bool:
        async with self._store.system("a browser names its organization", writes=False) as work:
            return await accounts.find_organization(work, organization_id) is not None

    async def _decide(self, work: UnitOfWork, called: str) -> Decision:
        organization = await accounts.find_organization(work, work.organization_id)
        assert organization is not None
        language = as_language(organization.locale) or "en"
        shown = await numbers.find_shown(work)
        may = has(await self._minutes.tier_of(work), Feature.BROWSER_CALLING)
        if shown is None or not may or organization.status == OrganizationStatus.SUSPENDED:
            return _refusal(language)
        if _E164.fullmatch(called) is None or called == shown.e164:
            return _refusal(language)
        try:
            plan = await self._checks.plan_assistant(work, called, now=self._now())
        except (InvalidInput, NotAllowed) as refusal:
            _log.warning("dashboard.number_refused", code=refusal.code)
            return _refusal(language)
        return Forward(number=plan.number.e164, caller_id=shown.e164, ring_s=RING_S, ask_after=False)


def _refusal(language: Language) -> Announce:
    return Announce(text=NOT_POSSIBLE[language], language=language)
