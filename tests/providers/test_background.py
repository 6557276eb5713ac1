"""A task beside a block."""

import asyncio

import pytest

from voice_engine.clock import run_virtual
from voice_engine.providers.background import beside


def test_it_runs_and_ends_with_the_block() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            seen.append("started")
            await asyncio.sleep(100)
        finally:
            seen.append("ended")

    async def main() -> float:
        async with beside(work()):
            await asyncio.sleep(1)
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 1
    assert seen == ["started", "ended"]


def test_the_blocks_error_comes_out_as_it_is() -> None:
    """Callers catch UpstreamFailed, not a group that holds one."""

    async def main() -> None:
        async with beside(asyncio.sleep(100)):
            raise KeyError("as it is")

    with pytest.raises(KeyError, match="as it is"):
        run_virtual(main())


def test_cancelling_the_block_cancels_both() -> None:
    async def main() -> None:
        async with asyncio.timeout(1), beside(asyncio.sleep(100)):
            await asyncio.sleep(100)

    with pytest.raises(TimeoutError):
        run_virtual(main())
