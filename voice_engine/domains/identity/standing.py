"""What a session's person and organization are at this moment, in one query: the checks before every operation."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.accounts.models import (
    Membership,
    Organization,
    OrganizationKind,
    OrganizationStatus,
    User,
)
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.terms import tier_at
from voice_engine.domains.usage.models import BillingAccount, Product
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person in the business that they belong to. `completed_at`: when the business was set up; None: not yet."""

    user_id: str
    name: str
    email: str
    must_change_password: bool
    organization_id: str
    organization_name: str
    status: OrganizationStatus
    role: str
    tier: Tier
    locale: str
    completed_at: dt.datetime | None


async def find_standing(
    work: UnitOfWork, user_id: str, organization_id: str | None = None, *, now: dt.datetime
) -> Standing | None:
    """The person's standing in the organization at `now`; `organization_id` None: the one they joined with.

    None for a closed account, a purged organization, one that is no business, and whoever is no member of it.
    """
    query = (
        sa.select(
            User.name,
            User.email,
            User.must_change_password,
            Organization.id,
            Organization.name.label("organization_name"),
            Organization.status,
            Organization.onboarding_completed_at,
            Membership.role,
            User.locale,
            BillingAccount,
        )
        .join(Membership, Membership.user_id == User.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .outerjoin(
            BillingAccount,
            sa.and_(BillingAccount.organization_id == Organization.id, BillingAccount.product == Product.EPOCH),
        )
        .where(
            User.id == user_id,
            Organization.id == (organization_id or User.organization_id),
            User.disabled_at.is_(None),
            Organization.kind == OrganizationKind.BUSINESS,
            Organization.status != OrganizationStatus.DELETED,
        )
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    account: BillingAccount | None = row.BillingAccount
    return Standing(
        user_id=user_id,
        name=row.name,
        email=row.email,
        must_change_password=row.must_change_password,
        organization_id=row.id,
        organization_name=row.organization_name,
        status=OrganizationStatus(row.status),
        role=row.role,
        tier=Tier.FREE if account is None else tier_at(account, now),
        locale=row.locale,
        completed_at=row.onboarding_completed_at,
    )
