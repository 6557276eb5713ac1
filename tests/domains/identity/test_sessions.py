"""Browser sessions end by time, by idleness and by hand."""

import pytest

from tests.fakes.accounts import Account
from tests.fakes.identity import Bench
from voice_engine.domains.identity.scopes import ALL_SCOPES


@pytest.fixture
async def token(bench: Bench, ada: Account) -> str:
    started = await bench.identity.sessions.start(
        user_id=ada.user_id, organization_id=ada.organization_id, method="test"
    )
    return started.token


async def test_a_session_is_its_person_with_all_scopes(bench: Bench, ada: Account, token: str) -> None:
    caller = await bench.identity.sessions.find(token)

    assert caller is not None
    assert (caller.user_id, caller.organization_id) == (ada.user_id, ada.organization_id)
    assert caller.scopes == ALL_SCOPES


async def test_a_session_in_use_lasts_thirty_days_and_no_longer(bench: Bench, token: str) -> None:
    for _ in range(5):
        bench.clock.advance(days=6)
        found = await bench.identity.sessions.find(token)
        if bench.clock().day != 15:  # 13 February + 30 days
            assert found is not None

    assert found is None


async def test_a_session_left_alone_for_a_week_is_over(bench: Bench, token: str) -> None:
    bench.clock.advance(days=7)

    assert await bench.identity.sessions.find(token) is None


@pytest.mark.parametrize("other", ["", "ves_", "ves_guess", "\udcff"])
async def test_an_unknown_token_is_nobody(bench: Bench, other: str) -> None:
    assert await bench.identity.sessions.find(other) is None


async def test_everything_of_a_person_ends_at_once(bench: Bench, ada: Account, token: str) -> None:
    access = await bench.bearer(ada)
    async with bench.store.system("test") as work:
        await bench.identity.endings.end_everything(work, ada.user_id, reason="test")

    assert await bench.identity.sessions.find(token) is None
    caller = await bench.identity.access.read_revocable(access)
    assert caller is not None  # it has not expired by itself
    with pytest.raises(Exception, match="not valid"):
        await bench.identity.verify_access_token(access)
