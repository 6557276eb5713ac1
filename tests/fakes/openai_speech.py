"""A real server on loopback that speaks the OpenAI API's speech, transcription and realtime protocols, strictly.

It answers 400 to what the real one refuses, and misbehaves on demand (`Mishap`).
"""

import asyncio
import base64
import io
import json
import re
import socket
import wave
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from voice_engine.providers.background import beside

KEY = "sk-test"
TONE_HZ = 440


class Mishap(Enum):
    """How the server fails."""

    NONE = auto()
    REFUSE = auto()
    RATE_LIMIT = auto()
    CRASH = auto()
    STALL = auto()
    STALL_MIDWAY = auto()
    CUT = auto()
    HALF_SAMPLE = auto()
    EMPTY = auto()
    REPORT_FAILURE = auto()


_STATUS = {Mishap.REFUSE: 401, Mishap.RATE_LIMIT: 429, Mishap.CRASH: 500}


@dataclass
class FakeOpenAI:
    """What the server was asked and how it is to fail. `seconds` of tone answer every speech request."""

    mishap: Mishap = Mishap.NONE
    seconds: float = 1.0
    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let stalled answers go, so that the server can end."""
        self._released.set()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/audio/speech", self._speech, methods=["POST"]),
                Route("/v1/audio/transcriptions", self._transcriptions, methods=["POST"]),
                WebSocketRoute("/v1/realtime", self._realtime),
            ]
        )

    def _refusal(self, authorization: str | None) -> Response | None:
        status = 401 if authorization != f"Bearer {KEY}" else _STATUS.get(self.mishap)
        if status is None:
            return None
        return JSONResponse({"error": {"message": "no", "type": "error", "code": None}}, status_code=status)

    async def _speech(self, request: Request) -> Response:
        if (refusal := self._refusal(request.headers.get("authorization"))) is not None:
            return refusal
        body = await request.json()
        self.requests.append(body)
        if body["response_format"] != "pcm" or not body["input"] or not body["voice"] or not body["model"]:
            return JSONResponse({"error": {"message": "bad", "type": "invalid_request_error"}}, status_code=400)
        if self.mishap is Mishap.STALL:
            await self._released.wait()
        return StreamingResponse(self._audio(), media_type="audio/pcm")

    async def _audio(self) -> AsyncIterator[bytes]:
        samples = np.arange(int(24_000 * self.seconds))
        pcm = np.rint(8000 * np.sin(2 * np.pi * TONE_HZ / 24_000 * samples)).astype("<i2").tobytes()
        if self.mishap is Mishap.EMPTY:
            return
        if self.mishap is Mishap.HALF_SAMPLE:
            pcm = pcm[:-1]
        # An odd length, so that samples straddle the pieces.
        for at in range(0, len(pcm), 4801):
            yield pcm[at : at + 4801]
            await asyncio.sleep(0)
            if at > len(pcm) // 2 and self.mishap is Mishap.STALL_MIDWAY:
                await self._released.wait()
            if at > len(pcm) // 2 and self.mishap is Mishap.CUT:
                raise ConnectionResetError

    async def _transcriptions(self, request: Request) -> Response:
        if (refusal := self._refusal(request.headers.get("authorization"))) is not None:
            return refusal
        body = await request.body()
        if self.mishap is Mishap.STALL:
            await self._released.wait()
        fields = dict(re.findall(rb'name="(\w+)"\r\n\r\n([^\r]*)\r\n', body))
        self.requests.append({name.decode(): value.decode() for name, value in fields.items()})
        with wave.open(io.BytesIO(body[body.index(b"RIFF") :])) as audio:
            ms = audio.getnframes() * 1000 // audio.getframerate()
            assert (audio.getnchannels(), audio.getsampwidth()) == (1, 2)
        return JSONResponse({"text": f" heard {ms} ms of {fields[b'language'].decode()} "})

    async def _realtime(self, socket: WebSocket) -> None:
        refusal = self._refusal(socket.headers.get("authorization"))
        if refusal is not None or socket.query_params.get("intent") != "transcription":
            await socket.send_denial_response(refusal or Response(status_code=400))
            return
        await socket.accept()
        try:
            await _Session(self, socket).run()
        except WebSocketDisconnect:
            return


class _Session:
    """One realtime transcription session: audio is buffered until it is committed, each commit is an item."""

    def __init__(self, server: FakeOpenAI, socket: WebSocket) -> None:
        self._server = server
        self._socket = socket
        self._buffered = 0
        self._items = 0

    async def run(self) -> None:
        await self._send(type="session.created", session={"type": "transcription"})
        while True:
            event = json.loads(await self._socket.receive_text())
            self._server.events.append(event["type"])
            match event["type"]:
                case "session.update":
                    self._server.sessions.append(event["session"])
                    await self._send(type="session.updated", session=event["session"])
                case "input_audio_buffer.append":
                    self._buffered += len(base64.b64decode(event["audio"], validate=True))
                    if self._server.mishap is Mishap.CUT:
                        await self._socket.close(1011)
                        return
                case "input_audio_buffer.clear":
                    self._buffered = 0
                    await self._send(type="input_audio_buffer.cleared")
                case "input_audio_buffer.commit" if self._buffered < 800:
                    await self._error("input_audio_buffer_commit_empty")
                case "input_audio_buffer.commit":
                    await self._commit()
                case _:
                    await self._error("unknown_event")

    async def _commit(self) -> None:
        ms, self._buffered = self._buffered // 8, 0
        self._items += 1
        item = f"item_{self._items}"
        await self._send(type="input_audio_buffer.committed", item_id=item, previous_item_id=None)
        kind = "conversation.item.input_audio_transcription"
        match self._server.mishap:
            case Mishap.STALL:
                return
            case Mishap.REPORT_FAILURE:
                error = {"type": "server_error", "message": "no"}
                await self._send(type=f"{kind}.failed", item_id=item, content_index=0, error=error)
                return
            case _:
                pass
        for delta in ("heard ", f"{ms} "):
            await self._send(type=f"{kind}.delta", item_id=item, content_index=0, delta=delta)
        usage = {"type": "duration", "seconds": ms / 1000}
        await self._send(
            type=f"{kind}.completed", item_id=item, content_index=0, transcript=f"heard {ms} ms", usage=usage
        )

    async def _error(self, code: str) -> None:
        await self._send(type="error", error={"type": "invalid_request_error", "code": code, "message": code})

    async def _send(self, **event: Any) -> None:
        await self._socket.send_text(json.dumps({"event_id": "e", **event}))


class _Server(uvicorn.Server):
    """Ends at once when told, without uvicorn's tick of 0.1 s."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()

    async def main_loop(self) -> None:
        await self.stop.wait()


@asynccontextmanager
async def running(fake: FakeOpenAI) -> AsyncGenerator[FakeOpenAI, None]:
    """Serve `fake` on a free loopback port inside the running loop."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(fake.app(), log_config=None, log_level=60, lifespan="off", ws="websockets-sansio")
    server = _Server(config)
    fake.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    ended = asyncio.Event()

    async def serve() -> None:
        await server._serve(sockets=[listener])
        ended.set()

    async with beside(serve()):
        try:
            yield fake
        finally:
            fake.release()
            server.stop.set()
            await ended.wait()
            listener.close()
