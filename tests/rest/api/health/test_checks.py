"""What the health operation says, and how often it asks."""

import asyncio

import pytest

from tests.fakes.business import business_api
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.rest.api.health.checks import KEPT_S, PROBE_S, Component, HealthChecks
from voice_engine.store.engine import Store


class Asked:
    """A component that answers, fails or hangs."""

    def __init__(self) -> None:
        self.times, self.fails, self.hangs = 0, False, False

    async def __call__(self) -> None:
        self.times += 1
        if self.hangs:
            await asyncio.sleep(10 * PROBE_S)
        if self.fails:
            raise UpstreamFailed("down", "it is down", provider="it", retryable=True)


def test_a_component_that_fails_or_hangs_is_down_until_it_answers() -> None:
    async def scenario() -> None:
        loop, asked = asyncio.get_running_loop(), Asked()
        checks = HealthChecks(
            {"it": Component(state="embedded", probe=asked), "none": Component(state="unconfigured")},
            monotonic=loop.time,
        )
        assert dict(await checks.read()) == {"it": "embedded", "none": "unconfigured"}
        asked.fails = True
        assert (await checks.read())["it"] == "embedded", "asked a moment ago"
        await asyncio.sleep(KEPT_S + 1)
        assert (await checks.read())["it"] == "down"
        asked.fails, asked.hangs = False, True
        await asyncio.sleep(KEPT_S + 1)
        before = loop.time()
        assert (await checks.read())["it"] == "down"
        assert loop.time() - before == pytest.approx(PROBE_S)
        asked.hangs = False
        await asyncio.sleep(KEPT_S + 1)
        assert (await checks.read())["it"] == "embedded"
        assert asked.times == 4

    run_virtual(scenario())


@pytest.mark.store
async def test_anybody_may_ask(store: Store) -> None:
    down = Asked()
    down.fails = True
    checks = HealthChecks(
        {"database": Component(state="ok", probe=store.ping), "mail": Component(state="ok", probe=down)},
        monotonic=lambda: 0.0,
    )
    async with business_api(store, health=checks) as api:
        body = (await api.get("/api/health")).json()
    assert body["status"] == "degraded"
    assert body["checks"] == {"database": "ok", "mail": "down"}
