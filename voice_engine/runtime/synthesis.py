"""Speech for one call: synthesis by clause, with the next reply's first clause warmed ahead of time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from voice_engine.audio.frames import PCM
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import CallSpec
from voice_engine.ports.tts import TTS, SpeechRequest


def voice_of(spec: CallSpec, tts: TTS) -> str | None:
    """The voice of a call, if this synthesizer has it; else its default: a wrong voice must not cost the call."""
    offered = {voice.id for voice in tts.capabilities.voices}
    return spec.voice if spec.voice in offered else None


class _Warm:
    """One speculative synthesis: its chunks so far and whether more will come."""

    def __init__(self, request: SpeechRequest) -> None:
        self.request = request
        self.chunks: list[PCM] = []
        self.done: bool = False
        self.failed: bool = False
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Synthesizer:
    """Streams clauses as PCM; a warmed clause continues from what is already synthesised.

    At most one clause is warm: the newest speculation replaces the one before.
    """

    def __init__(self, tts: TTS, tasks: asyncio.TaskGroup, *, first_chunk_ms: int) -> None:
        self._tts = tts
        self._tasks = tasks
        self._first_chunk_s = first_chunk_ms / 1000
        self._warm: _Warm | None = None

    def warm(self, request: SpeechRequest) -> None:
        """Start synthesising `request` in the background, unless it is the one already warm."""
        if self._warm is not None and self._warm.request == request:
            return
        self.drop_warm()
        self._warm = warm = _Warm(request)
        warm.task = self._tasks.create_task(self._fill(warm), name="tts-warm")

    def drop_warm(self) -> None:
        """Forget the speculation."""
        warm, self._warm = self._warm, None
        if warm is not None and warm.task is not None:
            warm.task.cancel()

    def stream(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """Int16 8 kHz PCM of one clause, for `aclosing`. Raises UpstreamFailed, also when a chunk is too late."""
        warm, self._warm = self._warm, None
        if warm is not None and warm.request == request and not warm.failed:
            return self._continued(warm)
        if warm is not None and warm.task is not None:
            warm.task.cancel()
        return self._bounded(request)

    async def _continued(self, warm: _Warm) -> AsyncGenerator[PCM, None]:
        """The warmed clause; from the start again when it failed before its first chunk."""
        async with aclosing(self._follow(warm)) as chunks:
            async for chunk in chunks:
                yield chunk
        if not warm.failed:
            return
        if warm.chunks:
            raise UpstreamFailed(
                "tts_failed", "the synthesizer broke off", provider=self._tts.capabilities.name, retryable=True
            )
        async with aclosing(self._bounded(warm.request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _follow(self, warm: _Warm) -> AsyncGenerator[PCM, None]:
        sent = 0
        try:
            while True:
                while sent < len(warm.chunks):
                    sent += 1
                    yield warm.chunks[sent - 1]
                if warm.done:
                    return
                warm.changed.clear()
                await warm.changed.wait()
        finally:
            if warm.task is not None and not warm.done:
                warm.task.cancel()

    async def _fill(self, warm: _Warm) -> None:
        try:
            async with aclosing(self._bounded(warm.request)) as chunks:
                async for chunk in chunks:
                    warm.chunks.append(chunk)
                    warm.changed.set()
        except UpstreamFailed:
            warm.failed = True
        finally:
            warm.done = True
            warm.changed.set()

    async def _bounded(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        async with aclosing(self._tts.synthesize(request)) as chunks:
            iterator = chunks.__aiter__()
            while True:
                try:
                    async with asyncio.timeout(self._first_chunk_s):
                        chunk = await anext(iterator)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    name = self._tts.capabilities.name
                    raise UpstreamFailed(
                        "tts_stalled", f"{name} gave no audio in time", provider=name, retryable=True
                    ) from error
                yield chunk
