"""The floor: what a hand-written bot on Starlette costs, with the same VAD, dialogue timing and audio as ours.

No recorder, no journal, no policy, no checks: the least that could hold this conversation. Run:
`python -m benchmarks.engine.floor --port 9001`.
"""

import argparse
import asyncio
import base64
import json
import os
from collections import deque

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from voice_engine.audio import mulaw
from voice_engine.audio.vad import GatedVAD
from voice_engine.providers.scripted import ScriptedSettings

ENDPOINT_MS = int(os.environ.get("VOICE_ENGINE_TURNS__ENDPOINTING_FIXED_MS", "200"))
BARGE_IN_MS = int(os.environ.get("VOICE_ENGINE_TURNS__BARGE_IN_FIXED_MS", "200"))
ONSET_FRAMES, WINDOW = 3, 5


def tone_mulaw(duration_ms: float) -> bytes:
    """A tone as μ-law, the stand-in for synthesised speech."""
    samples = np.arange(round(duration_ms * 8))
    return mulaw.encode_pcm(np.rint(6000 * np.sin(2 * np.pi * 440 / 8000 * samples)).astype(np.int16))


class Bot:
    """One call."""

    def __init__(self, socket: WebSocket, settings: ScriptedSettings, tone: bytes) -> None:
        self.socket = socket
        self.settings = settings
        self.stream = ""
        self.vad = GatedVAD()
        self.recent: deque[bool] = deque(maxlen=WINDOW)
        self.in_speech = False
        self.silence_ms = 0
        self.speech_ms = 0
        self.reply: asyncio.Task[None] | None = None
        self.marks = 0
        self.tone = tone

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self.tasks = tasks
            try:
                while True:
                    await self.on_message(json.loads(await self.socket.receive_text()))
            except WebSocketDisconnect:
                if self.reply:
                    self.reply.cancel()

    async def on_message(self, message: dict) -> None:
        event = message["event"]
        if event == "media":
            await self.on_frame(base64.b64decode(message["media"]["payload"]))
        elif event == "start":
            self.stream = message["start"]["streamSid"]
        elif event == "stop":
            raise WebSocketDisconnect(1000)

    async def on_frame(self, payload: bytes) -> None:
        voiced, _ = self.vad.step(mulaw.decode(payload))
        self.recent.append(voiced)
        if voiced:
            self.silence_ms = 0
            self.speech_ms += 20
            if not self.in_speech and sum(self.recent) >= ONSET_FRAMES:
                self.in_speech = True
            speaking = self.reply is not None and not self.reply.done()
            if self.in_speech and speaking and self.speech_ms >= BARGE_IN_MS:
                self.reply.cancel()
                await self.send({"event": "clear", "streamSid": self.stream})
        else:
            self.silence_ms += 20
            if self.silence_ms > 100:
                self.speech_ms = 0
            if self.in_speech and self.silence_ms >= ENDPOINT_MS:
                self.in_speech = False
                if self.reply is None or self.reply.done():
                    self.reply = self.tasks.create_task(self.answer())

    async def answer(self) -> None:
        """STT, then tokens; each sentence is synthesised while the next one is still coming."""
        s = self.settings
        await asyncio.sleep(s.stt_final_ms / 1000)
        sentences: asyncio.Queue[str | None] = asyncio.Queue(maxsize=4)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.think(sentences))
            await self.speak(sentences)

    async def think(self, sentences: asyncio.Queue) -> None:
        s = self.settings
        await asyncio.sleep(s.llm_first_token_ms / 1000)
        words: list[str] = []
        for word in s.llm_reply.split():
            words.append(word)
            if word.endswith((".", "!", "?")):
                await sentences.put(" ".join(words))
                words = []
            await asyncio.sleep(s.llm_token_interval_ms / 1000)
        await sentences.put(None)

    async def speak(self, sentences: asyncio.Queue) -> None:
        s = self.settings
        while (await sentences.get()) is not None:
            await asyncio.sleep(s.tts_first_byte_ms / 1000)
            audio = self.tone
            for at in range(0, len(audio), 800):
                await self.send(
                    {
                        "event": "media",
                        "streamSid": self.stream,
                        "media": {"payload": base64.b64encode(audio[at : at + 800]).decode()},
                    }
                )
                await asyncio.sleep(0.02)
            self.marks += 1
            await self.send({"event": "mark", "streamSid": self.stream, "mark": {"name": f"m{self.marks}"}})

    async def send(self, message: dict) -> None:
        await self.socket.send_text(json.dumps(message))


def make_app(base_url: str) -> Starlette:
    """The bot's app: voice webhook, media socket, health."""
    settings = ScriptedSettings()
    tone = tone_mulaw(settings.tts_sentence_ms)
    stream_url = base_url.replace("http", "ws", 1) + "/media"

    async def voice(request: Request) -> Response:
        twiml = f'<Response><Connect><Stream url="{stream_url}"/></Connect><Hangup/></Response>'
        return Response(twiml, media_type="text/xml")

    async def media(socket: WebSocket) -> None:
        await socket.accept()
        await Bot(socket, settings, tone).run()

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route("/v1/webhooks/twilio/voice", voice, methods=["POST"]),
            Route("/healthz", health),
            WebSocketRoute("/media", media),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=9001)
    port = parser.parse_args().port
    uvicorn.run(
        make_app(f"http://127.0.0.1:{port}"), host="127.0.0.1", port=port, log_level="warning",
        ws="websockets-sansio", loop="uvloop", ws_per_message_deflate=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
