"""The metrics page is not for strangers, and the loop's lag is seen."""

import asyncio
import time

import pytest
from starlette.types import Receive, Scope, Send

from tests.web.asgi import request
from voice_engine.clock import run_virtual
from voice_engine.telemetry.metrics import Metrics
from voice_engine.web.watching import MetricsPage, watch_loop


class _From:
    """The page, asked from an address."""

    def __init__(self, page: MetricsPage, address: str) -> None:
        self._page = page
        self._address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._page({**scope, "client": (self._address, 1)}, receive, send)


@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        (None, "127.0.0.1", {}, 200),
        (None, "203.0.113.9", {}, 403),
        (None, "127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 403),
        ("secret", "203.0.113.9", {"authorization": "Bearer secret"}, 200),
        ("secret", "127.0.0.1", {}, 403),
        ("secret", "127.0.0.1", {"authorization": "Bearer wrong"}, 403),
    ],
    ids=["own machine", "stranger", "through a proxy", "bearer", "token wanted", "wrong token"],
)
def test_who_may_read_the_figures(token: str | None, address: str, headers: dict[str, str], status: int) -> None:
    page = _From(MetricsPage(Metrics(), token=token), address)

    assert run_virtual(request(page, "GET", "/metrics", headers=headers)).status == status


def test_a_loop_that_is_held_is_seen() -> None:
    """A quarter of a second of work on the loop shows in the upper buckets."""
    metrics = Metrics()

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(watch_loop(metrics))
            await asyncio.sleep(0)
            held_until = time.perf_counter() + 0.2
            while time.perf_counter() < held_until:
                pass
            await asyncio.sleep(0.15)
            watching.cancel()

    asyncio.run(main())

    assert (metrics.registry.get_sample_value("voice_engine_loop_lag_seconds_sum") or 0.0) > 0.05
