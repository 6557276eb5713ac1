"""The ledger under random work and under a crowd: what is read everywhere agrees, and no credit is spent twice."""

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domains.usage.rig import Rig, open_rig
from tests.fakes.database import Templates, fresh_store
from voice_engine.domains.usage import repository
from voice_engine.domains.usage.balance import Balance
from voice_engine.domains.usage.models import CreditEntry, Direction, EntryKind, HoldRow, HoldState, UsageCycle
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.prices import Action
from voice_engine.domains.usage.readings import read_history, read_spending
from voice_engine.errors import Conflict, NotFound, QuotaExceeded
from voice_engine.store.engine import Store

D = Decimal
WORKS = ["a", "b", "c"]


@dataclass(frozen=True)
class Step:
    """One act of a random day."""

    verb: str
    source: str = "a"
    amount: int = 0


STEPS = st.lists(
    st.one_of(
        st.builds(Step, st.sampled_from(["reserve", "release", "refund", "search"]), st.sampled_from(WORKS)),
        st.builds(Step, st.just("settle"), st.sampled_from(WORKS), st.integers(0, 1200)),
        st.builds(Step, st.just("bonus"), st.sampled_from(WORKS), st.integers(1, 5)),
        st.builds(Step, st.just("wait"), st.just("a"), st.integers(1, 40)),
        st.builds(Step, st.just("plan"), st.sampled_from(["starter", "pro"])),
    ),
    min_size=4,
    max_size=14,
)


async def take(rig: Rig, step: Step) -> None:
    """Do it; a refusal is an outcome like another."""
    usage = rig.usage
    try:
        async with rig.unit() as work:
            match step.verb:
                case "reserve":
                    await usage.reserve_call(work, step.source, description="Call")
                case "settle":
                    await usage.settle_call(work, step.source, step.amount or None)
                case "release":
                    await usage.release(work, step.source)
                case "refund":
                    await usage.refund(work, step.source, description="Refund")
                case "search":
                    await usage.charge(work, Action.SEARCH, f"s-{step.source}", description="Search")
                case "bonus":
                    await usage.grant_bonus(work, step.source, D(step.amount), description="Friend")
                case "wait":
                    rig.now += dt.timedelta(days=step.amount)
                case "plan":
                    await rig.accounts.start_plan(work, PlanType(step.source))
    except (QuotaExceeded, NotFound, Conflict):
        return


async def check(rig: Rig) -> None:
    """The invariants, each read by its own way from the database."""
    async with rig.unit() as work:
        running = await rig.accounts.running(work)
        balance = running.balance
        spending = await read_spending(work, running)
        history = await read_history(work, limit=1000, offset=0)
        lines = (await work.session.scalars(sa.select(CreditEntry))).all()
        holds = (await work.session.scalars(sa.select(HoldRow).where(HoldRow.state == HoldState.HELD))).all()
        cycles = (await work.session.scalars(sa.select(UsageCycle).order_by(UsageCycle.starts_at))).all()
        here = [line for line in lines if line.cycle_id == running.cycle.id]
        debits = sum(line.credits for line in here if line.direction == Direction.DEBIT and line.kind != "hold")
        refunds = sum(line.credits for line in here if line.kind == EntryKind.REFUND)

        assert balance.used == spending.total == debits - refunds
        assert balance.held == sum(hold.held for hold in holds if hold.cycle_id == running.cycle.id)
        assert balance.remaining >= 0
        assert balance.overage == 0 or balance.terms.overage_enabled
        assert balance.remaining - balance.overage == balance.allocated - balance.used
        assert balance.used + balance.held <= balance.allocated + balance.terms.overage_allowed
        assert history.total == len(history.lines) == len([line for line in lines if line.kind not in HIDDEN])
        assert len({(line.kind, line.source_id) for line in lines}) == len(lines)
        assert [line.sequence for line in sorted(lines, key=lambda line: line.sequence)] == list(
            range(1, len(lines) + 1)
        )
        carried = D(0)
        for cycle in cycles:
            assert cycle.bonus_in == carried
            totals = await repository.sum_cycle(work, cycle.id)
            carried = Balance(bonus_in=carried, totals=totals, terms=balance.terms).carried_out


