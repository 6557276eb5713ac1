"""A task that lives exactly as long as a `with` block, and whose group does not wrap the block's errors."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None, None]:
    """Run `work` beside the block and cancel it at the block's end. `work` must report its errors by itself."""
    failure: Exception | None = None
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        try:
            yield
        except Exception as error:  # noqa: BLE001  # raised again below, outside of the group that would wrap it
            failure = error
        finally:
            task.cancel()
    if failure is not None:
        raise failure
