"""Businesses as whoever runs the server sees them: listed, read, given plans and limits, suspended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from voice_engine.domains.accounts.models import Organization, OrganizationStatus
from voice_engine.domains.minutes.accounts import MinuteAccounts, Reading, status_of
from voice_engine.domains.minutes.figures import seconds_of
from voice_engine.domains.minutes.listing import Member, find_business, list_businesses, list_members, read_accounts
from voice_engine.domains.minutes.plans import TIERS, Tier
from voice_engine.domains.minutes.terms import LIMIT
from voice_engine.domains.usage.models import BillingAccount
from voice_engine.errors import InvalidInput, NotFound
from voice_engine.store import audit
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an administrator sets; what is not in `given` stays as it is.

    Attributes:
        given: names of the fields below.
        minutes_limit: minutes of a cycle; None returns to the plan's own.
        rate_cents: for a minute beyond the limit.
    """

    given: frozenset[str]
    plan: Tier = Tier.FREE
    minutes_limit: Decimal | None = None
    overage_enabled: bool = False
    rate_cents: int = 0
    status: OrganizationStatus = OrganizationStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessView:
    """One business with its account and its people."""

    organization: Organization
    reading: Reading
    members: Sequence[Member]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessPage:
    """Some businesses, newest first, and how many there are."""

    businesses: Sequence[BusinessView]
    total: int


class BusinessAdministration:
    """Works in units of the system, but for `change`, which works in the business's own."""

    def __init__(self, accounts: MinuteAccounts) -> None:
        self._accounts = accounts

    async def list_page(self, work: UnitOfWork, *, query: str | None, limit: int, offset: int) -> BusinessPage:
        """Businesses whose name, or the address of one of whose people, has `query` in it; in any case."""
        found, total = await list_businesses(work, query=query, limit=limit, offset=offset)
        return BusinessPage(businesses=await self._views(work, found), total=total)

    async def get(self, work: UnitOfWork, organization_id: str) -> BusinessView:
        """One business. Raises NotFound `not_found`, also of an organization that is none."""
        found = await find_business(work, organization_id)
        if found is None:
            raise NotFound("not_found", "there is no such organization")
        return (await self._views(work, [found]))[0]

    async def change(self, work: UnitOfWork, organization_id: str, change: Change, *, actor: str) -> BusinessView:
        """Set what is given, at once, and note who did it.

        The running cycle's limit follows; what was talked within the old one never becomes overage by it.

        Raises:
            NotFound: `not_found`.
            InvalidInput: `validation_error`: nothing is given, or overage for a plan that has none.
        """
        if not change.given:
            raise InvalidInput("validation_error", "send at least one field to change")
        organization = await find_business(work, organization_id, lock=True)
        if organization is None:
            raise NotFound("not_found", "there is no such organization")
        account = await self._accounts.locked(work)
        before = _facts(organization, account)
        if "status" in change.given:
            organization.status = change.status
        _apply(account, change)
        await self._accounts.limit_changed(work, account)
        after = _facts(organization, account)
        facts = {name: [before[name], value] for name, value in after.items() if before[name] != value}
        audit.record(
            work,
            "organization.changed",
            actor=actor,
            at=self._accounts.now(),
            subject=organization_id,
            facts=facts,
        )
        return (await self._views(work, [organization]))[0]

    async def _views(self, work: UnitOfWork, found: Sequence[Organization]) -> list[BusinessView]:
        ids = [organization.id for organization in found]
        members = await list_members(work, ids)
        readings = await read_accounts(work, ids, self._accounts)
        return [
            BusinessView(organization=each, reading=readings[each.id], members=members.get(each.id, ()))
            for each in found
        ]


def _apply(account: BillingAccount, change: Change) -> None:
    if "plan" in change.given:
        _set_plan(account, change.plan)
    if "minutes_limit" in change.given:
        others = {key: value for key, value in account.overrides.items() if key != LIMIT}
        own = change.minutes_limit
        account.overrides = others if own is None else {**others, LIMIT: seconds_of(own)}
    if "rate_cents" in change.given:
        account.rate_cents_per_min = change.rate_cents
    if "overage_enabled" in change.given:
        has_rate = TIERS[Tier(account.plan)].overage_cents is not None or account.rate_cents_per_min is not None
        if change.overage_enabled and not has_rate:
            raise InvalidInput(
                "validation_error",
                f"the {account.plan} plan has no overage; give a rate with it, or a larger plan",
                details={"fields": [{"path": "overageEnabled", "message": "needs a rate", "rule": "plan"}]},
            )
        account.overage_enabled = change.overage_enabled


def _set_plan(account: BillingAccount, plan: Tier) -> None:
    """This plan from now on: what was to end or to begin later is off."""
    account.plan, account.status = plan, status_of(plan)
    account.cancelled_at = account.effective_at = account.deletion_at = None
    account.pending_plan = account.pending_at = None


def _facts(organization: Organization, account: BillingAccount) -> Mapping[str, Any]:
    return {
        "plan": account.plan,
        "limit_seconds": account.overrides.get(LIMIT),
        "overage_enabled": account.overage_enabled,
        "rate_cents": account.rate_cents_per_min,
        "status": organization.status,
    }
