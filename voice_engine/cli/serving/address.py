"""Where `serve` listens, written down for the other commands of its installation while it runs.

The file's lock says whether it still holds: the kernel gives it back when the process ends, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

FILE = "serve.json"
_MOST_BYTES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`media_port`: of the lean media transport, when it listens apart."""

    host: str
    port: int
    media_port: int | None = None


@contextmanager
def announced(data_dir: Path, address: Address) -> Iterator[None]:
    """Write the address down until the context is left. Of several servers in one folder the first one's holds."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data_dir / FILE
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX):
            yield
            return
        os.ftruncate(descriptor, 0)
        os.write(descriptor, orjson.dumps(asdict(address)))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def find_address(data_dir: Path) -> Address | None:
    """Where the server of this data directory listens now; None: none runs."""
    try:
        descriptor = os.open(data_dir / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _locked(descriptor, fcntl.LOCK_SH):  # nobody holds it: what stands there is of a server that was killed
            return None
        return Address(**orjson.loads(os.read(descriptor, _MOST_BYTES)))
    except (orjson.JSONDecodeError, TypeError):
        return None
    finally:
        os.close(descriptor)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
