"""A recognizer that hears the same text in every utterance after a fixed delay."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.ports.stt import Hypothesis, RequestReason, STTCapabilities, STTRequest
from voice_engine.providers.scripted import ScriptedSettings


class ScriptedStream:
    """Answers each request `stt_final_ms` after it was made; holds one timer a request and no audio."""

    def __init__(self, settings: ScriptedSettings) -> None:
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._until_ms: dict[int, float] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._ready: asyncio.Queue[Hypothesis | None] = asyncio.Queue()

    def begin(self, utterance_id: int, start_ms: int) -> None:
        """A new utterance starts at media time `start_ms`."""
        self._until_ms[utterance_id] = start_ms

    def push(self, utterance_id: int, pcm: PCM) -> None:
        """Count the audio; nothing is kept."""
        if utterance_id in self._until_ms:
            self._until_ms[utterance_id] += len(pcm) / SAMPLES_PER_MS

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        """Deliver `stt_text` after the delay. A final request waits its own delay, whatever was asked before."""
        until_ms = self._until_ms.get(utterance_id)
        if until_ms is None:
            return
        self._cancel(utterance_id)
        hypothesis = Hypothesis(
            utterance_id=utterance_id,
            text=self._settings.stt_text,
            until_ms=int(until_ms),
            final=final,
            compute_ms=self._settings.stt_final_ms,
        )
        self._timers[utterance_id] = self._loop.call_later(
            self._settings.stt_final_ms / 1000.0, self._deliver, hypothesis
        )

    def drop(self, utterance_id: int) -> None:
        """Forget an utterance and what is due for it."""
        self._until_ms.pop(utterance_id, None)
        self._cancel(utterance_id)

    async def hypotheses(self) -> AsyncIterator[Hypothesis]:
        """Every hypothesis in order; ends at close."""
        while (hypothesis := await self._ready.get()) is not None:
            yield hypothesis

    def close(self) -> None:
        """Cancel what is due and end `hypotheses`."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._until_ms.clear()
        self._ready.put_nowait(None)

    def _deliver(self, hypothesis: Hypothesis) -> None:
        self._timers.pop(hypothesis.utterance_id, None)
        if hypothesis.final:
            self._until_ms.pop(hypothesis.utterance_id, None)
        self._ready.put_nowait(hypothesis)

    def _cancel(self, utterance_id: int) -> None:
        timer = self._timers.pop(utterance_id, None)
        if timer is not None:
            timer.cancel()


class ScriptedSTT:
    """An `STT` with `stt_final_ms` of delay, in either language."""

    def __init__(self, settings: ScriptedSettings | None = None) -> None:
        self._settings = settings or ScriptedSettings()
        self._capabilities = STTCapabilities(
            name="scripted",
            languages=frozenset({"en", "es"}),
            streaming=False,
            local=True,
            cost_ms=lambda _audio_ms: self._settings.stt_final_ms,
        )

    @property
    def capabilities(self) -> STTCapabilities:
        """Both languages; the cost is the delay."""
        return self._capabilities

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncGenerator[ScriptedStream, None]:
        """Open a call's stream; never refuses."""
        stream = ScriptedStream(self._settings)
        try:
            yield stream
        finally:
            stream.close()
