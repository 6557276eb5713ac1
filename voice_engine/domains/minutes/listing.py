"""The SQL of businesses with their people and accounts: a page of them takes as many queries as one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Membership, Organization, OrganizationKind, User
from voice_engine.domains.minutes.accounts import MinuteAccounts, Reading, empty_cycle
from voice_engine.domains.minutes.models import UsageEvent
from voice_engine.domains.minutes.terms import CycleState
from voice_engine.domains.usage.models import BillingAccount, Product, UsageCycle
from voice_engine.store.uow import UnitOfWork

FARTHEST = 2**63 - 1
"""The largest offset that a database takes; nobody has that many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of a business."""

    user_id: str
    email: str
    role: str


async def find_business(work: UnitOfWork, organization_id: str, *, lock: bool = False) -> Organization | None:
    """The business of this id; None also for an organization that is none.

    The lock lets rows be written that refer to it: whoever ends a call holds the account and writes such rows.
    """
    statement = sa.select(Organization).where(
        Organization.id == organization_id, Organization.kind == OrganizationKind.BUSINESS
    )
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Organization | None = await work.session.scalar(statement)
    return found


async def list_businesses(
    work: UnitOfWork, *, query: str | None, limit: int, offset: int
) -> tuple[Sequence[Organization], int]:
    """A page of businesses, newest first, and how many there are; `query` stands in a name or an address."""
    wanted = [Organization.kind == OrganizationKind.BUSINESS]
    if query:
        theirs = sa.select(User.organization_id).where(User.email.icontains(query, autoescape=True))
        wanted.append(sa.or_(Organization.name.icontains(query, autoescape=True), Organization.id.in_(theirs)))
    page = (
        sa.select(Organization)
        .where(*wanted)
        .order_by(Organization.created_at.desc(), Organization.id)
        .limit(limit)
        .offset(min(offset, FARTHEST))
    )
    total = await work.session.scalar(sa.select(sa.func.count(Organization.id)).where(*wanted))
    return (await work.session.scalars(page)).all(), int(total or 0)


async def list_members(work: UnitOfWork, organization_ids: Sequence[str]) -> Mapping[str, Sequence[Member]]:
    """The people of these organizations, the first one first."""
    statement = (
        sa.select(Membership.organization_id, Membership.role, User.id, User.email)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id.in_(organization_ids))
        .order_by(User.created_at, User.id)
    )
    found: dict[str, list[Member]] = defaultdict(list)
    for organization_id, role, user_id, email in await work.session.execute(statement):
        found[organization_id].append(Member(user_id=user_id, email=email, role=role))
    return found


async def read_accounts(
    work: UnitOfWork, organization_ids: Sequence[str], accounts: MinuteAccounts
) -> Mapping[str, Reading]:
    """How the account of each of these organizations stands now; holds are left out."""
    statement = sa.select(BillingAccount).where(
        BillingAccount.organization_id.in_(organization_ids), BillingAccount.product == Product.EPOCH
    )
    known = {account.organization_id: account for account in await work.session.scalars(statement)}
    cycles = await _running_cycles(work, [account.id for account in known.values()], accounts.now())
    return {each: _reading(known.get(each), cycles, accounts) for each in organization_ids}


def _reading(account: BillingAccount | None, cycles: Mapping[str, CycleState], accounts: MinuteAccounts) -> Reading:
    terms = accounts.terms(account)
    cycle = cycles.get(account.id) if account is not None else None
    return Reading(account=account, terms=terms, cycle=cycle or empty_cycle(account, terms, accounts.now()))


async def _running_cycles(
    work: UnitOfWork, account_ids: Sequence[str], now: dt.datetime
) -> Mapping[str, CycleState]:
    used = sa.func.coalesce(sa.func.sum(UsageEvent.billable_seconds), 0)
    statement = (
        sa.select(UsageCycle, used)
        .outerjoin(UsageEvent, UsageEvent.cycle_id == UsageCycle.id)
        .where(
            UsageCycle.billing_account_id.in_(account_ids), UsageCycle.starts_at <= now, UsageCycle.ends_at > now
        )
        .group_by(UsageCycle.id)
    )
    return {
        cycle.billing_account_id: CycleState(
            starts_at=cycle.starts_at,
            ends_at=cycle.ends_at,
            limit=cycle.included_seconds,
            used=int(seconds),
            waived=cycle.waived_seconds,
        )
        for cycle, seconds in await work.session.execute(statement)
    }
