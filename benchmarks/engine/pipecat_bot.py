"""The same conversation on pipecat 1.14: its FastAPI transport, Twilio serializer, aggregators and turn strategies.

One process, as its examples run it. VAD and delays are those of the other engines. Runs in a virtual environment of
its own: `python -m benchmarks.engine.pipecat_bot --port 9107`.
"""

import argparse
import asyncio
import json
import os
from collections.abc import AsyncGenerator
from dataclasses import fields

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from loguru import logger
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams
from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameDirection
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.turns.user_start import VADUserTurnStartStrategy
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601
from pipecat.workers.runner import WorkerRunner

from voice_engine.audio.vad import GatedVAD
from voice_engine.providers.scripted import ScriptedSettings

RATE_HZ = 8000
ENDPOINT_S = int(os.environ.get("VOICE_ENGINE_TURNS__ENDPOINTING_FIXED_MS", "200")) / 1000
ONSET_S = 0.06
CHUNK_MS, CHUNK_INTERVAL_S = 100, 0.02


class GatedAnalyzer(VADAnalyzer):
    """The other engines' VAD behind pipecat's own hysteresis; its volume threshold is left to ours."""

    def __init__(self) -> None:
        params = VADParams(confidence=0.5, start_secs=ONSET_S, stop_secs=ENDPOINT_S, min_volume=0.0)
        super().__init__(sample_rate=RATE_HZ, params=params)
        self._vad = GatedVAD()

    def num_frames_required(self) -> int:
        return RATE_HZ // 50

    def voice_confidence(self, buffer: bytes) -> float:
        return float(self._vad.step(buffer)[0])


class ScriptedSTT(STTService):
    """A transcript `stt_final_ms` after each end of speech."""

    def __init__(self, script: ScriptedSettings) -> None:
        super().__init__(sample_rate=RATE_HZ, ttfs_p99_latency=1.0, settings=STTSettings(model=None, language=None))
        self._script = script

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        yield None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            self.create_task(self._transcribe())

    async def _transcribe(self) -> None:
        await asyncio.sleep(self._script.stt_final_ms / 1000)
        await self.push_frame(TranscriptionFrame(self._script.stt_text, "", time_now_iso8601(), finalized=True))


class ScriptedLLM(LLMService):
    """The scripted answer, token by token."""

    def __init__(self, script: ScriptedSettings) -> None:
        unused = dict.fromkeys(field.name for field in fields(LLMSettings) if field.name != "extra")
        super().__init__(settings=LLMSettings(**unused))
        self._script = script

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(LLMFullResponseStartFrame())
        await asyncio.sleep(self._script.llm_first_token_ms / 1000)
        for number, word in enumerate(self._script.llm_reply.split()):
            await self.push_frame(LLMTextFrame(word if number == 0 else f" {word}"))
            await asyncio.sleep(self._script.llm_token_interval_ms / 1000)
        await self.push_frame(LLMFullResponseEndFrame())


class ScriptedTTS(TTSService):
    """A tone for every sentence."""

    def __init__(self, script: ScriptedSettings, tone: bytes) -> None:
        settings = TTSSettings(model=None, voice="tone", language=None)
        super().__init__(sample_rate=RATE_HZ, push_start_frame=True, push_stop_frames=True, settings=settings)
        self._script = script
        self._tone = tone

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        await asyncio.sleep(self._script.tts_first_byte_ms / 1000)
        step = 2 * RATE_HZ * CHUNK_MS // 1000
        for at in range(0, len(self._tone), step):
            yield TTSAudioRawFrame(self._tone[at : at + step], RATE_HZ, 1, context_id=context_id)
            await asyncio.sleep(CHUNK_INTERVAL_S)


def tone_pcm(duration_ms: float) -> bytes:
    samples = np.arange(round(duration_ms * RATE_HZ / 1000))
    return np.rint(6000 * np.sin(2 * np.pi * 440 / RATE_HZ * samples)).astype(np.int16).tobytes()


async def converse(socket: WebSocket, script: ScriptedSettings, tone: bytes) -> None:
    """One call."""
    await socket.accept()
    await socket.receive_text()  # connected
    start = json.loads(await socket.receive_text())["start"]
    serializer = TwilioFrameSerializer(
        stream_sid=start["streamSid"], params=TwilioFrameSerializer.InputParams(auto_hang_up=False)
    )
    transport = FastAPIWebsocketTransport(
        websocket=socket,
        params=FastAPIWebsocketParams(audio_in_enabled=True, audio_out_enabled=True, serializer=serializer),
    )
    strategies = UserTurnStrategies(
        start=[VADUserTurnStartStrategy()], stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)]
    )
    users, assistants = LLMContextAggregatorPair(
        LLMContext(),
        user_params=LLMUserAggregatorParams(user_turn_strategies=strategies, vad_analyzer=GatedAnalyzer()),
    )
    stages = [
        transport.input(), ScriptedSTT(script), users, ScriptedLLM(script), ScriptedTTS(script, tone),
        transport.output(), assistants,
    ]  # fmt: skip
    params = PipelineParams(audio_in_sample_rate=RATE_HZ, audio_out_sample_rate=RATE_HZ)
    worker = PipelineWorker(Pipeline(stages), params=params)

    @transport.event_handler("on_client_disconnected")
    async def gone(_transport: object, _client: object) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def make_app(base_url: str) -> FastAPI:
    """The bot's app: voice webhook, media socket, health."""
    script = ScriptedSettings()
    tone = tone_pcm(script.tts_sentence_ms)
    stream_url = base_url.replace("http", "ws", 1) + "/media"
    app = FastAPI()

    @app.post("/v1/webhooks/twilio/voice")
    async def voice(_request: Request) -> Response:
        twiml = f'<Response><Connect><Stream url="{stream_url}"/></Connect><Hangup/></Response>'
        return Response(twiml, media_type="text/xml")

    @app.get("/healthz")
    async def health() -> str:
        return "ok"

    @app.websocket("/media")
    async def media(socket: WebSocket) -> None:
        await converse(socket, script, tone)

    return app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=9107)
    port = parser.parse_args().port
    logger.remove()
    logger.add(lambda message: print(message, end=""), level="ERROR")
    uvicorn.run(
        make_app(f"http://127.0.0.1:{port}"), host="127.0.0.1", port=port, log_level="warning",
        ws="websockets-sansio", loop="uvloop", ws_per_message_deflate=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
