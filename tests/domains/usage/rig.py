"""An account on a clock that tests move."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from tests.fakes.accounts import add_account
from voice_engine.domains.usage import repository
from voice_engine.domains.usage.accounts import Accounts, Running
from voice_engine.domains.usage.models import CreditEntry, SubscriptionState
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork

START = dt.datetime(2026, 1, 31, 12, 0, tzinfo=dt.UTC)
"""A day that most months lack."""


class Rig:
    """One organization's ledger. `now` moves by hand."""

    def __init__(self, store: Store, organization_id: str, settings: UsageSettings) -> None:
        self.store = store
        self.organization_id = organization_id
        self.now = START
        self.accounts = Accounts(settings, lambda: self.now)
        self.usage = UsageService(self.accounts)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        """A writing unit of work of the organization."""
        async with self.store.begin(self.organization_id) as work:
            yield work

    async def running(self) -> Running:
        """The running period."""
        async with self.unit() as work:
            return await self.accounts.running(work)

    async def start(self, plan: PlanType, *, status: SubscriptionState = SubscriptionState.ACTIVE) -> Running:
        """Change the plan."""
        async with self.unit() as work:
            return await self.accounts.start_plan(work, plan, status=status)

    async def entries(self) -> list[CreditEntry]:
        """What a history shows, oldest first."""
        async with self.unit() as work:
            page, _ = await repository.list_entries(work, limit=10_000, offset=0)
            return list(reversed(page))


async def open_rig(
    store: Store,
    *,
    plan: PlanType = PlanType.STARTER,
    credits: str | None = None,
    name: str = "Ada",
) -> Rig:
    """Somebody with `credits` a period (None: the plan's own)."""
    account = await add_account(store, name)
    own = None if credits is None else Decimal(credits)
    return Rig(store, account.organization_id, UsageSettings(default_plan=plan, default_credits=own))
