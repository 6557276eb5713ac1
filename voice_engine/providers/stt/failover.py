"""Mid-call failover of recognizers: one that dies or stalls is replaced, and the next hears the utterance again.

A stream's recognizers are opened one after the other by one task beside the call. What the call has pushed of its
open utterances is kept, bounded, and replayed to whoever comes next together with the unanswered requests.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.ports.stt import STT, Hypothesis, RequestReason, STTCapabilities, STTRequest, STTStream
from voice_engine.providers.background import beside
from voice_engine.providers.breaker import Breaker, by_health
from voice_engine.providers.speech import FailoverSettings


@dataclass(slots=True)
class _Utterance:
    """The end of one utterance, for replay, and what is asked of it. `due_s`: when its answer is overdue."""

    start_ms: float
    chunks: deque[PCM] = field(default_factory=deque)
    samples: int = 0
    asked: RequestReason | None = None
    due_s: float | None = None

    def append(self, pcm: PCM, *, limit: int) -> None:
        self.chunks.append(pcm)
        self.samples += len(pcm)
        while self.samples > limit:
            gone = self.chunks.popleft()
            self.samples -= len(gone)
            self.start_ms += len(gone) / SAMPLES_PER_MS


class FailoverStream:
    """One call's stream over several recognizers; see `STTStream`. `switches` counts the replacements."""

    def __init__(self, settings: FailoverSettings) -> None:
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._utterances: dict[int, _Utterance] = {}
        self._inner: STTStream | None = None
        self._watchdog: asyncio.Timeout | None = None
        self._ready: asyncio.Queue[Hypothesis | UpstreamFailed | None] = asyncio.Queue()
        self.switches = 0

    def begin(self, utterance_id: int, start_ms: int) -> None:
        """A new utterance starts at media time `start_ms`."""
        self._utterances[utterance_id] = _Utterance(start_ms)
        if self._inner is not None:
            self._inner.begin(utterance_id, start_ms)

    def push(self, utterance_id: int, pcm: PCM) -> None:
        """Append audio: int16 mono 8 kHz, shape (n,)."""
        utterance = self._utterances.get(utterance_id)
        if utterance is None:
            return
        utterance.append(pcm, limit=self._settings.replay_ms * SAMPLES_PER_MS)
        if self._inner is not None:
            self._inner.push(utterance_id, pcm)

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        """Ask for a hypothesis; whoever recognizes then must answer before the watchdog's deadline."""
        utterance = self._utterances.get(utterance_id)
        if utterance is None:
            return
        reason = "final" if final else reason
        if reason != "interim" and utterance.asked != "final":
            utterance.asked = reason
            if utterance.due_s is None or final:
                utterance.due_s = self._loop.time() + self._settings.stt_stall_ms / 1000.0
        if self._inner is not None:
            self._inner.request(utterance_id, final=final, reason=reason)
        self._rearm()

    def drop(self, utterance_id: int) -> None:
        """Forget an utterance."""
        if self._utterances.pop(utterance_id, None) is not None and self._inner is not None:
            self._inner.drop(utterance_id)
        self._rearm()

    async def hypotheses(self) -> AsyncIterator[Hypothesis]:
        """Every hypothesis in order. Raises UpstreamFailed when the last recognizer has failed too."""
        while (item := await self._ready.get()) is not None:
            if isinstance(item, UpstreamFailed):
                raise item
            yield item

    def close(self) -> None:
        """End `hypotheses`."""
        self._ready.put_nowait(None)

    def fail(self, error: UpstreamFailed) -> None:
        """No recognizer is left: `hypotheses` raises `error`."""
        self._ready.put_nowait(error)

    async def listen(self, inner: STTStream, breaker: Breaker) -> None:
        """Replay to `inner`, then pass on its hypotheses. Raises TimeoutError when it stalls, or its own error."""
        self._inner = inner
        try:
            self._replay(inner)
            async with asyncio.timeout(None) as self._watchdog:
                self._rearm()
                async for hypothesis in inner.hypotheses():
                    breaker.note_success()
                    self._deliver(hypothesis)
        finally:
            self._inner = self._watchdog = None

    def _replay(self, inner: STTStream) -> None:
        for utterance_id, utterance in self._utterances.items():
            inner.begin(utterance_id, round(utterance.start_ms))
            for chunk in utterance.chunks:
                inner.push(utterance_id, chunk)
            if utterance.asked is not None:
                utterance.due_s = self._loop.time() + self._settings.stt_stall_ms / 1000.0
                inner.request(utterance_id, final=utterance.asked == "final", reason=utterance.asked)

    def _deliver(self, hypothesis: Hypothesis) -> None:
        utterance = self._utterances.get(hypothesis.utterance_id)
        if utterance is None:
            return
        if hypothesis.final:
            del self._utterances[hypothesis.utterance_id]
        elif utterance.asked != "final":
            utterance.asked = utterance.due_s = None
        self._rearm()
        self._ready.put_nowait(hypothesis)

    def _rearm(self) -> None:
        if self._watchdog is None or self._watchdog.expired():
            return
        due = [utterance.due_s for utterance in self._utterances.values() if utterance.due_s is not None]
        self._watchdog.reschedule(min(due, default=None))


