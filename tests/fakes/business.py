"""Businesses for tests, and a client of `/api` that is signed in as one of them."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from tests.fakes.accounts import NOW
from tests.fakes.api import ApiClient, api_client
from tests.fakes.identity import CHEAP, ISSUER, Nowhere, ready_key
from tests.fakes.principals import KnownTokens
from voice_engine.domains.accounts.models import (
    Membership,
    Organization,
    OrganizationKind,
    OrganizationStatus,
    User,
)
from voice_engine.domains.identity.models import WebSessionRow
from voice_engine.domains.identity.opaque import SESSION, hash_token, new_token
from voice_engine.domains.identity.recovery import Pages, Recovery
from voice_engine.domains.identity.registration import Registration
from voice_engine.domains.identity.service import Identity, build_identity
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.domains.mail.service import Outgoing
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.usage.models import BillingAccount, Product
from voice_engine.domains.usage.periods import period_at
from voice_engine.rest.api.app import ROUTERS, build_api
from voice_engine.rest.api.auth.cookies import Csrf
from voice_engine.rest.api.auth.doors import Doors
from voice_engine.rest.api.auth.reader import BusinessSessions
from voice_engine.rest.api.surface import ApiSurface
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.services import Services
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.web.signin.pages import JinjaPages

ADMIN_KEY = "the-administrators-key"
FOREVER = dt.datetime(2126, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A business, its owner, and a session of theirs that does not end by itself."""

    user_id: str
    organization_id: str
    session_token: str


async def add_business(
    store: Store,
    plan: Tier = Tier.PRO,
    *,
    name: str = "Bright Smile Dental",
    timezone: str = "America/New_York",
    now: dt.datetime = NOW,
    status: OrganizationStatus = OrganizationStatus.ACTIVE,
    must_change_password: bool = False,
) -> Business:
    """A business that registered, on this plan, with its owner signed in."""
    organization = Organization(
        id=new_id(), kind=OrganizationKind.BUSINESS, name=name, timezone=timezone, status=status, created_at=now
    )
    user = User(
        id=new_id(),
        organization_id=organization.id,
        email=f"owner-{organization.id[:8]}@example.com",
        name="Jane Smith",
        must_change_password=must_change_password,
        consented_at=now,
        created_at=now,
    )
    token, period = new_token(SESSION), period_at(now, now)
    session = WebSessionRow(
        organization_id=organization.id,
        token_hash=hash_token(token),
        user_id=user.id,
        created_at=now,
        seen_at=now,
        expires_at=FOREVER,
        rolls=True,
    )
    account = BillingAccount(
        organization_id=organization.id,
        product=Product.EPOCH,
        plan=plan,
        anchor_at=now,
        period_start=period.starts_at,
        period_end=period.ends_at,
    )
    async with store.system("test business") as work:
        for row in (organization, user):
            work.session.add(row)
            await work.session.flush()
        work.session.add_all(
            [Membership(user_id=user.id, organization_id=organization.id, role="OWNER"), session, account]
        )
    return Business(user_id=user.id, organization_id=organization.id, session_token=token)


def business_services(
    store: Store,
    *,
    now: Callable[[], dt.datetime] = lambda: NOW,
    per_minute: int = 100_000,
    admin_key: str | None = ADMIN_KEY,
    services: Mapping[str, Any] | None = None,
    auth: Mapping[str, Any] | None = None,
    **surface: Any,
) -> Services:
    """Services with a business surface; `surface` are further fields of `ApiSurface`, `services` of `Services`,
    `auth` of `IdentitySettings`."""
    identity = business_identity(store, now, issuer=surface.get("public_url", ISSUER), **(auth or {}))
    made: dict[str, Any] = {
        "sessions": BusinessSessions(identity),
        "public_url": ISSUER,
        "doors": business_doors(identity),
        **surface,
    }
    return Services(
        store=store,
        authenticator=KnownTokens(),
        limits=RateLimits(user_per_minute=per_minute, address_per_minute=per_minute, now=lambda: 0.0),
        now=now,
        identity=identity,
        pages=JinjaPages(),
        api=ApiSurface(**made, admin_key=admin_key),
        **(services or {}),
    )


def business_identity(store: Store, now: Callable[[], dt.datetime], **auth: Any) -> Identity:
    """Identity with a ready key and cheap password hashes."""
    return build_identity(
        store=store,
        box=SecretBox(bytes(range(32))),
        settings=IdentitySettings(**{"issuer": ISSUER, "open_sign_up": True, "password_cost": CHEAP, **auth}),
        now=now,
        outside=Nowhere(),
        generate=ready_key,
    )


def business_doors(identity: Identity) -> Doors:
    """Ways into the surface over this identity; letters are written and stay."""
    outgoing = Outgoing(identity.box, now=identity.now)
    pages = Pages(reset=f"{ISSUER}/reset-password", magic_link=f"{ISSUER}/api/auth/magic-link")
    open_account = MinutesService(identity.now).open_account
    sign_in_page = f"{ISSUER}/login"
    return Doors(
        identity=identity,
        registration=Registration(identity, outgoing, open_account=open_account, sign_in_page=sign_in_page),
        recovery=Recovery(identity, outgoing, pages),
        csrf=Csrf(identity.box.derive("tests"), is_secure=identity.settings.is_secure),
        outgoing=outgoing,
    )


@asynccontextmanager
async def business_api(
    store: Store,
    business: Business | None = None,
    *,
    routers: tuple[APIRouter, ...] = ROUTERS,
    **options: Any,
) -> AsyncIterator[ApiClient]:
    """A client of `/api`, signed in as the business; None: anonymous. Options are those of `business_services`.

    Other businesses by `client.signed_in_as(other.session_token)`; refusals' codes by `refusal(answer)`.
    """
    app = build_api(business_services(store, **options), routers=routers)
    async with api_client(app) as anonymous:
        yield anonymous.signed_in_as(business.session_token) if business else anonymous


def refusal(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal of `/api`."""
    return answer.status_code, answer.json()["code"]
