"""Warm clauses are used, stale ones are dropped, silence of a synthesizer is a failure."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import pytest

from voice_engine.audio.frames import PCM
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.tts import SpeechRequest, TTSCapabilities
from voice_engine.runtime.synthesis import Synthesizer

HELLO = SpeechRequest(text="hello", language="en")
BYE = SpeechRequest(text="bye", language="en")


class SlowTTS:
    """100 ms to each of two chunks; counts requests and remembers those that were closed early."""

    def __init__(self, *, fail_after: int | None = None, first_ms: float = 100) -> None:
        self.capabilities = TTSCapabilities(
            name="slow", voices=(), streaming=True, local=True, cost_ms=lambda text: first_ms
        )
        self.requested: list[str] = []
        self.cancelled: list[str] = []
        self._fail_after = fail_after
        self._first_ms = first_ms

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        self.requested.append(request.text)
        try:
            for index in range(2):
                await asyncio.sleep(self._first_ms / 1000)
                if self._fail_after == index:
                    raise UpstreamFailed("tts_failed", "broken", provider="slow", retryable=True)
                yield np.full(80, index, np.int16)
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.append(request.text)
            raise


async def _collect(speech: Synthesizer, request: SpeechRequest) -> list[float]:
    loop = asyncio.get_running_loop()
    return [loop.time() async for _ in speech.stream(request)]


def test_a_warm_clause_is_ready_at_once_and_asked_for_once() -> None:
    async def main() -> None:
        tts = SlowTTS()
        async with asyncio.TaskGroup() as tasks:
            speech = Synthesizer(tts, tasks, first_chunk_ms=1000)
            speech.warm(HELLO)
            await asyncio.sleep(0.5)
            assert await _collect(speech, HELLO) == [0.5, 0.5]
        assert tts.requested == ["hello"]

    run_virtual(main())


def test_a_half_warm_clause_continues() -> None:
    async def main() -> None:
        tts = SlowTTS()
        async with asyncio.TaskGroup() as tasks:
            speech = Synthesizer(tts, tasks, first_chunk_ms=1000)
            speech.warm(HELLO)
            await asyncio.sleep(0.15)
            assert await _collect(speech, HELLO) == pytest.approx([0.15, 0.2])
        assert tts.requested == ["hello"]

    run_virtual(main())


def test_a_wrong_guess_is_cancelled_and_costs_nothing_more() -> None:
    async def main() -> None:
        tts = SlowTTS()
        async with asyncio.TaskGroup() as tasks:
            speech = Synthesizer(tts, tasks, first_chunk_ms=1000)
            speech.warm(HELLO)
            await asyncio.sleep(0.05)
            assert await _collect(speech, BYE) == pytest.approx([0.15, 0.25])
        assert tts.cancelled == ["hello"]

    run_virtual(main())


def test_a_failed_guess_is_asked_for_again() -> None:
    async def main() -> None:
        tts = SlowTTS(fail_after=0)
        async with asyncio.TaskGroup() as tasks:
            speech = Synthesizer(tts, tasks, first_chunk_ms=1000)
            speech.warm(HELLO)
            await asyncio.sleep(0.2)
            with pytest.raises(UpstreamFailed):
                await _collect(speech, HELLO)
        assert tts.requested == ["hello", "hello"]

    run_virtual(main())


def test_no_first_chunk_in_time_is_a_stall() -> None:
    async def main() -> None:
        tts = SlowTTS(first_ms=5_000)
        async with asyncio.TaskGroup() as tasks:
            speech = Synthesizer(tts, tasks, first_chunk_ms=1000)
            with pytest.raises(UpstreamFailed) as failure:
                await _collect(speech, HELLO)
        assert failure.value.code == "tts_stalled"

    run_virtual(main())
