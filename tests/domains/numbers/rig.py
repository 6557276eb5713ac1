"""Two people, a carrier in memory, a clock that moves by hand."""

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from tests.fakes.accounts import NOW, Account, add_account
from tests.fakes.jobs import InlineJobs, RanJob
from tests.fakes.telephony import FakeTelephony
from voice_engine.domains.numbers.assembly import NumbersDomain, build_number_jobs, build_numbers
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.purchases import Order
from voice_engine.domains.numbers.service import CountRules, Unbind, no_rules
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.numbers.stock import Wish
from voice_engine.domains.usage.accounts import Accounts
from voice_engine.domains.usage.models import SubscriptionState
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.ports.telephony import AvailableNumber
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork

PUBLIC_URL = "https://engine.example.com"
COMMON = "+14155550142"
MOBILE = "+15559876543"

ANY_AMERICAN = Order(wish=Wish(country="US"))


def settings(**changes: object) -> NumberSettings:
    """An installation's, with `changes`."""
    return NumberSettings(public_url=PUBLIC_URL, common_caller_id=COMMON, **changes)  # type: ignore[arg-type]  # fields


class NumbersRig:
    """Ada's and Bob's numbers. `now` moves by hand."""

    def __init__(
        self,
        store: Store,
        ada: Account,
        bob: Account,
        *,
        plan: PlanType,
        given: NumberSettings,
        unbind: Iterable[Unbind] = (),
        count_rules: CountRules = no_rules,
        for_sale: Iterable[AvailableNumber] = (),
    ) -> None:
        self.store, self.ada, self.bob = store, ada, bob
        self.now = NOW
        self.settings = given
        self.telephony = FakeTelephony(now=lambda: self.now, for_sale=for_sale)
        self.usage = UsageService(Accounts(UsageSettings(default_plan=plan), lambda: self.now))
        self.numbers: NumbersDomain = build_numbers(
            store,
            self.telephony,
            self.usage,
            given,
            now=lambda: self.now,
            unbind=tuple(unbind),
            count_rules=count_rules,
        )
        self.jobs = InlineJobs(store, build_number_jobs(self.numbers, self.telephony), now=lambda: self.now)

    @asynccontextmanager
    async def unit(self, who: Account | None = None) -> AsyncIterator[UnitOfWork]:
        """A writing unit of work; Ada's unless it is somebody else's."""
        async with self.store.begin((who or self.ada).organization_id) as work:
            yield work

    async def buy(self, order: Order = ANY_AMERICAN, *, who: Account | None = None) -> PhoneNumber:
        """A number bought."""
        return (await self.numbers.purchases.provision((who or self.ada).organization_id, order)).number

    async def listed(self, who: Account | None = None) -> list[PhoneNumber]:
        """What somebody has."""
        async with self.store.read((who or self.ada).organization_id) as work:
            return list(await self.numbers.service.list_all(work))

    async def prove(self, e164: str = MOBILE, *, who: Account | None = None) -> PhoneNumber:
        """A phone proven by its code."""
        whose = who or self.ada
        await self.numbers.proofs.start(whose.organization_id, whose.user_id, e164, "sms")
        code = self.telephony.codes[e164]
        return await self.numbers.proofs.check(whose.organization_id, whose.user_id, e164, code)

    async def subscribe(self, plan: PlanType, status: SubscriptionState = SubscriptionState.ACTIVE) -> None:
        """Change Ada's plan."""
        async with self.unit() as work:
            await self.usage.accounts.start_plan(work, plan, status=status)

    async def later(self, minutes: float) -> list[RanJob]:
        """Time goes by, and the worker does what has become due."""
        self.now += dt.timedelta(minutes=minutes)
        return await self.jobs.run_due()


async def open_numbers(
    store: Store,
    *,
    plan: PlanType = PlanType.PRO,
    given: NumberSettings | None = None,
    unbind: Iterable[Unbind] = (),
    count_rules: CountRules = no_rules,
    for_sale: Iterable[AvailableNumber] = (),
) -> NumbersRig:
    """Both on `plan`."""
    ada, bob = [await add_account(store, name) for name in ("Ada", "Bob")]
    return NumbersRig(
        store,
        ada,
        bob,
        plan=plan,
        given=given or settings(),
        unbind=unbind,
        count_rules=count_rules,
        for_sale=for_sale,
    )
