"""A recognizer's place when there is none: the call goes on just long enough to say so."""

import asyncio
from collections.abc import AsyncIterator

from voice_engine.audio.frames import PCM
from voice_engine.ports.stt import Hypothesis, RequestReason


class DeafStream:
    """An `STTStream` that hears nothing and never answers."""

    def begin(self, utterance_id: int, start_ms: int) -> None:
        """Nobody listens."""

    def push(self, utterance_id: int, pcm: PCM) -> None:
        """Nobody listens."""

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        """Nobody answers; the turn machine's own time-out ends such a turn."""

    def drop(self, utterance_id: int) -> None:
        """There is nothing to forget."""

    def hypotheses(self) -> AsyncIterator[Hypothesis]:
        """None, until cancelled."""
        return _Nothing()


class _Nothing:
    def __aiter__(self) -> AsyncIterator[Hypothesis]:
        return self

    async def __anext__(self) -> Hypothesis:
        await asyncio.Event().wait()
        raise StopAsyncIteration
