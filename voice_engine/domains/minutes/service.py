"""Minutes: held before a call, measured once after it, read by whoever pays for them.

```
reserve_call ── hold ──▶ settle_call ── one line of the ledger     the engine, or the carrier, measured it
                    └──▶ release_call                              it never connected, or by our fault
```
Every verb is idempotent by the call's id: of two that end a call the first counts, whoever it is. A call belongs to
the cycle that its start falls in, however late it is measured.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from voice_engine.domains.minutes import repository
from voice_engine.domains.minutes.accounts import MinuteAccounts, Reading
from voice_engine.domains.minutes.figures import minutes_of, whole_seconds
from voice_engine.domains.minutes.models import MinuteHold, OverageRecord, UsageEvent, UsageKind
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.terms import Overage
from voice_engine.domains.usage.models import BillingAccount, HoldState
from voice_engine.errors import Conflict, NotFound, QuotaExceeded
from voice_engine.ports.call import CallLimits
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

LONGEST_CALL_S = CallLimits().max_seconds
"""What a call holds when the limit leaves that much (docs/ARCHITECTURE.md, limits of a call)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHold:
    """Seconds kept for a call, which is to be ended politely when they are over."""

    call_id: str
    max_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a call came to. `repeated`: it had been measured, like this, and nothing was written now."""

    seconds: int
    billable_seconds: int
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was talked on one day of the organization's zone."""

    date: dt.date
    minutes: Decimal
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bills:
    """The newest bills of overage, newest first, and what is still open."""

    records: Sequence[OverageRecord]
    overage: Overage


