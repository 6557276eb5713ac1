"""Real and virtual time for the asyncio shell.

Everything in the shell waits through the running event loop, so the loop *is* the clock: on a
`VirtualTimeLoop` a call of minutes runs in milliseconds and always in the same order.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class LoopClock:
    """`Clock` that reads an event loop: wall time on a real loop, virtual time on a virtual one.

    An instance belongs to the loop that runs at its first use: finding the running loop costs a system call
    (`getpid`, before Python 3.12), and a call reads the time hundreds of times a second.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def now_ms(self) -> float:
        """Milliseconds on the loop's clock."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        return loop.time() * 1000.0

    async def sleep_ms(self, duration_ms: float) -> None:
        """Sleep on the running loop."""
        await asyncio.sleep(max(0.0, duration_ms) / 1000.0)


class VirtualDeadlock(RuntimeError):
    """Nothing is scheduled and nothing can happen any more: some task waits for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that, instead of waiting, moves the loop's virtual time forward by the timeout."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Poll real sockets once; when quiet, jump."""
        events = super().select(0)
        if events:
            return events
        if timeout is None:
            raise VirtualDeadlock("every task of the virtual-time loop waits and no timer is set")
        if timeout > 0:
            self.now_s += timeout
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer as soon as every task waits.

    Work handed to an executor runs inline, so media time stands still while a provider computes;
    the provider then sleeps its declared `cost_ms`. The order of events depends on nothing outside.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now_s

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run `func` at once and return its finished future."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # handed to the awaiting task, as an executor does
            future.set_exception(error)
        return future


def is_virtual() -> bool:
    """Whether the running loop keeps virtual time."""
    return isinstance(asyncio.get_running_loop(), VirtualTimeLoop)


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on a fresh `VirtualTimeLoop`."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
