"""Tenants for tests."""

import datetime as dt
from dataclasses import dataclass

from voice_engine.domains.accounts.models import Membership, Organization, OrganizationKind, User
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

NOW = dt.datetime(2026, 2, 13, 15, 30, tzinfo=dt.UTC)
"""A Friday, half past ten in New York."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person and their personal organization."""

    user_id: str
    organization_id: str


async def add_account(store: Store, name: str = "Ada", *, timezone: str = "America/New_York") -> Account:
    """Somebody who signed up and consented."""
    organization = Organization(
        id=new_id(), kind=OrganizationKind.PERSONAL, name=name, timezone=timezone, created_at=NOW
    )
    user = User(
        id=new_id(),
        organization_id=organization.id,
        email=f"{name.lower()}-{organization.id[:8]}@example.com",
        name=name,
        consented_at=NOW,
        created_at=NOW,
    )
    async with store.system("test account") as work:
        work.session.add(organization)
        await work.session.flush()
        work.session.add(user)
        await work.session.flush()
        work.session.add(Membership(user_id=user.id, organization_id=organization.id))
    return Account(user_id=user.id, organization_id=organization.id)
