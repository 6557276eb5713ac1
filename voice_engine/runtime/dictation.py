"""What was said in a recording that nobody waits for: passage by passage, through the port of live recognition."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from voice_engine.audio.frames import PCM
from voice_engine.audio.passages import passages
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.stt import STT, Hypothesis, STTRequest, STTStream

PASSAGE_S: Final = 30.0
"""The longest that one passage may take to be understood."""


async def write_down(stt: STT, pcm: PCM, *, language: str, call_id: str) -> str | None:
    """The words of int16 mono 8 kHz, shape (n,); None: nobody speaks, or nothing was understood.

    Raises:
        UpstreamFailed: the recognizer's, or `stt_stalled`.
        QuotaExceeded: `stt_busy`.
    """
    loop = asyncio.get_running_loop()
    parts = await loop.run_in_executor(None, passages, pcm)
    if not parts:
        return None
    async with stt.open(STTRequest(call_id=call_id, language=language)) as stream:
        texts = await _texts(stream, parts)
    return " ".join(text for text in texts if text) or None


async def _texts(stream: STTStream, parts: list[PCM]) -> list[str]:
    hypotheses, texts, start_ms = stream.hypotheses(), list[str](), 0
    try:
        for number, part in enumerate(parts):
            stream.begin(number, start_ms)
            stream.push(number, part)
            stream.request(number, final=True, reason="final")
            start_ms += len(part) // 8
            texts.append(await _final(hypotheses, number))
    finally:
        if isinstance(hypotheses, AsyncGenerator):
            await hypotheses.aclose()
    return texts


async def _final(hypotheses: AsyncIterator[Hypothesis], number: int) -> str:
    try:
        async with asyncio.timeout(PASSAGE_S):
            async for hypothesis in hypotheses:
                if hypothesis.final and hypothesis.utterance_id == number:
                    return hypothesis.text.strip()
    except TimeoutError as error:
        raise UpstreamFailed(
            "stt_stalled", f"a passage was not understood within {PASSAGE_S:g} s", provider="stt", retryable=True
        ) from error
    raise UpstreamFailed("stt_closed", "the recognizer ended within a recording", provider="stt", retryable=True)
