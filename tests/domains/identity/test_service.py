"""What is of no use any more is forgotten, and nothing before its time."""

import sqlalchemy as sa

from tests.fakes.accounts import Account
from tests.fakes.identity import Bench
from voice_engine.domains.identity.clients import CLI_CLIENT
from voice_engine.domains.identity.models import RefreshTokenRow, RevocationRow, WebSessionRow
from voice_engine.domains.identity.scopes import ALL_SCOPES
from voice_engine.errors import NotAllowed
from voice_engine.store.rows import Row


async def count(bench: Bench, table: type[Row]) -> int:
    async with bench.store.system("test", writes=False) as work:
        return int(await work.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def test_sealed_successors_go_when_their_grace_is_over(bench: Bench, ada: Account) -> None:
    pair = await bench.identity.tokens.start(
        user_id=ada.user_id, organization_id=ada.organization_id, client_id=CLI_CLIENT, scopes=ALL_SCOPES
    )
    await bench.identity.tokens.refresh(pair.refresh_token)
    bench.clock.advance(seconds=5)
    await bench.identity.forget_expired()
    await bench.identity.tokens.refresh(pair.refresh_token)  # still within the grace

    bench.clock.advance(seconds=6)
    await bench.identity.forget_expired()

    async with bench.store.system("test", writes=False) as work:
        sealed = await work.session.scalars(
            sa.select(RefreshTokenRow.successor_sealed).where(RefreshTokenRow.successor_sealed.is_not(None))
        )
        assert sealed.all() == []


async def test_expired_rows_go_a_week_later(bench: Bench, ada: Account) -> None:
    token = await bench.bearer(ada)
    await bench.identity.tokens.revoke(token, client=None)
    await bench.identity.sessions.start(user_id=ada.user_id, organization_id=ada.organization_id, method="test")
    tables: list[type[Row]] = [RefreshTokenRow, RevocationRow, WebSessionRow]

    bench.clock.advance(days=6)
    await bench.identity.forget_expired()
    assert [await count(bench, table) for table in tables] == [1, 1, 1]
    bench.clock.advance(days=31, seconds=1)
    await bench.identity.forget_expired()

    assert [await count(bench, table) for table in tables] == [0, 0, 0]


async def test_a_forgotten_revocation_lets_nothing_back_in(bench: Bench, ada: Account) -> None:
    """Its row goes only when every token that it stopped has expired by itself."""
    token = await bench.bearer(ada)
    await bench.identity.tokens.revoke(token, client=None)

    for _ in range(12):
        bench.clock.advance(days=1)
        await bench.identity.forget_expired()
        try:
            await bench.identity.verify_access_token(token)
        except NotAllowed:
            continue
        raise AssertionError("a revoked token came back")
