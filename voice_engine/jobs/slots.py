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

from voice_engine.errors import Conflict, QuotaExceeded

MOST_SLOTS = 64


@contextmanager
def executor_name(data_dir: Path, *, name: str | None = None) -> Iterator[str]:
    """Hold a name until the context is left: `name`, or None: the first free one of this host (`host-1`, …).

    Raises:
        Conflict: `worker_name_taken`.
        QuotaExceeded: `too_many_workers`.
    """
    directory = data_dir / "workers"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())
    names = [name] if name is not None else [f"{host}-{number}" for number in range(1, MOST_SLOTS + 1)]
    for candidate in names:
        descriptor = os.open(directory / f"{candidate}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        try:
            yield candidate
        finally:
            os.close(descriptor)
        return
    if name is not None:
        raise Conflict("worker_name_taken", f"a worker named {name} runs already; choose another name")
    raise QuotaExceeded("too_many_workers", f"{MOST_SLOTS} workers run in {data_dir}; stop one")
