"""What is left to talk with: minutes of a business, credits of a person."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import LIVE
from voice_engine.domains.usage.readings import read_period
from voice_engine.store.uow import UnitOfWork
from voice_engine.web.dashboard.view import View

SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The running cycle, in `unit`s. `held` is kept for calls that are up; `live` is how many those are."""

    unit: Literal["minutes", "credits"]
    plan: str
    allotted: Decimal
    used: Decimal
    held: Decimal
    remaining: Decimal
    ends_at: dt.datetime
    live: int

    @property
    def share_used(self) -> float:
        """0 to 1."""
        return 1.0 if not self.allotted else min(1.0, float((self.used + self.held) / self.allotted))


async def read_allowance(view: View) -> Allowance:
    """As it stands now. A person's period begins when it is first asked for, as everywhere."""
    services = view.services
    if view.viewer.is_business:
        async with view.store.read(view.organization_id) as work:
            return await _minutes(view, work)
    assert services.usage is not None, "this process counts credits"
    async with view.store.begin(view.organization_id) as work:
        period = read_period(await services.usage.accounts.running(work))
        balance = period.balance
        return Allowance(
            unit="credits",
            plan=period.plan,
            allotted=balance.allocated,
            used=balance.used,
            held=balance.held,
            remaining=balance.remaining,
            ends_at=period.ends_at,
            live=await _live(work),
        )


async def _minutes(view: View, work: UnitOfWork) -> Allowance:
    api = view.services.api
    assert api is not None and api.minutes is not None, "this process counts minutes"
    reading = await api.minutes.read(work)
    cycle = reading.cycle
    return Allowance(
        unit="minutes",
        plan=reading.terms.tier,
        allotted=_whole(cycle.limit),
        used=_whole(cycle.used),
        held=_whole(cycle.reserved),
        remaining=_whole(cycle.remaining),
        ends_at=cycle.ends_at,
        live=await _live(work),
    )


def _whole(seconds: int) -> Decimal:
    return (Decimal(seconds) / SECONDS_A_MINUTE).quantize(Decimal("0.1"))


async def _live(work: UnitOfWork) -> int:
    up = sa.select(sa.func.count(Call.id)).where(Call.status.in_(LIVE))
    return int(await work.session.scalar(up) or 0)
