"""Streaming recognition over a transcription session of the OpenAI Realtime API (websocket, G.711 μ-law).

Turn detection is switched off: the engine's VAD decides. Each request commits what has been sent; the API answers a
commit with an item, whose text grows by deltas until it is completed. An utterance is the sequence of its items.
"""

import asyncio
import base64
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import openai

from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM, RATE_HZ, SAMPLES_PER_MS
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.stt import Hypothesis, RequestReason, STTCapabilities, STTRequest
from voice_engine.providers.background import beside
from voice_engine.providers.openai_client import PROVIDER, failed, make_client, upstream_errors
from voice_engine.providers.speech import OpenAISpeechSettings, SpeechContext
from voice_engine.providers.stt.silence import is_silence, loudest

_SEND_SAMPLES = RATE_HZ // 10
"""Audio goes out in pieces of 100 ms."""

_MIN_COMMIT_SAMPLES = RATE_HZ // 10
"""The API refuses to commit less than 100 ms."""

_MAX_QUEUED = 300
"""Messages that may wait for the socket: 30 s of audio. Beyond, the connection counts as stalled."""


@dataclass(slots=True)
class _Item:
    """One committed piece of an utterance; `until_ms` is the media time of its end."""

    utterance_id: int
    until_ms: int
    final: bool
    asked_s: float
    text: str = ""
    done: bool = False


@dataclass(slots=True)
class _Utterance:
    start_ms: int
    samples: int = 0
    loudest: float = 0.0
    uncommitted: list[PCM] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(item.text.strip() for item in self.items if item.text.strip())


class OpenAIRealtimeStream:
    """One call's session; see `STTStream`. Two tasks beside the call read and write its socket."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._utterances: dict[int, _Utterance] = {}
        self._buffer = bytearray()
        self._buffer_of: int | None = None
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_MAX_QUEUED)
        self._unacknowledged: deque[_Item] = deque()
        self._items: dict[str, _Item] = {}
        self._ready: asyncio.Queue[Hypothesis | UpstreamFailed | None] = asyncio.Queue()

    def begin(self, utterance_id: int, start_ms: int) -> None:
        """A new utterance starts; audio of another that was never committed is thrown away at the peer."""
        stale = self._buffer_of is not None and self._buffer_of != utterance_id
        if stale:
            self._buffer.clear()
            self._put({"type": "input_audio_buffer.clear"})
        self._utterances[utterance_id] = _Utterance(start_ms)
        self._buffer_of = None

    def push(self, utterance_id: int, pcm: PCM) -> None:
        """Append audio: int16 mono 8 kHz, shape (n,)."""
        utterance = self._utterances.get(utterance_id)
        if utterance is None:
            return
        self._buffer_of = utterance_id
        utterance.samples += len(pcm)
        utterance.uncommitted.append(pcm)
        self._buffer += mulaw.encode_pcm(pcm)
        if len(self._buffer) >= _SEND_SAMPLES:
            self._flush()

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        """Commit what was pushed. An interim request commits nothing: deltas come by themselves."""
        utterance = self._utterances.get(utterance_id)
        if utterance is None or (reason == "interim" and not final):
            return
        pending = np.concatenate(utterance.uncommitted) if utterance.uncommitted else np.zeros(0, np.int16)
        utterance.loudest = max(utterance.loudest, loudest(pending))
        if utterance.items and is_silence(pending, beside=utterance.loudest):
            # Transcribing silence alone invents words: the pieces before it are the whole utterance.
            if final:
                utterance.items[-1].final = True
                if all(item.done for item in utterance.items):
                    self._report(utterance.items[-1])
            return
        self._commit(utterance_id, utterance, final=final, missing=_MIN_COMMIT_SAMPLES - len(pending))

    def drop(self, utterance_id: int) -> None:
        """Forget an utterance; its items' texts are ignored when they come."""
        self._utterances.pop(utterance_id, None)
        if self._buffer_of == utterance_id:
            self._buffer.clear()
            self._buffer_of = None
            self._put({"type": "input_audio_buffer.clear"})

    async def hypotheses(self) -> AsyncIterator[Hypothesis]:
        """Every hypothesis in order. Raises UpstreamFailed when the session dies."""
        while (item := await self._ready.get()) is not None:
            if isinstance(item, UpstreamFailed):
                raise item
            yield item

    def close(self) -> None:
        """End `hypotheses`."""
        self._ready.put_nowait(None)

    async def read(self) -> None:
        """Take what the API sends, until cancelled; its end or failure is the last thing `hypotheses` gives."""
        try:
            with upstream_errors():
                async for event in self._connection:
                    self._take(event)
            raise failed("provider_unreachable", "OpenAI closed the realtime session.")
        except UpstreamFailed as error:
            self._ready.put_nowait(error)

    async def write(self) -> None:
        """Send what the call queues, until cancelled."""
        try:
            with upstream_errors():
                while True:
                    await self._connection.send(await self._outgoing.get())
        except UpstreamFailed as error:
            self._ready.put_nowait(error)

    def _commit(self, utterance_id: int, utterance: _Utterance, *, final: bool, missing: int) -> None:
        self._buffer += mulaw.silence(max(0, missing))
        self._flush()
        item = _Item(
            utterance_id=utterance_id,
            until_ms=utterance.start_ms + utterance.samples // SAMPLES_PER_MS,
            final=final,
            asked_s=self._loop.time(),
        )
        utterance.items.append(item)
        utterance.uncommitted.clear()
        self._unacknowledged.append(item)
        self._buffer_of = None
        self._put({"type": "input_audio_buffer.commit"})

    def _flush(self) -> None:
        if self._buffer:
            audio = base64.b64encode(self._buffer).decode("ascii")
            self._buffer.clear()
            self._put({"type": "input_audio_buffer.append", "audio": audio})

    def _put(self, message: dict[str, Any]) -> None:
        try:
            self._outgoing.put_nowait(message)
        except asyncio.QueueFull:
            self._ready.put_nowait(failed("provider_stalled", "OpenAI's realtime socket takes no more audio."))

    def _take(self, event: Any) -> None:
        match event.type:
            case "input_audio_buffer.committed" if self._unacknowledged:
                self._items[event.item_id] = self._unacknowledged.popleft()
            case "conversation.item.input_audio_transcription.delta" if event.item_id in self._items:
                item = self._items[event.item_id]
                item.text += event.delta or ""
                self._report(item)
            case "conversation.item.input_audio_transcription.completed" if event.item_id in self._items:
                item = self._items.pop(event.item_id)
                item.text, item.done = event.transcript, True
                self._report(item)
            case "conversation.item.input_audio_transcription.failed":
                raise failed("provider_failed", "OpenAI could not transcribe an utterance.")
            case "error" if event.error.type != "invalid_request_error":
                raise failed("provider_failed", "OpenAI's realtime session reported an error.")
            case "error" if event.error.code in {"invalid_api_key", "model_not_found", "session_expired"}:
                raise failed("provider_refused", f"OpenAI refused: {event.error.code}.", retryable=False)
            case _:
                # Sessions announce their state and their items with events that carry no text.
                return

    def _report(self, item: _Item) -> None:
        utterance = self._utterances.get(item.utterance_id)
        if utterance is None or item not in utterance.items:
            return
        last = utterance.items[-1]
        final = last.final and all(each.done for each in utterance.items)
        if final:
            del self._utterances[item.utterance_id]
        self._ready.put_nowait(
            Hypothesis(
                utterance_id=item.utterance_id,
                text=utterance.text,
                until_ms=max((each.until_ms for each in utterance.items if each.text or each.done), default=0),
                final=final,
                compute_ms=(self._loop.time() - last.asked_s) * 1000.0,
            )
        )


