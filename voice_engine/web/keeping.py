"""What runs beside the calls must not end them: a task that breaks is begun again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

FIRST_S = 0.5
LONGEST_S = 10.0
"""Pauses double from the first to the longest while the work breaks sooner than it was waited for. The longest
leaves room for a heartbeat before a process counts as lost (`owner_lost_s` of `domains.calls.settings`)."""

Work = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


async def keep_running(name: str, work: Work) -> None:
    """Run `work` to its end. When it raises, that is logged, and it is begun again after a pause."""
    loop, pause_s = asyncio.get_running_loop(), FIRST_S
    while True:
        begun_at = loop.time()
        try:
            await work()
        except Exception:  # noqa: BLE001  # the edge of one task: the process and its calls go on
            if loop.time() - begun_at > pause_s:
                pause_s = FIRST_S  # it had recovered
            _log.exception("task.broke", task=name, again_in_s=pause_s)
        else:
            return
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_S)
