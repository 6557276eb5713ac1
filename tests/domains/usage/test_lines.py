"""What a line does to its period's sums is what the database sums up again."""

from decimal import Decimal

import pytest

from tests.domains.usage.rig import open_rig
from voice_engine.domains.usage import repository
from voice_engine.domains.usage.balance import Totals
from voice_engine.domains.usage.lines import Line, after, write_line
from voice_engine.domains.usage.models import Direction, EntryKind
from voice_engine.store.engine import Store

D = Decimal
LINES = [
    Line(kind=kind, direction=direction, credits=D(amount), source_id="x", description="")
    for kind, direction, amount in (
        (EntryKind.REFERRAL_BONUS, Direction.CREDIT, 15),
        (EntryKind.HOLD, Direction.DEBIT, "2.5"),
        (EntryKind.CAPTURE, Direction.DEBIT, "1.2"),
        (EntryKind.RELEASE, Direction.CREDIT, "1.3"),
        (EntryKind.REFUND, Direction.CREDIT, "0.4"),
        (EntryKind.ADJUSTMENT, Direction.DEBIT, "2"),
    )
]


async def test_sums_in_memory_are_the_sums_of_the_ledger(store: Store) -> None:
    rig = await open_rig(store, credits="10")
    async with rig.unit() as work:
        running = await rig.accounts.running(work)
        totals = running.balance.totals
        for sequence, line in enumerate(LINES, start=running.last_sequence + 1):
            await write_line(work, line, cycle=running.cycle, sequence=sequence, at=rig.now, balance_after=D(0))
            totals = after(totals, line)
            assert await repository.sum_cycle(work, running.cycle.id) == totals

    assert totals == Totals(plan=D(10), bonus=D(15), used=D("2.8"), held=D(0))


async def test_a_line_is_never_changed(store: Store) -> None:
    rig = await open_rig(store)
    await rig.running()

    with pytest.raises(AssertionError, match="never changed"):
        async with rig.unit() as work:
            entry = (await repository.list_entries(work, limit=1, offset=0))[0][0]
            entry.credits = D(9999)


async def test_a_line_is_never_taken_out(store: Store) -> None:
    rig = await open_rig(store)
    await rig.running()

    with pytest.raises(AssertionError, match="taken out"):
        async with rig.unit() as work:
            entry = (await repository.list_entries(work, limit=1, offset=0))[0][0]
            await work.session.delete(entry)