HIDDEN = {EntryKind.HOLD, EntryKind.RELEASE}


def run(databases: Templates, act: Callable[[Store], Coroutine[Any, Any, None]]) -> None:
    """`act` on a fresh database, in an event loop of its own."""

    async def on_fresh_store() -> None:
        store = fresh_store(databases)
        try:
            await act(store)
        finally:
            await store.aclose()
            databases.drop_all()

    asyncio.run(on_fresh_store())


PLANS = st.sampled_from(["starter", "pro"])
CREDITS = st.sampled_from(["1.3", "4", "9.75"])
SLOW_IS_FINE = [HealthCheck.too_slow]


def work_through(databases: Templates, steps: list[Step], *, credits: str, plan: str, check_each: bool) -> None:
    """Take the steps on a new account; check the books at the end, or after each step."""

    async def act(store: Store) -> None:
        rig = await open_rig(store, plan=PlanType(plan), credits=credits)
        for step in steps:
            await take(rig, step)
            if check_each:
                await check(rig)
        await check(rig)

    run(databases, act)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=SLOW_IS_FINE)
@given(steps=STEPS, credits=CREDITS, plan=PLANS)
def test_random_work_keeps_the_books_straight(
    database_server: Templates, steps: list[Step], credits: str, plan: str
) -> None:
    work_through(database_server, steps, credits=credits, plan=plan, check_each=False)


@pytest.mark.acceptance
@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_IS_FINE)
@given(steps=STEPS, credits=CREDITS, plan=PLANS)
def test_every_step_of_much_random_work_keeps_the_books_straight(
    database_server: Templates, steps: list[Step], credits: str, plan: str
) -> None:
    work_through(database_server, steps, credits=credits, plan=plan, check_each=True)


@pytest.mark.slow
async def test_fifty_at_once_with_credit_for_ten_are_ten(store: Store) -> None:
    rig = await open_rig(store, credits="5")
    outcomes: list[bool] = []

    async def search(number: int) -> None:
        try:
            async with rig.unit() as work:
                await rig.usage.charge(work, Action.SEARCH, f"search-{number}", description="Search")
            outcomes.append(True)
        except QuotaExceeded:
            outcomes.append(False)

    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(search(number))

    assert (outcomes.count(True), outcomes.count(False)) == (10, 40)
    balance = (await rig.running()).balance
    assert (balance.used, balance.remaining, balance.held) == (D(5), D(0), D(0))
    await check(rig)


@pytest.mark.slow
async def test_parallel_ends_of_one_call_charge_it_once(store: Store) -> None:
    """The stream's stop, the status callback and the watchdog may all settle in one moment."""
    rig = await open_rig(store)
    async with rig.unit() as work:
        await rig.usage.reserve_call(work, "call-1", description="Call")
    charges: list[tuple[Decimal, bool]] = []

    async def end(seconds: float | None) -> None:
        async with rig.unit() as work:
            settled = await rig.usage.settle_call(work, "call-1", seconds)
            charges.append((settled.charged, settled.repeated))

    async with asyncio.TaskGroup() as group:
        for seconds in (61.0, 61.0, 62.0, 120.0, 61.5, 90.0):
            group.create_task(end(seconds))

    assert charges.count((D("1.2"), False)) == 1
    assert set(charges) == {(D("1.2"), False), (D("1.2"), True)}
    await check(rig)


@pytest.mark.slow
async def test_parallel_reservations_of_one_call_hold_once(store: Store) -> None:
    rig = await open_rig(store, credits="4")

    async def hold() -> None:
        async with rig.unit() as work:
            await rig.usage.reserve_call(work, "call-1", description="Call")

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(hold())

    assert (await rig.running()).balance.held == D("2.5")
    await check(rig)
