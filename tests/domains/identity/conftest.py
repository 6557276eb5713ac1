"""A signed-up person on a fresh database."""

import pytest

from tests.fakes.accounts import Account, add_account
from tests.fakes.identity import Bench, open_bench
from voice_engine.store.engine import Store


@pytest.fixture
def bench(store: Store) -> Bench:
    return open_bench(store)


@pytest.fixture
async def ada(store: Store) -> Account:
    return await add_account(store, "Ada")
