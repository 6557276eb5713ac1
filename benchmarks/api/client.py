"""A lean HTTP/1.1 client: the load must cost less than what it measures. Keep-alive, one request at a time."""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 30.0
IDLE_S = 3.0
"""A connection unused for longer is not used again: the server closes idle ones after 5 s (uvicorn's default)."""


class Connection:
    """One connection, opened again when the server closed it."""

    def __init__(self, base_url: str, token: str) -> None:
        parts = urlsplit(base_url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used_at = 0.0

    async def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body."""
        content = b"" if body is None else json.dumps(body).encode()
        extra = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        kind = "Content-Type: application/json\r\n" if content else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{extra}{kind}Content-Length: {len(content)}\r\n\r\n"
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await self._open()
            writer.write(head.encode() + content)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(answer.partition("content-length:")[2].partition("\r\n")[0] or 0)
            content = await reader.readexactly(length)
            self._used_at = time.perf_counter()
            return int(answer.split(" ", 2)[1]), content

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and time.perf_counter() - self._used_at > IDLE_S:
            self._streams[1].close()
            self._streams = None
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        return self._streams

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()


@dataclass(slots=True)
class Timings:
    """How long requests took, and what was not answered as wanted."""

    seconds: list[float] = field(default_factory=list)
    wrong: dict[int, int] = field(default_factory=dict)
    lasted_s: float = 0.0

    def figures(self) -> dict[str, float]:
        """Requests a second, and milliseconds."""
        cuts = statistics.quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [0.0] * 99
        return {
            "requests_per_s": round(len(self.seconds) / self.lasted_s, 1),
            "p50_ms": round(cuts[49] * 1000, 2),
            "p95_ms": round(cuts[94] * 1000, 2),
            "p99_ms": round(cuts[98] * 1000, 2),
        }


Ask = Callable[[Connection], Awaitable[tuple[int, bytes]]]


async def saturate(
    base_url: str, token: str, ask: Ask, *, connections: int, seconds: float, wanted: int
) -> Timings:
    """Ask again as soon as an answer is there, over so many connections."""
    timings = Timings()
    until = time.perf_counter() + seconds

    async def client() -> None:
        connection = Connection(base_url, token)
        while (began := time.perf_counter()) < until:
            status, _ = await ask(connection)
            timings.seconds.append(time.perf_counter() - began)
            if status != wanted:
                timings.wrong[status] = timings.wrong.get(status, 0) + 1
        connection.close()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(client())
    timings.lasted_s = time.perf_counter() - began
    return timings


async def pace(base_url: str, token: str, asks: list[Ask], *, per_second: float, seconds: float) -> Timings:
    """So many requests a second, in turn, whether the answers are quick or not (latency from when each was due)."""
    timings = Timings()
    free = [Connection(base_url, token) for _ in range(16)]
    began = time.perf_counter()

    async def one(ask: Ask, due: float) -> None:
        connection = free.pop() if free else Connection(base_url, token)
        status, _ = await ask(connection)
        timings.seconds.append(time.perf_counter() - due)
        if status >= 400:
            timings.wrong[status] = timings.wrong.get(status, 0) + 1
        free.append(connection)

    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(asks[number % len(asks)], due))
    for connection in free:
        connection.close()
    timings.lasted_s = time.perf_counter() - began
    return timings
