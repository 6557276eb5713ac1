"""The processes that `serve` starts beside itself: a worker, and the built-in carrier where there is no other."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from voice_engine.cli.serving.place import Listening
from voice_engine.config import Settings
from voice_engine.jobs.supervisor import Supervisor

PROGRAM = (sys.executable, "-m", "voice_engine")


def children_of(settings: Settings, listening: Listening, *, as_json: bool) -> list[Supervisor]:
    """Supervisors, not yet running."""
    options = (*(("--json",) if as_json else ()), "--supervised")
    wanted: list[tuple[str, ...]] = []
    if listening.account.generated:
        wanted.append(("carrier",))
    if settings.worker.with_serve:
        wanted.append(("worker", "--public-url", listening.web.public_url))
    return [Supervisor((*PROGRAM, *command, *options)) for command in wanted]


@contextmanager
def orphaned(gone: Callable[[], None], *, supervised: bool) -> Iterator[None]:
    """While the context is open, `gone` is called when the parent dies: standard input, its pipe, ends."""
    if not supervised:
        yield
        return
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

    def readable() -> None:
        if not os.read(descriptor, 4096):
            loop.remove_reader(descriptor)
            gone()

    loop.add_reader(descriptor, readable)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
