"""A streaming recognizer made of one that decodes whole chunks: each request decodes the utterance so far.

The consumer of `hypotheses` drives the decoding, so an open stream owns no task. What has been decoded is
not decoded again: a final request after a pause that added only silence is answered from the pause's text.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import numpy as np

from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.clock import is_virtual
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.ports.stt import Hypothesis, RequestReason, STTCapabilities, STTRequest
from voice_engine.providers.speech_pool import SpeechPool, Urgency
from voice_engine.providers.stt.recognizers import NOTHING_HEARD, Recognition, Recognizer
from voice_engine.providers.stt.silence import speech_span

_MAX_PENDING = 8
"""Requests that may wait in one stream; beyond, the oldest interim one goes."""

_MAX_UTTERANCE_MS = 60_000
"""Of a longer utterance only the end is decoded: turn-taking interrupts the speaker long before."""

_URGENCY: Mapping[RequestReason, Urgency] = {
    "pause": Urgency.PAUSE,
    "barge_in": Urgency.PAUSE,
    "interim": Urgency.INTERIM,
    "final": Urgency.FINAL,
}


@dataclass(slots=True)
class _Utterance:
    start_ms: int
    chunks: list[PCM] = field(default_factory=list)
    samples: int = 0
    decoded_span: tuple[int, int] = (0, 0)
    decoded: Recognition = NOTHING_HEARD

    def audio(self, until: int) -> PCM:
        """The samples pushed before `until`, at most the last `_MAX_UTTERANCE_MS`."""
        if len(self.chunks) != 1:
            self.chunks = [np.concatenate(self.chunks)] if self.chunks else [np.zeros(0, np.int16)]
        return self.chunks[0][max(0, until - _MAX_UTTERANCE_MS * SAMPLES_PER_MS) : until]


@dataclass(slots=True, kw_only=True)
class _Pending:
    utterance_id: int
    until: int
    urgency: Urgency
    final: bool


class ChunkedStream:
    """One call's stream over a `Recognizer`; see `STTStream`."""

    def __init__(self, name: str, recognizer: Recognizer, request: STTRequest) -> None:
        self._name = name
        self._recognizer = recognizer
        self._request = request
        self._utterances: dict[int, _Utterance] = {}
        self._pending: list[_Pending] = []
        self._wake = asyncio.Event()
        self._closed = False
        self.shed = 0

    def begin(self, utterance_id: int, start_ms: int) -> None:
        """A new utterance starts at media time `start_ms`."""
        self._utterances[utterance_id] = _Utterance(start_ms)

    def push(self, utterance_id: int, pcm: PCM) -> None:
        """Append audio: int16 mono 8 kHz, shape (n,)."""
        utterance = self._utterances.get(utterance_id)
        if utterance is not None:
            utterance.chunks.append(pcm)
            utterance.samples += len(pcm)

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        """Ask for a hypothesis over all audio so far; a newer request takes the place of a waiting one."""
        utterance = self._utterances.get(utterance_id)
        if utterance is None:
            return
        urgency = Urgency.FINAL if final else _URGENCY[reason]
        for waiting in self._pending:
            if waiting.utterance_id == utterance_id:
                waiting.until = utterance.samples
                waiting.urgency = min(waiting.urgency, urgency)
                waiting.final = waiting.final or final
                break
        else:
            self._pending.append(
                _Pending(utterance_id=utterance_id, until=utterance.samples, urgency=urgency, final=final)
            )
            self._shed_overflow()
        self._wake.set()

    def drop(self, utterance_id: int) -> None:
        """Forget an utterance; late hypotheses of it are not delivered."""
        self._utterances.pop(utterance_id, None)
        self._pending = [pending for pending in self._pending if pending.utterance_id != utterance_id]

    def close(self) -> None:
        """End `hypotheses` after what it is decoding now."""
        self._closed = True
        self._wake.set()

    async def hypotheses(self) -> AsyncIterator[Hypothesis]:
        """Decode as requested, the most urgent first, until the stream is closed. One consumer only."""
        while not self._closed:
            if not self._pending:
                self._wake.clear()
                await self._wake.wait()
                continue
            pending = min(self._pending, key=lambda waiting: waiting.urgency)
            self._pending.remove(pending)
            if pending.urgency is Urgency.INTERIM and self._recognizer.overloaded and not is_virtual():
                self.shed += 1
                continue
            hypothesis = await self._decode(pending)
            if hypothesis is not None and not self._closed:
                yield hypothesis

    async def _decode(self, pending: _Pending) -> Hypothesis | None:
        utterance = self._utterances[pending.utterance_id]
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        try:
            heard = await self._recognized(utterance, pending)
        except QuotaExceeded as error:
            if pending.final:
                raise UpstreamFailed(error.code, error.message, provider=self._name, retryable=True) from error
            self.shed += 1
            return None
        if self._utterances.get(pending.utterance_id) is not utterance:
            return None
        if pending.final:
            self.drop(pending.utterance_id)
        return Hypothesis(
            utterance_id=pending.utterance_id,
            text=heard.text,
            until_ms=utterance.start_ms + pending.until // SAMPLES_PER_MS,
            final=pending.final,
            sureness=heard.sureness,
            alternatives=heard.alternatives,
            compute_ms=(loop.time() - started_s) * 1000.0,
        )

    async def _recognized(self, utterance: _Utterance, pending: _Pending) -> Recognition:
        audio = utterance.audio(pending.until)
        start, stop = speech_span(audio)
        offset = pending.until - len(audio)
        span = (offset + start, offset + stop)
        if start == stop:
            return NOTHING_HEARD
        if span == utterance.decoded_span:
            return utterance.decoded
        heard = await self._recognizer.recognize(
            audio[start:stop], language=self._request.language, hints=self._request.hints, urgency=pending.urgency
        )
        if is_virtual():
            await asyncio.sleep(self._recognizer.cost_ms((stop - start) / SAMPLES_PER_MS) / 1000.0)
        utterance.decoded_span, utterance.decoded = span, heard
        return heard

    def _shed_overflow(self) -> None:
        if len(self._pending) <= _MAX_PENDING:
            return
        for waiting in self._pending:
            if not waiting.final:
                self._pending.remove(waiting)
                self.shed += 1
                return


