"""Gives the memory of ended calls back to the system while no call is up.

A call's buffers come from the C library, which keeps what is freed for the next call. Where hundreds of calls come
and go that stays the most that was ever in use at once, in pieces, and looks like a leak (docs/BENCHMARKS.md).
"""

import ctypes
from collections.abc import Callable


def _release_nothing(keep_bytes: int) -> int:
    return 0


def find_release() -> Callable[[int], int]:
    """The C library's `malloc_trim`; where it has none (musl, macOS), a function that does nothing."""
    release: Callable[[int], int] = getattr(ctypes.CDLL(None), "malloc_trim", _release_nothing)
    return release


class IdleTrim:
    """Stepped by the server's tick with how many calls are up; releases once, when the last one has ended.

    It takes some milliseconds, in which no call waits. `release` is handed the bytes to keep.
    """

    def __init__(self, release: Callable[[int], int]) -> None:
        self._release = release
        self._had_calls = False

    def step(self, live: int) -> None:
        """`live` calls are up."""
        if live:
            self._had_calls = True
        elif self._had_calls:
            self._had_calls = False
            self._release(0)
