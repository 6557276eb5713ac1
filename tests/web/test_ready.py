"""Readiness: what a process without its database says, and how little asking costs."""

import asyncio
import json

import pytest

from tests.web.asgi import Answer, request
from tests.web.fakes import FakeEngine, settings
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.store.engine import Store, open_store
from voice_engine.web.app import Surface
from voice_engine.web.ready import KEPT_S, PING_S

AWAY = UpstreamFailed("database_unavailable", "away", provider="database", retryable=True)


class _Database:
    """Answers, fails, or keeps whoever asks waiting."""

    def __init__(self) -> None:
        self.fault: UpstreamFailed | None = None
        self.hangs = False
        self.asked = 0

    async def ping(self) -> None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["status"]


def surface_of(database: _Database) -> Surface:
    return Surface(FakeEngine(), settings(), now=lambda: asyncio.get_running_loop().time(), ping=database.ping)


def test_without_its_database_a_process_is_not_ready_and_says_so() -> None:
    """Every webhook would fail; and it is ready again by itself once the database is back."""
    database = _Database()
    surface = surface_of(database)

    async def main() -> list[tuple[int, str]]:
        heard = []
        for fault in (None, AWAY, None):
            database.fault = fault
            heard.append(said(await request(surface.app, "GET", "/readyz")))
            await asyncio.sleep(KEPT_S)
        return heard

    assert run_virtual(main()) == [(200, "ready"), (503, "database_unavailable"), (200, "ready")]


def test_a_database_that_does_not_answer_is_waited_for_briefly() -> None:
    database = _Database()
    database.hangs = True
    surface = surface_of(database)

    async def main() -> tuple[tuple[int, str], float]:
        heard = said(await request(surface.app, "GET", "/readyz"))
        return heard, asyncio.get_running_loop().time()

    heard, at_s = run_virtual(main())

    assert heard == (503, "database_unavailable")
    assert at_s == pytest.approx(PING_S, abs=0.01)


def test_many_probes_are_one_query() -> None:
    database = _Database()
    surface = surface_of(database)

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(20):
                tasks.create_task(request(surface.app, "GET", "/readyz"))

    run_virtual(main())

    assert database.asked == 1


def test_a_process_that_drains_asks_nobody() -> None:
    database = _Database()
    database.fault = AWAY
    surface = Surface(FakeEngine(), settings(), now=lambda: 0.0, ping=database.ping)
    surface.drain.begin()

    assert said(run_virtual(request(surface.app, "GET", "/readyz"))) == (503, "draining")
    assert database.asked == 0


async def test_a_database_is_asked_as_it_is(store: Store) -> None:
    surface = Surface(FakeEngine(), settings(), ping=store.ping)

    assert said(await request(surface.app, "GET", "/readyz")) == (200, "ready")


async def test_a_server_that_is_gone_is_no_ready_database() -> None:
    """Nobody listens on port 1."""
    gone = open_store("postgresql://nobody@127.0.0.1:1/nothing")
    try:
        surface = Surface(FakeEngine(), settings(), ping=gone.ping)
        assert said(await request(surface.app, "GET", "/readyz")) == (503, "database_unavailable")
    finally:
        await gone.aclose()
