"""Who looks at the web app: the person of a session in the organization that the session is of, in one query."""

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
class Person:
    """A person as a member of one organization. `tier` is None where plans are counted in credits."""

    user_id: str
    name: str
    email: str
    locale: str
    is_operator: bool
    has_consented: bool
    must_change_password: bool
    organization_id: str
    organization_name: str
    kind: OrganizationKind
    is_suspended: bool
    timezone: str
    role: str
    tier: Tier | None


async def find_person(work: UnitOfWork, user_id: str, organization_id: str, *, now: dt.datetime) -> Person | None:
    """The member at `now`; None for a closed account, a purged organization, and whoever is no member of it."""
    query = (
        sa.select(User, Organization, Membership.role, BillingAccount)
        .join(Membership, Membership.user_id == User.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .outerjoin(
            BillingAccount,
            sa.and_(BillingAccount.organization_id == Organization.id, BillingAccount.product == Product.EPOCH),
        )
        .where(
            User.id == user_id,
            User.disabled_at.is_(None),
            Organization.id == organization_id,
            Organization.status != OrganizationStatus.DELETED,
        )
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    user, organization, role, account = row
    kind = OrganizationKind(organization.kind)
    tier = None
    if kind is OrganizationKind.BUSINESS:
        tier = Tier.FREE if account is None else tier_at(account, now)
    return Person(
        user_id=user.id,
        name=user.name,
        email=user.email,
        locale=user.locale,
        is_operator=user.is_operator,
        has_consented=user.consented_at is not None,
        must_change_password=user.must_change_password,
        organization_id=organization.id,
        organization_name=organization.name,
        kind=kind,
        is_suspended=organization.status == OrganizationStatus.SUSPENDED,
        timezone=organization.timezone,
        role=role,
        tier=tier,
    )
