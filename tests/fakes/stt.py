"""Recognizers for tests: one whose text tells what it was given, and one that can be made to die or freeze."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.stt import Hypothesis, RequestReason, STTCapabilities, STTRequest, STTStream
from voice_engine.providers.speech_pool import Urgency
from voice_engine.providers.stt.recognizers import Recognition


def speech(ms: int, *, amplitude: int = 8000) -> PCM:
    """A loud tone that counts as speech."""
    samples = np.arange(ms * SAMPLES_PER_MS)
    tone: PCM = np.rint(amplitude * np.sin(2 * np.pi * 300 / 8000 * samples)).astype(np.int16)
    return tone


def silence(ms: int) -> PCM:
    return np.zeros(ms * SAMPLES_PER_MS, np.int16)


async def take(stream: STTStream, until: Callable[[Hypothesis], bool]) -> list[Hypothesis]:
    """Hypotheses up to the first one that `until` accepts; the reader is closed, not left to the collector."""
    heard: list[Hypothesis] = []
    async with aclosing(cast("AsyncGenerator[Hypothesis, None]", stream.hypotheses())) as hypotheses:
        async for hypothesis in hypotheses:
            heard.append(hypothesis)
            if until(hypothesis):
                break
    return heard


async def until_final(stream: STTStream) -> list[Hypothesis]:
    """Hypotheses up to the next final one."""
    return await take(stream, lambda hypothesis: hypothesis.final)


class CountingRecognizer:
    """A `Recognizer` that hears how many milliseconds it was given, and remembers each call."""

    def __init__(self, *, cost_ms: float = 100.0) -> None:
        self.overloaded = False
        self.calls: list[tuple[int, str, Urgency]] = []
        self._cost_ms = cost_ms

    def cost_ms(self, audio_ms: float) -> float:
        return self._cost_ms

    async def recognize(self, pcm: PCM, *, language: str, hints: tuple[str, ...], urgency: Urgency) -> Recognition:
        self.calls.append((len(pcm) // SAMPLES_PER_MS, language, urgency))
        return Recognition(text=f"{len(pcm) // SAMPLES_PER_MS} ms")


@dataclass
class FragileSTT:
    """An `STT` that answers after `delay_ms` with the speech it holds, until told to misbehave.

    `dies_after_ms`: raises once that much audio was pushed. `frozen`: takes everything and answers nothing.
    `refuses`: cannot be opened. `hangs`: opening never ends.
    """

    name: str = "fragile"
    delay_ms: float = 100.0
    dies_after_ms: int | None = None
    frozen: bool = False
    refuses: bool = False
    hangs: bool = False
    opened: int = 0
    closed: int = 0
    heard: dict[int, int] = field(default_factory=dict)
    pushed: dict[int, list[PCM]] = field(default_factory=dict)

    @property
    def capabilities(self) -> STTCapabilities:
        return STTCapabilities(
            name=self.name,
            languages=frozenset({"en"}),
            streaming=True,
            local=False,
            cost_ms=lambda _audio_ms: self.delay_ms,
        )

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncGenerator["FragileStream", None]:
        if self.hangs:
            await asyncio.Event().wait()
        if self.refuses:
            raise UpstreamFailed("provider_failed", "refused", provider=self.name, retryable=True)
        self.opened += 1
        try:
            yield FragileStream(self)
        finally:
            self.closed += 1


class FragileStream:
    def __init__(self, owner: FragileSTT) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._samples: dict[int, int] = {}
        self._total = 0
        self._starts: dict[int, int] = {}
        self._ready: asyncio.Queue[Hypothesis | UpstreamFailed] = asyncio.Queue()

    def begin(self, utterance_id: int, start_ms: int) -> None:
        self._samples[utterance_id], self._starts[utterance_id] = 0, start_ms

    def push(self, utterance_id: int, pcm: PCM) -> None:
        self._samples[utterance_id] += len(pcm)
        self._owner.pushed.setdefault(utterance_id, []).append(pcm)
        self._total += len(pcm)
        dies = self._owner.dies_after_ms
        if dies is not None and self._total >= dies * SAMPLES_PER_MS:
            self._ready.put_nowait(
                UpstreamFailed("provider_unreachable", "socket closed", provider=self._owner.name, retryable=True)
            )

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        if self._owner.frozen:
            return
        ms = self._samples[utterance_id] // SAMPLES_PER_MS
        self._owner.heard[utterance_id] = ms
        hypothesis = Hypothesis(
            utterance_id=utterance_id,
            text=f"{self._owner.name} heard {ms} ms",
            until_ms=self._starts[utterance_id] + ms,
            final=final,
        )
        self._loop.call_later(self._owner.delay_ms / 1000, self._ready.put_nowait, hypothesis)

    def drop(self, utterance_id: int) -> None:
        self._samples.pop(utterance_id, None)

    async def hypotheses(self) -> AsyncIterator[Hypothesis]:
        while True:
            item = await self._ready.get()
            if isinstance(item, UpstreamFailed):
                raise item
            yield item