class MinutesService:
    """The ledger's verbs. They run inside the organization's own unit of work, but for `open_account`."""

    def __init__(self, now: Callable[[], dt.datetime], *, default: Tier = Tier.FREE) -> None:
        self.accounts = MinuteAccounts(now, default=default)

    async def open_account(
        self, work: UnitOfWork, organization_id: str, *, plan: Tier | None = None
    ) -> BillingAccount:
        """Open a new organization's account and its first cycle, in the unit that registers it; once."""
        return await self.accounts.open(work, organization_id, plan=plan)

    async def tier_of(self, work: UnitOfWork) -> Tier:
        """The plan in force."""
        account = await repository.find_account(work, work.organization_id)
        return self.accounts.terms(account).tier

    async def reserve_call(
        self, work: UnitOfWork, call_id: str, *, longest_seconds: int = LONGEST_CALL_S
    ) -> CallHold:
        """Hold what a call may last: `longest_seconds`, or what the limit leaves while overage is off.

        A repeated reservation returns the first.

        Raises:
            QuotaExceeded: `minutes_exhausted`: nothing is left, live calls included.
            Conflict: `reservation_ended`: the call was measured or released.
        """
        account = await self.accounts.locked(work)
        hold = await repository.find_hold(work, call_id)
        if hold is None:
            hold = await self._new_hold(work, account, call_id, longest_seconds)
        elif hold.state != HoldState.HELD:
            raise Conflict("reservation_ended", f"the minutes held for {call_id} were given back")
        return CallHold(call_id=call_id, max_seconds=hold.seconds)

    async def settle_call(
        self, work: UnitOfWork, call_id: str, seconds: float | Decimal, *, started_at: dt.datetime
    ) -> Measured:
        """Write down what a call lasted from answer to end, once, and end its hold if it has one.

        Args:
            seconds: ≥ 0, as the engine or the carrier measured them.
            started_at: when it was answered, aware.
        """
        account = await self.accounts.locked(work)
        line = await repository.find_event(work, call_id)
        if line is not None:
            return Measured(seconds=line.seconds, billable_seconds=line.billable_seconds, repeated=True)
        hold = await repository.find_hold(work, call_id)
        if hold is not None and hold.state == HoldState.RELEASED:
            return Measured(seconds=0, billable_seconds=0, repeated=True)
        await self._end(work, hold, HoldState.SETTLED)
        cycle = await self.accounts.cycle_at(work, account, started_at)
        state, terms = await repository.read_cycle(work, cycle), self.accounts.terms(account)
        with_overage = terms.overage_on and (hold is None or hold.with_overage)
        whole = whole_seconds(seconds)
        line = UsageEvent(
            id=new_id(),
            organization_id=work.organization_id,
            billing_account_id=account.id,
            cycle_id=cycle.id,
            kind=UsageKind.CALL,
            source_id=call_id,
            seconds=whole,
            billable_seconds=state.billable(whole, with_overage=with_overage),
            occurred_at=started_at,
        )
        work.session.add(line)
        await work.session.flush()
        return Measured(seconds=line.seconds, billable_seconds=line.billable_seconds, repeated=False)

    async def release_call(self, work: UnitOfWork, call_id: str) -> None:
        """Give a call's hold back: nobody talked, or it is our fault that nobody knows how long."""
        await self.accounts.locked(work)
        await self._end(work, await repository.find_hold(work, call_id), HoldState.RELEASED)

    async def is_held(self, work: UnitOfWork, call_id: str) -> bool:
        """Whether the call has a hold that nothing has ended yet."""
        hold = await repository.find_hold(work, call_id)
        return hold is not None and hold.state == HoldState.HELD

    async def set_overage(self, work: UnitOfWork, *, enabled: bool) -> bool:
        """Let calls go on past the limit, or not; from now on, never backwards. What it is now.

        Raises:
            NotFound: `no_subscription`: the plan has no overage.
        """
        account = await self.accounts.locked(work)
        if self.accounts.terms(account).rate_cents is None:
            raise NotFound("no_subscription", "your plan has no overage; choose a larger one first")
        account.overage_enabled = enabled
        await work.session.flush()
        return enabled

    async def read(self, work: UnitOfWork) -> Reading:
        """Plan, limit and use of the running cycle; nothing is written."""
        return await self.accounts.read(work)

    async def list_days(self, work: UnitOfWork, *, days: int, zone: ZoneInfo) -> list[Day]:
        """The last `days` (≥ 1) days of `zone` up to today, oldest first, empty ones included."""
        today = self.accounts.now().astimezone(zone).date()
        dates = [today - dt.timedelta(days=back) for back in reversed(range(days))]
        since = dt.datetime.combine(dates[0], dt.time(), zone)
        talked: dict[dt.date, list[int]] = {date: [] for date in dates}
        for at, seconds in await repository.list_events_since(work, since):
            talked.setdefault(at.astimezone(zone).date(), []).append(seconds)
        return [Day(date=date, minutes=minutes_of(sum(talked[date])), calls=len(talked[date])) for date in dates]

    async def read_bills(self, work: UnitOfWork) -> Bills:
        """The account's bills of overage, and what is on none of them yet."""
        reading = await self.accounts.read(work)
        terms, account = reading.terms, reading.account
        if account is None:
            return Bills(records=(), overage=Overage(this_cycle=0, unbilled=0, terms=terms))
        owed = sum(cycle.overage for cycle in await repository.sum_cycles(work, account.id))
        unbilled = max(0, owed - await repository.sum_billed(work, account.id))
        return Bills(
            records=await repository.list_records(work, account.id),
            overage=Overage(this_cycle=reading.cycle.overage, unbilled=unbilled, terms=terms),
        )

    async def _new_hold(
        self, work: UnitOfWork, account: BillingAccount, call_id: str, longest_seconds: int
    ) -> MinuteHold:
        now, terms = self.accounts.now(), self.accounts.terms(account)
        cycle = await self.accounts.cycle_at(work, account, now)
        state = await repository.read_cycle(work, cycle)
        if not terms.overage_on and state.remaining <= 0:
            raise QuotaExceeded(
                "minutes_exhausted",
                f"this cycle's {minutes_of(state.limit)} minutes are used up; take a larger plan or allow overage",
                details={
                    "minutesUsed": float(minutes_of(state.used)),
                    "minutesLimit": float(minutes_of(state.limit)),
                    "minutesReserved": float(minutes_of(state.reserved)),
                    "currentCycleEnd": state.ends_at.isoformat().replace("+00:00", "Z"),
                },
            )
        hold = MinuteHold(
            id=new_id(),
            organization_id=work.organization_id,
            billing_account_id=account.id,
            cycle_id=cycle.id,
            source_id=call_id,
            state=HoldState.HELD,
            seconds=longest_seconds if terms.overage_on else min(longest_seconds, state.remaining),
            with_overage=terms.overage_on,
            held_at=now,
        )
        work.session.add(hold)
        await work.session.flush()
        return hold

    async def _end(self, work: UnitOfWork, hold: MinuteHold | None, state: HoldState) -> None:
        if hold is not None and hold.state == HoldState.HELD:
            hold.state, hold.ended_at = state, self.accounts.now()
            await work.session.flush()
