"""Threads that compute speech give way to the event loop: media has to go out on time beside them."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

WORKER_NICENESS = 5
"""Lag of the event loop's timers, p95 with two English models busy on two cores: 3.2 ms at niceness 0, 1.0 ms at 5,
1.5 ms at 10. Higher is worse: a worker that other programs displace while it holds the interpreter lock keeps the
loop waiting, and the caller waits for the worker."""


def give_way() -> None:
    """Lower the calling thread's priority (Linux has one a thread); threads that it starts inherit it."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), WORKER_NICENESS)


def made_aside(make: Callable[[], T]) -> T:
    """What `make` returns, called in a thread of low priority: a library's own threads inherit it. Blocks."""
    with ThreadPoolExecutor(1, thread_name_prefix="loading", initializer=give_way) as aside:
        return aside.submit(make).result()