class ChunkedSTT:
    """An `STT` over one chunk recognizer a language.

    `pool`, when given, admits calls: `open` raises QuotaExceeded (`stt_busy`) at its limit.
    """

    def __init__(
        self, name: str, recognizers: Mapping[str, Recognizer], *, local: bool, pool: SpeechPool | None = None
    ) -> None:
        self._recognizers = dict(recognizers)
        self._pool = pool
        self._capabilities = STTCapabilities(
            name=name,
            languages=frozenset(recognizers),
            streaming=False,
            local=local,
            cost_ms=self._dearest_cost_ms,
        )

    @property
    def capabilities(self) -> STTCapabilities:
        """Its languages; `cost_ms` is that of the slowest one."""
        return self._capabilities

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncGenerator[ChunkedStream, None]:
        """Open a call's stream.

        Raises:
            InvalidInput: `language_unsupported`.
            QuotaExceeded: `stt_busy`, when admission refuses.
        """
        recognizer = self._recognizers.get(request.language)
        if recognizer is None:
            known = ", ".join(sorted(self._recognizers))
            raise InvalidInput(
                "language_unsupported",
                f"{self._capabilities.name} recognizes {known}, not {request.language!r}.",
            )
        admission: AbstractContextManager[None] = self._pool.admit() if self._pool is not None else nullcontext()
        with admission:
            stream = ChunkedStream(self._capabilities.name, recognizer, request)
            try:
                yield stream
            finally:
                stream.close()

    def _dearest_cost_ms(self, audio_ms: float) -> float:
        return max(recognizer.cost_ms(audio_ms) for recognizer in self._recognizers.values())
