"""The bus of several processes that share one data directory (and one SQLite file): Unix datagrams.

Every process binds a socket in `<data>/bus`; a message goes to each of them. Sending never blocks: what a full
receiver does not take waits in a short queue, and beyond that is dropped, which its reader learns from the gap in
the numbers. A socket whose process is gone refuses the datagram and is removed.
"""

import asyncio
import hashlib
import os
import secrets
import socket
import stat
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import structlog

from voice_engine.bus import frames
from voice_engine.bus.queue import Audience
from voice_engine.errors import InvalidInput, ProtocolError
from voice_engine.ports.bus import Message, Subscription, check_message

MOST_PATH_BYTES = 103
"""`sun_path` holds 104 bytes with its NUL on macOS, 108 on Linux (unix(7))."""

BACKLOG = 64
"""Batches that wait for one slow receiver. Linux queues but 10 datagrams a socket (net.unix.max_dgram_qlen)."""

SETTLED_NS = 50_000_000
"""A directory's time of change moves in steps (4 ms on ext4): a listing as fresh as that may miss a newcomer."""

RETRY_S = 0.005
MOST_READS = 64
"""Datagrams read in one turn of the loop, so that a flood leaves room for media."""

_log = structlog.get_logger(__name__)


class UnixBus:
    """`Bus` over datagram sockets in one directory. Made by `open_unix_bus`; belongs to the running loop."""

    def __init__(self, directory: Path, own: socket.socket, path: Path) -> None:
        self._directory = directory
        self._socket = own
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._audience = Audience()
        self._sender = path.stem
        self._number = 0
        self._outgoing: list[Message] = []
        self._peers: dict[str, deque[bytes]] = {}
        self._listed_at_ns = -1

    def publish(self, topic: str, payload: bytes = b"") -> None:
        """Deliver here at once, and to the other processes at the end of this turn of the loop."""
        check_message(topic, payload)
        message = Message(topic=topic, payload=payload)
        self._audience.deliver(message)
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(message)

    def subscribe(self, *topics: str, capacity: int = 256) -> AbstractContextManager[Subscription]:
        """Hear these topics until the context is left."""
        return self._audience.subscribe(*topics, capacity=capacity)

    def _flush(self) -> None:
        if self._socket.fileno() < 0:
            return
        messages, self._outgoing = self._outgoing, []
        self._list_peers()
        for messages_of_one in frames.pack(messages):
            self._number += 1
            batch = frames.Batch(sender=self._sender, number=self._number, messages=messages_of_one)
            encoded = frames.encode(batch)
            for backlog in self._peers.values():
                backlog.append(encoded)  # a full one drops its oldest
        self._send()

    def _list_peers(self) -> None:
        """Look at the directory again if it has changed."""
        changed_at_ns = self._directory.stat().st_mtime_ns
        if changed_at_ns == self._listed_at_ns:
            return
        settled = time.time_ns() - changed_at_ns > SETTLED_NS
        self._listed_at_ns = changed_at_ns if settled else -1
        names = {entry.name for entry in os.scandir(self._directory) if entry.name.endswith(".sock")}
        names.discard(self._path.name)
        self._peers = {name: self._peers.get(name, deque(maxlen=BACKLOG)) for name in names}

    def _send(self) -> None:
        """Send what waits; come back soon for what a receiver had no room for."""
        if self._socket.fileno() < 0:
            return
        later = False
        for name, backlog in list(self._peers.items()):
            try:
                while backlog:
                    self._socket.sendto(backlog[0], str(self._directory / name))
                    backlog.popleft()
            except BlockingIOError:
                later = True
            except OSError as error:
                self._drop_peer(name, error)
        if later:
            self._loop.call_later(RETRY_S, self._send)

    def _drop_peer(self, name: str, error: OSError) -> None:
        del self._peers[name]
        if isinstance(error, ConnectionRefusedError):
            (self._directory / name).unlink(missing_ok=True)
        elif not isinstance(error, FileNotFoundError):
            _log.warning("bus.peer_unreachable", peer=name, reason=error.strerror)

    def receive(self) -> None:
        """Read what has come (the loop calls this)."""
        for _ in range(MOST_READS):
            try:
                encoded = self._socket.recv(2 * frames.MOST_BATCH_BYTES)
            except BlockingIOError:
                return
            try:
                batch = frames.decode(encoded)
            except ProtocolError as error:
                _log.warning("bus.frame_refused", code=error.code)
                continue
            self._audience.receive(batch)


@contextmanager
def open_unix_bus(data_dir: Path) -> Iterator[UnixBus]:
    """Join the bus of this data directory until the context is left.

    Raises:
        InvalidInput: `bus_directory_unsafe`: the directory of sockets is another user's.
    """
    directory = socket_directory(data_dir)
    _sweep(directory)
    path = directory / f"{os.getpid()}-{secrets.token_hex(4)}.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.setblocking(False)
        own.bind(str(path))
        loop = asyncio.get_running_loop()
        bus = UnixBus(directory, own, path)
        loop.add_reader(own.fileno(), bus.receive)
        try:
            yield bus
        finally:
            loop.remove_reader(own.fileno())
            path.unlink(missing_ok=True)


def socket_directory(data_dir: Path) -> Path:
    """Where the sockets are: `<data>/bus`, or for a path too long for a socket a directory of ours in /tmp."""
    directory = data_dir.absolute() / "bus"
    longest = len(os.fsencode(directory)) + len("/4194304-01234567.sock")
    if longest > MOST_PATH_BYTES:
        digest = hashlib.sha256(b"%d %s" % (os.getuid(), os.fsencode(directory))).hexdigest()[:12]
        directory = Path(tempfile.gettempdir()) / f"ve-{digest}"  # short: macOS's is 49 bytes already
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise InvalidInput("bus_directory_unsafe", f"{directory} must be a directory that only this user may write")
    return directory


def _sweep(directory: Path) -> None:
    """Remove the sockets of processes that are gone: nobody answers on them."""
    for path in directory.glob("*.sock"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("bus.peer_unreachable", peer=path.name, reason=error.strerror)