class OpenAIRealtimeSTT:
    """An `STT` with one realtime session a call."""

    def __init__(self, settings: OpenAISpeechSettings, client: openai.AsyncOpenAI | None = None) -> None:
        self._settings = settings
        self._client = client or make_client(settings)
        self._capabilities = STTCapabilities(
            name=f"{PROVIDER}-realtime/{settings.realtime_stt_model}",
            languages=frozenset({"en", "es"}),
            streaming=True,
            local=False,
            cost_ms=lambda _audio_ms: 400.0,
        )

    @property
    def capabilities(self) -> STTCapabilities:
        """English and Spanish; 400 ms after a commit is a round figure for planning (not measured here)."""
        return self._capabilities

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.close()

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncGenerator[OpenAIRealtimeStream, None]:
        """Open a call's session.

        Raises:
            InvalidInput: `language_unsupported`.
            UpstreamFailed: `provider_refused`, `provider_rate_limited`, `provider_failed`, `provider_unreachable`,
                `provider_stalled`.
        """
        if request.language not in self._capabilities.languages:
            raise InvalidInput(
                "language_unsupported", f"{self._capabilities.name} is not offered for {request.language!r}."
            )
        manager = self._client.realtime.connect(
            extra_query={"intent": "transcription"},
            websocket_connection_options={"compression": None},
        )
        with upstream_errors():
            async with asyncio.timeout(self._settings.timeout_s):
                connection = await manager.enter()
                await connection.send(self._session_update(request))
        try:
            stream = OpenAIRealtimeStream(connection)
            async with beside(stream.read()), beside(stream.write()):
                try:
                    yield stream
                finally:
                    stream.close()
        finally:
            with upstream_errors():
                async with asyncio.timeout(1.0):
                    await connection.close()

    def _session_update(self, request: STTRequest) -> Any:
        """The event in plain JSON; the client's own types for it have no transcription session."""
        transcription = {"model": self._settings.realtime_stt_model, "language": request.language}
        if request.hints:
            transcription["prompt"] = ", ".join(request.hints)
        listening = {"format": {"type": "audio/pcmu"}, "transcription": transcription, "turn_detection": None}
        return {"type": "session.update", "session": {"type": "transcription", "audio": {"input": listening}}}


def create(context: SpeechContext) -> OpenAIRealtimeSTT:
    """Entry point `openai-realtime`. Raises InvalidInput (`provider_key_missing`)."""
    stt = OpenAIRealtimeSTT(context.settings.openai)
    context.on_close(stt.aclose)
    return stt
