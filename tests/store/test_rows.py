"""Column types keep exact credits and aware times on both databases."""

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.accounts import add_account
from voice_engine.domains.accounts.models import Organization
from voice_engine.store.engine import Store
from voice_engine.store.rows import Credits

SQLITE = sa.create_engine("sqlite://").dialect


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_credits_come_back_exactly(amount: Decimal) -> None:
    """No amount of two places is changed by being stored."""
    column = Credits()

    stored = column.process_bind_param(amount, SQLITE)

    assert column.process_result_value(stored, SQLITE) == amount


def test_credits_with_a_third_place_are_refused() -> None:
    """Rounding is a decision of the price list, not of the database."""
    with pytest.raises(ValueError, match="two places"):
        Credits().process_bind_param(Decimal("0.125"), SQLITE)


async def test_times_come_back_in_utc(store: Store) -> None:
    """A time of another zone is the same instant afterwards."""
    account = await add_account(store)
    written = dt.datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=-4)))

    async with store.system("test") as work:
        await work.session.execute(
            sa.update(Organization).where(Organization.id == account.organization_id).values(created_at=written)
        )
    async with store.system("test") as work:
        read = await work.session.scalar(sa.select(Organization.created_at))

    assert read == written
    assert read is not None
    assert read.tzinfo is dt.UTC


async def test_a_naive_time_is_refused(store: Store) -> None:
    """Its zone would be a guess."""
    with pytest.raises(sa.exc.StatementError, match="zone"):
        async with store.system("test") as work:
            await work.session.execute(sa.update(Organization).values(created_at=dt.datetime(2026, 1, 1)))
