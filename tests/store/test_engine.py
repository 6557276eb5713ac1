"""URLs, and two writers at once."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import add_account
from voice_engine.domains.accounts.models import Organization
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.store import engine
from voice_engine.store.engine import Store, open_store


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", ""])
def test_an_unknown_url_is_refused_with_what_to_do(url: str) -> None:
    """One clear error at start."""
    with pytest.raises(InvalidInput, match="VOICE_ENGINE_DATABASE_URL") as refusal:
        open_store(url)

    assert refusal.value.code == "database_url_invalid"


async def test_a_database_file_is_private(tmp_path: Path) -> None:
    """What callers say is in there."""
    store = open_store(f"sqlite:///{tmp_path}/deep/voice.db")
    await store.ping()
    await store.aclose()

    assert (tmp_path / "deep/voice.db").stat().st_mode & 0o777 == 0o600


async def test_twenty_read_modify_writes_lose_none(store: Store) -> None:
    """Writers queue; none reads what another is changing."""
    ada = await add_account(store, "0")

    async def count_up() -> None:
        async with store.begin(ada.organization_id) as work:
            own = sa.select(Organization).where(Organization.id == ada.organization_id).with_for_update()
            row = (await work.session.scalars(own)).one()
            row.name = str(int(row.name) + 1)

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(count_up())

    async with store.system("test") as work:
        assert await work.session.scalar(sa.select(Organization.name)) == "20"


async def test_a_database_without_tables_is_unavailable_not_a_bug(tmp_path: Path) -> None:
    """The edge can answer 503 and say so."""
    store = open_store(f"sqlite:///{tmp_path}/empty.db")

    with pytest.raises(UpstreamFailed) as failure:
        async with store.system("test") as work:
            await work.session.execute(sa.select(Organization.id))

    assert failure.value.code == "database_unavailable"
    await store.aclose()


async def test_a_failing_statement_tells_nothing_of_what_it_was_given(store: Store) -> None:
    """The error's text is logged with the request that failed."""
    with pytest.raises((sa.exc.DBAPIError, UpstreamFailed)) as failure:
        async with store.system("test") as work:
            await work.session.execute(
                sa.text("SELECT * FROM nowhere WHERE phone = :phone"), {"phone": "+14155550100"}
            )

    cause: BaseException | None = failure.value
    while cause is not None:
        assert "4155550100" not in str(cause)
        cause = cause.__cause__


async def test_a_sign_that_postgresql_does_not_keep_is_the_senders_fault(store: Store) -> None:
    """SQLite finds nothing by it, PostgreSQL refuses the statement; neither is a bug of the server."""
    try:
        async with store.system("test", writes=False) as work:
            found = (await work.session.scalars(sa.select(Organization).where(Organization.name == "a\0b"))).all()
    except InvalidInput as error:
        assert (store.engine.dialect.name, error.code) == ("postgresql", "validation_error")
    else:
        assert (store.engine.dialect.name, found) == ("sqlite", [])


async def test_writers_of_one_process_get_in_by_turns(store: Store) -> None:
    """Forty at once, each slow: all get in, and on SQLite in the order in which they asked."""
    ada = await add_account(store)
    done: list[int] = []

    async def write(number: int) -> None:
        async with store.begin(ada.organization_id) as work:
            await work.session.execute(sa.select(Organization))
            done.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(write(number))

    assert sorted(done) == list(range(40))
    assert store.dialect != "sqlite" or done == list(range(40))


async def test_who_waits_too_long_for_a_turn_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that never ends does not hold the others for ever; the next one gets in after it."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 20)
    store = open_store(f"sqlite:///{tmp_path}/voice.db")

    async with store.begin("anybody"):
        with pytest.raises(UpstreamFailed) as refusal:
            async with store.begin("anybody"):
                pass
    async with store.begin("anybody"):
        pass
    await store.aclose()

    assert (refusal.value.code, refusal.value.retryable) == ("database_busy", True)
