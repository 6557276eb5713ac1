"""A webhook's receiver on loopback: real sockets, answers as told, keeps what it got."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One request, header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """`answers` are given one after the other: a status, or None to say nothing; without any 200."""

    url: str = ""
    answers: deque[int | None] = field(default_factory=deque)
    body: bytes = b"thanks"
    got: list[Got] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.got.append(Got(path=first.split(" ")[1], headers=headers, body=body))
            status = self.answers.popleft() if self.answers else 200
            if status is None:
                await self.released.wait()
                return
            where = "location: http://127.0.0.1:1/inside\r\n" if 300 <= status < 400 else ""
            writer.write(
                f"HTTP/1.1 {status} X\r\n{where}content-length: {len(self.body)}\r\n\r\n".encode() + self.body
            )
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def receiver(*answers: int | None) -> AsyncIterator[Receiver]:
    """One, listening."""
    got = Receiver(answers=deque(answers))
    server = await asyncio.start_server(got.serve, "127.0.0.1", 0)
    got.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks?tenant=1"
    try:
        yield got
    finally:
        got.released.set()
        server.close()
        await server.wait_closed()
