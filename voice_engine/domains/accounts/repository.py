"""All SQL of organizations, users and memberships."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from voice_engine.domains.accounts.models import (
    Membership,
    Organization,
    OrganizationKind,
    OrganizationStatus,
    User,
)
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


async def add_user(work: UnitOfWork, organization: Organization, user: User) -> bool:
    """Write a user with their organization, unless the address is taken; whether it was written.

    The organization is written by itself first; a taken address takes it back.
    """
    work.session.add(organization)
    await work.session.flush()
    columns = {column.key: getattr(user, column.key) for column in sa.inspect(User).column_attrs}
    if await insert_once(work, User, columns):
        return True
    await work.session.delete(organization)
    await work.session.flush()
    return False


async def find_user(work: UnitOfWork, user_id: str, *, lock: bool = False) -> User | None:
    """The user of this id; `lock`: for whoever decides by it and then writes."""
    query = sa.select(User).where(User.id == user_id)
    found: User | None = await work.session.scalar(query.with_for_update() if lock else query)
    return found


async def find_user_by_email(work: UnitOfWork, email: str) -> User | None:
    """The user of this folded address."""
    found: User | None = await work.session.scalar(sa.select(User).where(User.email == email))
    return found


async def find_organization(work: UnitOfWork, organization_id: str) -> Organization | None:
    """The organization of this id: read once a unit, which asks for its own at every turn."""
    found: Organization | None = await work.session.get(Organization, organization_id)
    if found is not None:
        work.keep(found)
    return found


async def list_memberships(work: UnitOfWork, user_id: str) -> Sequence[tuple[Organization, str]]:
    """The user's organizations that are not gone, with the role in each, by name."""
    query = (
        sa.select(Organization, Membership.role)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user_id, Organization.status != OrganizationStatus.DELETED)
        .order_by(Organization.name, Organization.id)
    )
    return [(organization, role) for organization, role in await work.session.execute(query)]


async def list_users(work: UnitOfWork) -> Sequence[User]:
    """Every user, oldest first."""
    return (await work.session.scalars(sa.select(User).order_by(User.created_at, User.id))).all()


async def find_first_user(work: UnitOfWork) -> User | None:
    """The oldest account of a person that is not closed. Businesses that registered themselves do not count."""
    found: User | None = await work.session.scalar(
        sa.select(User)
        .join(Organization, Organization.id == User.organization_id)
        .where(Organization.kind == OrganizationKind.PERSONAL, User.disabled_at.is_(None))
        .order_by(User.created_at, User.id)
        .limit(1)
    )
    return found


async def any_person(work: UnitOfWork) -> bool:
    """Whether anybody has an account that is not a business's."""
    people = (
        sa.select(User.id)
        .join(Organization, Organization.id == User.organization_id)
        .where(Organization.kind == OrganizationKind.PERSONAL)
    )
    return bool(await work.session.scalar(sa.select(sa.exists(people))))


async def set_columns(work: UnitOfWork, user_id: str, **columns: str | bool | dt.datetime | None) -> bool:
    """Change columns of a user; whether there is such a user."""
    return await changed_rows(work, sa.update(User).where(User.id == user_id).values(**columns)) > 0
