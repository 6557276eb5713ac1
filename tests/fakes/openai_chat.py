"""A chat-completions endpoint on loopback that replays recorded event streams, whole or broken on purpose.

It runs in the test's own loop; the code under test meets real sockets through the real client.
"""

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


class Stall:
    """From here on the server sends nothing and keeps the connection open."""


class Drop:
    """The server closes the connection in mid-stream."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """One response: pieces of the body exactly as they go onto the wire, or an error status."""

    pieces: Sequence[bytes | Stall | Drop] = ()
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)


def event(data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    """One chunk as the vendor sends it."""
    return event({
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": "chat.completion.chunk",
        "created": 1741569952,
        "model": "gpt-4.1-mini-2025-04-14",
        "service_tier": "default",
        "system_fingerprint": "fp_44add55e8e",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}],
        "usage": None,
    })  # fmt: skip


def usage(prompt: int, completion: int) -> bytes:
    """The last chunk under `include_usage`: no choices."""
    return event({
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": "chat.completion.chunk",
        "created": 1741569952,
        "model": "gpt-4.1-mini-2025-04-14",
        "choices": [],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    })  # fmt: skip


def opening() -> bytes:
    """The first chunk: a role and no text."""
    return chunk({"role": "assistant", "content": "", "refusal": None})


def tokens(text: str) -> list[bytes]:
    """A chunk for each word, as a tokenizer that leads with spaces gives them."""
    words = text.split(" ")
    return [chunk({"content": word if index == 0 else f" {word}"}) for index, word in enumerate(words)]


def answer(text: str, *, finish: str = "stop") -> Script:
    """A whole answer in text."""
    return Script(pieces=[opening(), *tokens(text), chunk({}, finish), usage(412, len(text.split())), DONE])


def tool_call(name: str, arguments: str, *, size: int = 7, before: Sequence[bytes] = ()) -> Script:
    """A tool call whose arguments come in fragments of `size` characters."""
    first = {"index": 0, "id": "call_DdmO9pD3xa9XTPNJ32zg2hcA", "type": "function"}
    pieces = [
        opening(),
        *before,
        chunk({"tool_calls": [{**first, "function": {"name": name, "arguments": ""}}]}),
        *(
            chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments[at : at + size]}}]})
            for at in range(0, len(arguments), size)
        ),
        chunk({}, "tool_calls"),
        usage(412, 30),
        DONE,
    ]
    return Script(pieces=pieces)


def understanding(*commands: dict[str, Any]) -> Script:
    """A corrected understanding."""
    return tool_call("report_understanding", json.dumps({"commands": list(commands)}))


def failure(status: int, code: str | None = None) -> Script:
    """An error response with the vendor's envelope."""
    body = {"message": "secret vendor text", "type": "error", "param": None, "code": code}
    return Script(status=status, error={"error": body})


def resplit(script: Script, size: int) -> Script:
    """The same bytes cut every `size` bytes, inside characters and events."""
    body = b"".join(piece for piece in script.pieces if isinstance(piece, bytes))
    return Script(pieces=[body[at : at + size] for at in range(0, len(body), size)])


class ChatServer:
    """Plays its scripts in order, one a request, and keeps the requests. Without a script it answers 500."""

    def __init__(self) -> None:
        self.scripts: deque[Script] = deque()
        self.requests: list[dict[str, Any]] = []
        self.base_url = ""
        self.abandoned = asyncio.Event()
        """Set when a client went away from a stalled stream."""

    def play(self, *scripts: Script) -> None:
        """Forget what was before and play these."""
        self.scripts = deque(scripts)
        self.requests = []
        self.abandoned.clear()

    async def handle(self, request: Request) -> Response:
        """`POST /v1/chat/completions`."""
        self.requests.append(await request.json())
        script = self.scripts.popleft() if self.scripts else failure(500)
        if script.status != 200:
            return JSONResponse(script.error, status_code=script.status)
        return StreamingResponse(self._body(script), media_type="text/event-stream")

    async def _body(self, script: Script) -> AsyncGenerator[bytes, None]:
        for piece in script.pieces:
            match piece:
                case Stall():
                    try:
                        await asyncio.Event().wait()
                    finally:
                        self.abandoned.set()
                case Drop():
                    raise ConnectionResetError("dropped on purpose")
                case bytes():
                    yield piece


@asynccontextmanager
async def running_chat_server() -> AsyncIterator[ChatServer]:
    """A server on a free port of loopback, stopped at the end, its connections closed."""
    chat = ChatServer()
    app = Starlette(routes=[Route("/v1/chat/completions", chat.handle, methods=["POST"])])
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", 0))
    chat.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    # Without `serve`, whose ticks of 0.1 s would be most of a test's time.
    await server.startup([listener])
    try:
        yield chat
    finally:
        await server.shutdown([listener])
