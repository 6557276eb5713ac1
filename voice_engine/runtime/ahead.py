"""Openings spoken ahead: what a call says first is synthesized while its stream is still being set up.

Between a call's admission and its stream lie a few hundred milliseconds of the carrier's, in which a remote
synthesizer gets as far. What was spoken is kept, within bounds: the next caller of the same business gets it at
once.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing

from voice_engine.audio.frames import PCM
from voice_engine.core.dialogue.clauses import CutMode
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.ports.call import CallSpec
from voice_engine.ports.tts import TTS, SpeechRequest, TTSCapabilities
from voice_engine.runtime.steps import Clause, steps_of
from voice_engine.runtime.synthesis import voice_of

KEPT_BYTES = 8 << 20
"""About a hundred greetings of five seconds (16 kB a second)."""

LONGEST_S = 10.0
"""A synthesizer that needs longer for a sentence is asked again by the call itself."""


class _Spoken:
    """One clause: its audio so far, and whether more will come."""

    def __init__(self) -> None:
        self.chunks: list[PCM] = []
        self.done = False
        self.failed = False
        self.changed = asyncio.Event()

    @property
    def bytes(self) -> int:
        return sum(chunk.nbytes for chunk in self.chunks)


class AheadTTS:
    """A `TTS` around another that gives openings from memory, or follows their synthesis where it is under way."""

    def __init__(self, tts: TTS, *, cut: CutMode = "clause", kept_bytes: int = KEPT_BYTES) -> None:
        self._tts = tts
        self._cut: CutMode = cut
        self._kept_bytes = kept_bytes
        self._spoken: OrderedDict[SpeechRequest, _Spoken] = OrderedDict()

    @property
    def capabilities(self) -> TTSCapabilities:
        """The other's."""
        return self._tts.capabilities

    async def prepare(self, spec: CallSpec) -> None:
        """Synthesize what this call will say first. Fails silently: the call then speaks for itself."""
        for request in opening_of(spec, self._tts, self._cut):
            if request in self._spoken:
                self._spoken.move_to_end(request)
                continue
            self._spoken[request] = spoken = _Spoken()
            await self._fill(request, spoken)
        self._forget()

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """As the other's; what was heard before a prepared clause broke off is not asked for again."""
        spoken = self._spoken.get(request)
        sent = 0
        while spoken is not None:
            while sent < len(spoken.chunks):
                sent += 1
                yield spoken.chunks[sent - 1]
            if spoken.done:
                return
            if spoken.failed:
                break
            spoken.changed.clear()
            await spoken.changed.wait()
        if sent:
            raise UpstreamFailed(
                "tts_failed", "the synthesizer broke off", provider=self._tts.capabilities.name, retryable=True
            )
        async with aclosing(self._tts.synthesize(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _fill(self, request: SpeechRequest, spoken: _Spoken) -> None:
        try:
            async with asyncio.timeout(LONGEST_S), aclosing(self._tts.synthesize(request)) as chunks:
                async for chunk in chunks:
                    spoken.chunks.append(chunk)
                    spoken.changed.set()
            spoken.done = True
        except (UpstreamFailed, QuotaExceeded, InvalidInput, TimeoutError):
            pass
        finally:
            if not spoken.done:
                spoken.failed = True
                self._spoken.pop(request, None)
            spoken.changed.set()

    def _forget(self) -> None:
        """The least recently expected first; what is under way stays."""
        bytes_ = sum(spoken.bytes for spoken in self._spoken.values())
        for request in [request for request, spoken in self._spoken.items() if spoken.done]:
            if bytes_ <= self._kept_bytes:
                return
            bytes_ -= self._spoken.pop(request).bytes


def opening_of(spec: CallSpec, tts: TTS, cut: CutMode) -> list[SpeechRequest]:
    """What an inbound call asks of its synthesizer when it begins, clause by clause; empty when the caller begins.

    The dialogue is a function of the call alone: these are the words that the session itself will come to.
    """
    if spec.direction != "inbound" or spec.language not in tts.capabilities.languages():
        return []
    actions = Conversation(spec).open(0.0)
    return [
        SpeechRequest(text=step.text, language=spec.language, voice=voice_of(spec, tts))
        for step in steps_of(actions, cut)
        if isinstance(step, Clause)
    ]