class FailoverSTT:
    """An `STT` over several, in order of preference. Breakers are shared by all calls of this object."""

    def __init__(self, providers: Sequence[STT], settings: FailoverSettings | None = None) -> None:
        assert providers
        self._providers = tuple(providers)
        self._settings = settings or FailoverSettings()
        self._breakers = [
            Breaker(failures=self._settings.failures, cooldown_s=self._settings.cooldown_s) for _ in providers
        ]
        records = [provider.capabilities for provider in providers]
        self._capabilities = STTCapabilities(
            name="+".join(record.name for record in records),
            languages=frozenset().union(*(record.languages for record in records)),
            streaming=records[0].streaming,
            local=all(record.local for record in records),
            cost_ms=records[0].cost_ms,
        )

    @property
    def capabilities(self) -> STTCapabilities:
        """The languages of all; streaming and cost as the first one's."""
        return self._capabilities

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncGenerator[FailoverStream, None]:
        """Open a call's stream; returns before a recognizer is reached, what is pushed meanwhile is replayed.

        Raises:
            InvalidInput: `language_unsupported`, when no provider recognizes the language.
        """
        if request.language not in self._capabilities.languages:
            raise InvalidInput(
                "language_unsupported", f"{self._capabilities.name} does not recognize {request.language!r}."
            )
        stream = FailoverStream(self._settings)
        async with beside(self._serve(stream, request)):
            try:
                yield stream
            finally:
                stream.close()

    async def _serve(self, stream: FailoverStream, request: STTRequest) -> None:
        """Open recognizers until each has failed once since the last that answered; cancelled at the call's end."""
        loop = asyncio.get_running_loop()
        tried: set[int] = set()
        while True:
            usable = [
                index
                for index in by_health(self._breakers, loop.time())
                if index not in tried and request.language in self._providers[index].capabilities.languages
            ]
            if not usable:
                stream.fail(_exhausted(self._capabilities.name))
                return
            index = usable[0]
            opened_s = loop.time()
            if await self._failed(index, stream, request):
                self._breakers[index].note_failure(loop.time())
            stream.switches += 1
            if loop.time() - opened_s > self._settings.cooldown_s:
                # It served for long: whoever failed before it may be back.
                tried.clear()
            tried.add(index)

    async def _failed(self, index: int, stream: FailoverStream, request: STTRequest) -> bool:
        """Listen through one recognizer for as long as it works; False when it was merely full."""
        limit_s = self._settings.stt_stall_ms / 1000.0
        try:
            async with asyncio.timeout(limit_s) as opening, self._providers[index].open(request) as inner:
                opening.reschedule(None)
                await stream.listen(inner, self._breakers[index])
        except QuotaExceeded:
            return False
        except (UpstreamFailed, InvalidInput, TimeoutError):
            return True
        return True


def _exhausted(name: str) -> UpstreamFailed:
    return UpstreamFailed("stt_failed", "Every speech recognizer has failed.", provider=name, retryable=True)
