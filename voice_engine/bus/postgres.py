"""The bus of several machines on one PostgreSQL: LISTEN and NOTIFY, on two connections of its own.

NOTIFY takes a lock on the whole server at commit, so it never stands in a business transaction: messages are
gathered and sent at most every `GATHER_S`, the first after a silence at once. What a lost connection may have
swallowed is told as `Missed`.
"""

import asyncio
import random
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from voice_engine.bus import frames
from voice_engine.bus.queue import Audience
from voice_engine.errors import ProtocolError
from voice_engine.ports.bus import Message, Subscription, check_message

CHANNEL = "voice_engine"

GATHER_S = 0.03
"""Between two NOTIFYs of one process. Batches of 50 carry 36,000 events a second; single commits do not."""

MOST_WAITING = 2_000
"""Messages kept while the database is away; the oldest are dropped, and the receivers see the gap."""

CONNECT_S = 5.0
QUIET_S = 20.0
"""After so long without a message the connection is tried."""

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

KEEPALIVE = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
"""A listener says nothing for long: without these a dead peer would go unnoticed for hours (libpq)."""

NOTIFY = "SELECT pg_notify(%s, line) FROM unnest(%s::text[]) AS line"

_log = structlog.get_logger(__name__)

Connection = psycopg.AsyncConnection[TupleRow]
Work = Callable[[Connection], Awaitable[None]]


class PostgresBus:
    """`Bus` over one channel of a database. `run` must be running for anything to leave or come."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = make_conninfo(conninfo, **KEEPALIVE)
        self._audience = Audience()
        self._unsent: list[str] = []
        self._sender = secrets.token_hex(8)
        self._number = 0
        self._outgoing: deque[Message] = deque()
        self._waiting = asyncio.Event()
        self.listening = asyncio.Event()
        """Set while messages of other processes can come."""

    def publish(self, topic: str, payload: bytes = b"") -> None:
        """Deliver here at once; to the others with the next NOTIFY."""
        check_message(topic, payload)
        message = Message(topic=topic, payload=payload)
        self._audience.deliver(message)
        if len(self._outgoing) == MOST_WAITING:
            self._outgoing.popleft()
            self._number += 1  # a gap in the numbers is how the others learn of it
        self._outgoing.append(message)
        self._waiting.set()

    def subscribe(self, *topics: str, capacity: int = 256) -> AbstractContextManager[Subscription]:
        """Hear these topics until the context is left."""
        return self._audience.subscribe(*topics, capacity=capacity)

    async def run(self) -> None:
        """Listen and send until cancelled, over as many connections as it takes."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep(self._listen, "listen"))
            group.create_task(self._keep(self._send, "send"))

    async def _keep(self, work: Work, name: str) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with await self._connect() as connection:
                    pause_s = FIRST_PAUSE_S
                    await work(connection)
            except (psycopg.Error, OSError) as error:
                self._audience.lose()
                _log.warning("bus.connection_lost", part=name, reason=type(error).__name__, retry_s=pause_s)
            finally:
                if name == "listen":
                    self.listening.clear()
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311  # no secret
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    async def _connect(self) -> Connection:
        async with asyncio.timeout(CONNECT_S):
            return await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)

    async def _listen(self, connection: Connection) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        self._audience.lose()  # whatever was said until now was said to nobody
        self.listening.set()
        while True:
            async for notice in connection.notifies(timeout=QUIET_S):
                self._hear(notice.payload.encode())
            async with asyncio.timeout(CONNECT_S):
                await connection.execute("SELECT 1")

    def _hear(self, encoded: bytes) -> None:
        try:
            batch = frames.decode(encoded)
        except ProtocolError as error:
            _log.warning("bus.frame_refused", code=error.code)
            return
        if batch.sender != self._sender:
            self._audience.receive(batch)

    async def _send(self, connection: Connection) -> None:
        while True:
            if not self._unsent:
                await self._waiting.wait()
                self._gather()
            async with asyncio.timeout(CONNECT_S):
                await connection.execute(NOTIFY, [CHANNEL, self._unsent])
            self._unsent = []
            await asyncio.sleep(GATHER_S)

    def _gather(self) -> None:
        """Make batches of what waits; they are kept until sent. A second arrival is known by its number."""
        self._waiting.clear()
        messages = list(self._outgoing)
        self._outgoing.clear()
        for messages_of_one in frames.pack(messages):
            self._number += 1
            batch = frames.Batch(sender=self._sender, number=self._number, messages=messages_of_one)
            self._unsent.append(frames.encode(batch).decode())
