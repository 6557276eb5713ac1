"""Which worker of this machine one is: the first free slot of the data directory, held by a file's lock.

The kernel gives the lock back when the process ends, however it ends. So a worker that is started anew has the name
of the one before, and resumes its jobs at once; two on one machine never share a name.
"""

import fcntl
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voice_engine.errors import QuotaExceeded

MOST_SLOTS = 64


@contextmanager
def executor_name(data_dir: Path, *, host: str | None = None) -> Iterator[str]:
    """Hold the first free name (`host-1`, …) until the context is left.

    Raises:
        QuotaExceeded: `too_many_workers`.
    """
    host = re.sub(r"[^A-Za-z0-9.-]", "-", host or socket.gethostname())
    directory = data_dir / "workers"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(1, MOST_SLOTS + 1):
        name = f"{host}-{number}"
        descriptor = os.open(directory / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        try:
            yield name
        finally:
            os.close(descriptor)
        return
    raise QuotaExceeded("too_many_workers", f"{MOST_SLOTS} workers run in {data_dir}; stop one")
