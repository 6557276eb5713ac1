"""Reserving, settling and refunding credits: each once, whatever crashes or repeats.

```
reserve ── hold ──▶ settle ── capture (+ release of the rest)   work was done
                └─▶ release ─ release                            nothing to pay for
                    refund ── refund                             a charge taken back
```
Every verb is idempotent by its source. A charge belongs to the period of its hold, however late it is settled.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from voice_engine.errors import Conflict, NotFound, QuotaExceeded
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

from . import repository
from .accounts import Accounts, Running, carry_forward
from .balance import CENT, ZERO
from .legacy import legacy_minutes
from .lines import Line, after, write_line
from .models import CreditEntry, Direction, EntryKind, HoldRow, HoldState, UsageCycle
from .prices import CHEAPEST_CALL, FIXED, Action, call_hold, call_price, paid_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Credits held for one piece of work."""

    id: str
    source_id: str
    action: Action
    credits: Decimal
    held_at: dt.datetime

    @property
    def max_seconds(self) -> int:
        """How long a call may last on these credits."""
        return how_long_may_it_last(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a hold ended. `repeated`: it had ended before, like this, and nothing was written now."""

    source_id: str
    charged: Decimal
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """A hold that nothing has ended yet, for the reaper."""

    organization_id: str
    source_id: str
    action: Action
    resource_id: str | None
    held_at: dt.datetime


def how_long_may_it_last(reservation: Reservation) -> int:
    """Seconds of connected time that a call's reservation pays, at most fifteen minutes."""
    return paid_seconds(reservation.credits)


class UsageService:
    """The ledger's verbs. They run inside the organization's own writing unit of work."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts

    async def reserve_call(
        self, work: UnitOfWork, call_id: str, *, description: str, goal_id: str | None = None, attempt: int = 1
    ) -> Reservation:
        """Hold what a call may cost: fifteen minutes, or as many as the free credits pay.

        Args:
            call_id: the call; a repeated reservation of it returns the first.
            description: what the history says, such as "Phone call to Nobu".
            attempt: counts up when a call whose hold has ended is dialled anew.

        Raises:
            QuotaExceeded: `quota_exceeded`, when less than 1.1 credits is free.
            Conflict: `reservation_ended`, when this attempt's hold has ended.
        """
        line = _hold_line(
            Action.CALL,
            _call_source(call_id, attempt),
            description=description,
            goal_id=goal_id,
            resource_id=call_id,
        )
        return await self._hold(work, line)

    async def reserve(
        self,
        work: UnitOfWork,
        action: Action,
        source_id: str,
        *,
        description: str,
        goal_id: str | None = None,
        resource_id: str | None = None,
    ) -> Reservation:
        """Hold the fixed price of `action`; `source_id` names the piece of work.

        Raises:
            QuotaExceeded: `quota_exceeded`.
            Conflict: `reservation_ended`.
        """
        line = _hold_line(action, source_id, description=description, goal_id=goal_id, resource_id=resource_id)
        return await self._hold(work, line)

    async def settle_call(
        self, work: UnitOfWork, call_id: str, connected_seconds: float | Decimal | None, *, attempt: int = 1
    ) -> Settlement:
        """Charge a call that ended, and release the rest of its hold. None: it never connected and is free.

        A call is never charged more than it holds: it is cut at that length, and what it takes to hang up is ours.

        Raises:
            NotFound: `reservation_not_found`.
        """
        seconds = None if connected_seconds is None else Decimal(connected_seconds).quantize(CENT, ROUND_HALF_UP)
        return await self._settle(work, _call_source(call_id, attempt), call_price(seconds), seconds=seconds)

    async def settle(self, work: UnitOfWork, source_id: str) -> Settlement:
        """Charge all that is held: the work was done. Raises NotFound `reservation_not_found`."""
        return await self._settle(work, source_id, None)

    async def release(self, work: UnitOfWork, source_id: str, *, attempt: int = 1) -> Settlement:
        """End a hold and charge nothing: the work failed or was withdrawn. `source_id` may be a call's id.

        Raises:
            NotFound: `reservation_not_found`.
        """
        return await self._settle(work, _call_source(source_id, attempt), ZERO)

    async def charge(
        self,
        work: UnitOfWork,
        action: Action,
        source_id: str,
        *,
        description: str,
        goal_id: str | None = None,
        resource_id: str | None = None,
    ) -> Settlement:
        """Hold and charge at once, for work whose result is there. Raises as `reserve`."""
        line = _hold_line(action, source_id, description=description, goal_id=goal_id, resource_id=resource_id)
        running = await self.accounts.running(work)
        row = await repository.find_hold(work, source_id)
        if row is None:
            running, row = await self._new_hold(work, running, line)
        return await self._end(work, running, row, None)

    async def refund(
        self,
        work: UnitOfWork,
        source_id: str,
        *,
        description: str,
        credits: Decimal | None = None,
        attempt: int = 1,
    ) -> Decimal:
        """Give back a charge, or `credits` of it; once. The refund counts in the period of the charge.

        What that period can no longer use, because its plan credits lapsed, comes back as bonus credits now.

        Returns:
            What was refunded, at whichever call.

        Raises:
            NotFound: `charge_not_found`.
        """
        source_id = _call_source(source_id, attempt)
        running = await self.accounts.running(work)
        given = await repository.find_entry(work, EntryKind.REFUND, source_id)
        if given is not None:
            return given.credits
        charge = await repository.find_entry(work, EntryKind.CAPTURE, source_id)
        if charge is None:
            raise NotFound("charge_not_found", f"nothing was charged for {source_id}")
        amount = charge.credits if credits is None else min(credits, charge.credits)
        line = _opposite(charge, amount, description)
        later = await self._write(work, running, line, await repository.get_cycle(work, charge.cycle_id))
        lapsed = amount - (later.cycle.bonus_in - running.balance.bonus_in)
        if charge.cycle_id != running.cycle.id and lapsed > 0:
            await self._write(work, later, _bonus(f"refund:{source_id}", lapsed, description), later.cycle)
        return amount

    async def grant_bonus(
        self,
        work: UnitOfWork,
        source_id: str,
        credits: Decimal,
        *,
        description: str,
        kind: EntryKind = EntryKind.REFERRAL_BONUS,
    ) -> bool:
        """Give credits (> 0) that outlive the period and are used last; once a source. Whether it was now."""
        running = await self.accounts.running(work)
        if await repository.find_entry(work, kind, source_id) is not None:
            return False
        line = replace(_bonus(source_id, credits, description), kind=kind)
        await self._write(work, running, line, running.cycle)
        return True

    async def list_open_holds(
        self, work: UnitOfWork, *, before: dt.datetime, limit: int = 100
    ) -> Sequence[OpenHold]:
        """Holds made before then that nothing has ended; of every organization in a unit of the system."""
        return [
            OpenHold(
                organization_id=row.organization_id,
                source_id=row.source_id,
                action=Action(row.action),
                resource_id=row.resource_id,
                held_at=row.held_at,
            )
            for row in await repository.list_open_holds(work, before=before, limit=limit)
        ]

    async def _hold(self, work: UnitOfWork, line: Line) -> Reservation:
        running = await self.accounts.running(work)
        row = await repository.find_hold(work, line.source_id)
        if row is None:
            _, row = await self._new_hold(work, running, line)
        elif row.state != HoldState.HELD:
            raise Conflict("reservation_ended", f"the reservation of {line.source_id} has ended")
        return Reservation(
            id=row.id,
            source_id=row.source_id,
            action=Action(row.action),
            credits=row.held,
            held_at=row.held_at,
        )

    async def _new_hold(self, work: UnitOfWork, running: Running, line: Line) -> tuple[Running, HoldRow]:
        free = running.balance.free
        if free < line.credits:
            raise await self._out_of_credits(work, running, line.credits)
        if line.action is Action.CALL:
            line = replace(line, credits=call_hold(free))
        running = await self._write(work, running, line, running.cycle)
        row = HoldRow(
            id=new_id(),
            billing_account_id=running.account.id,
            cycle_id=running.cycle.id,
            source_id=line.source_id,
            action=line.action,
            state=HoldState.HELD,
            held=line.credits,
            description=line.description,
            goal_id=line.goal_id,
            resource_id=line.resource_id,
            held_at=self.accounts.now(),
        )
        work.session.add(row)
        return running, row

    async def _settle(
        self, work: UnitOfWork, source_id: str, price: Decimal | None, *, seconds: Decimal | None = None
    ) -> Settlement:
        """Find the hold and end it at `price`."""
        running = await self.accounts.running(work)
        row = await repository.find_hold(work, source_id)
        if row is None:
            raise NotFound("reservation_not_found", f"nothing is held for {source_id}")
        return await self._end(work, running, row, price, seconds=seconds)

    async def _end(
        self,
        work: UnitOfWork,
        running: Running,
        row: HoldRow,
        price: Decimal | None,
        *,
        seconds: Decimal | None = None,
    ) -> Settlement:
        """End the hold at `price` (None: all of it) unless it has ended."""
        if row.state != HoldState.HELD:
            return Settlement(source_id=row.source_id, charged=row.charged or ZERO, repeated=True)
        charged = row.held if price is None else min(price, row.held)
        cycle = running.cycle
        if row.cycle_id != cycle.id:
            cycle = await repository.get_cycle(work, row.cycle_id)
        if charged > 0:
            running = await self._write(work, running, _ending(row, EntryKind.CAPTURE, charged, seconds), cycle)
        if row.held > charged:
            await self._write(work, running, _ending(row, EntryKind.RELEASE, row.held - charged, None), cycle)
        row.state = HoldState.SETTLED if charged > 0 else HoldState.RELEASED
        row.charged, row.ended_at = charged, self.accounts.now()
        await work.session.flush()
        return Settlement(source_id=row.source_id, charged=charged, repeated=False)

    async def _write(self, work: UnitOfWork, running: Running, line: Line, cycle: UsageCycle) -> Running:
        """Append `line` to `cycle`, the running one or a closed one; what is running afterwards."""
        if cycle.id == running.cycle.id:
            totals = after(running.balance.totals, line)
            running = replace(running, balance=replace(running.balance, totals=totals))
        else:
            totals = after(await repository.sum_cycle(work, cycle.id), line)
            running = await carry_forward(work, running, cycle, totals)
        sequence = running.last_sequence + 1
        at, left = self.accounts.now(), running.balance.remaining
        await write_line(work, line, cycle=cycle, sequence=sequence, at=at, balance_after=left)
        return replace(running, last_sequence=sequence)

    async def _out_of_credits(self, work: UnitOfWork, running: Running, needed: Decimal) -> QuotaExceeded:
        actions = await repository.sum_actions(work, running.cycle.id)
        seconds = sum((row.seconds for row in actions), ZERO)
        balance, account = running.balance, running.account
        details: dict[str, Any] = {
            "plan_type": account.plan,
            "minutes_allocated": legacy_minutes(balance.allocated),
            "minutes_used": float((seconds / 60).quantize(Decimal("0.1"))),
            "upgrade_url": self.accounts.settings.upgrade_url,
            "credits_required": float(needed),
            "credits_remaining": float(balance.remaining),
            "credits_reserved": float(balance.held),
            "credits_used": float(balance.used),
            "credits_allocated": float(balance.allocated),
            "overage_enabled": balance.terms.overage_enabled,
            "period_end": account.period_end.isoformat().replace("+00:00", "Z"),
        }
        return QuotaExceeded(
            "quota_exceeded",
            f"this needs {needed} credits and {balance.free} are free until {account.period_end:%d %B}; "
            "choose a larger plan or wait for the next period",
            details=details,
        )


def _call_source(call_id: str, attempt: int) -> str:
    return call_id if attempt == 1 else f"{call_id}:{attempt}"


def _hold_line(
    action: Action, source_id: str, *, description: str, goal_id: str | None, resource_id: str | None
) -> Line:
    """The hold of a fixed price; of a call: the least that it needs."""
    return Line(
        kind=EntryKind.HOLD,
        direction=Direction.DEBIT,
        credits=CHEAPEST_CALL if action is Action.CALL else FIXED[action],
        source_id=source_id,
        description=description,
        action=action,
        goal_id=goal_id,
        resource_id=resource_id,
    )


def _ending(row: HoldRow, kind: EntryKind, credits: Decimal, seconds: Decimal | None) -> Line:
    return Line(
        kind=kind,
        direction=Direction.DEBIT if kind is EntryKind.CAPTURE else Direction.CREDIT,
        credits=credits,
        source_id=row.source_id,
        description=row.description,
        action=Action(row.action),
        seconds=seconds,
        goal_id=row.goal_id,
        resource_id=row.resource_id,
    )


def _opposite(charge: CreditEntry, amount: Decimal, description: str) -> Line:
    return Line(
        kind=EntryKind.REFUND,
        direction=Direction.CREDIT,
        credits=amount,
        source_id=charge.source_id,
        description=description,
        action=None if charge.action is None else Action(charge.action),
        goal_id=charge.goal_id,
        resource_id=charge.resource_id,
    )


def _bonus(source_id: str, credits: Decimal, description: str) -> Line:
    return Line(
        kind=EntryKind.ADJUSTMENT,
        direction=Direction.CREDIT,
        credits=credits,
        source_id=source_id,
        description=description,
        action=Action.ADJUSTMENT,
    )
