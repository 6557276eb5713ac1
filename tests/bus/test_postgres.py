"""The bus over NOTIFY, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from tests.fakes.database import PostgresTemplates
from voice_engine.bus.postgres import GATHER_S, MOST_WAITING, PostgresBus
from voice_engine.ports.bus import MAX_PAYLOAD_BYTES, Message, Missed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresTemplates]:
    server = PostgresTemplates(tmp_path_factory.mktemp("bus-database"))
    yield server
    server.close()


@pytest.fixture
def conninfo(database: PostgresTemplates) -> str:
    return database.fresh_url()


@asynccontextmanager
async def running(conninfo: str) -> AsyncIterator[PostgresBus]:
    bus = PostgresBus(conninfo)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(bus.run())
        await bus.listening.wait()
        try:
            yield bus
        finally:
            task.cancel()


async def test_messages_reach_other_processes_in_order_and_this_one_once(conninfo: str) -> None:
    sent = [Message(topic="call.1", payload=f"{index}é".encode()) for index in range(300)]
    async with running(conninfo) as here, running(conninfo) as there:
        with here.subscribe("call.*", capacity=400) as mine, there.subscribe("call.*", capacity=400) as theirs:
            for message in sent:
                here.publish(message.topic, message.payload)
            heard = [await theirs.get() for _ in sent]
            await asyncio.sleep(2 * GATHER_S)

            assert heard == sent
            assert [await mine.get() for _ in sent] == sent
            assert await mine.wait(0) is False


async def test_the_largest_message_fits_a_notify(conninfo: str) -> None:
    payload = b"x" * MAX_PAYLOAD_BYTES
    async with running(conninfo) as here, running(conninfo) as there:
        with there.subscribe("big") as theirs:
            here.publish("big", payload)

            assert await theirs.get() == Message(topic="big", payload=payload)


async def test_a_lost_connection_is_made_again_and_told(conninfo: str) -> None:
    async with running(conninfo) as here, running(conninfo) as there:
        with there.subscribe("jobs") as theirs:
            with psycopg.connect(conninfo, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            assert await theirs.get() == Missed()
            await there.listening.wait()

            here.publish("jobs", b"again")  # into a connection that is gone, for all that `here` knows
            event = await theirs.get()
            while event == Missed():
                event = await theirs.get()

            assert event == Message(topic="jobs", payload=b"again")


async def test_what_was_dropped_while_the_database_was_away_is_told(conninfo: str) -> None:
    async with running(conninfo) as there:
        with there.subscribe("level", capacity=2 * MOST_WAITING) as theirs:
            silent = PostgresBus(conninfo)
            silent.publish("level", b"first")
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(silent.run())
                assert await theirs.get() == Message(topic="level", payload=b"first")
                sending.cancel()
            for index in range(MOST_WAITING + 1):
                silent.publish("level", f"{index}".encode())
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(silent.run())

                assert await theirs.get() == Missed()
                assert await theirs.get() == Message(topic="level", payload=b"1")
                sending.cancel()
