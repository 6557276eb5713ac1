"""Recognition of whole chunks over `audio.transcriptions` of the OpenAI API."""

import asyncio
import io
import wave

import openai

from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.providers.openai_client import PROVIDER, make_client, upstream_errors
from voice_engine.providers.speech import OpenAISpeechSettings, SpeechContext
from voice_engine.providers.speech_pool import Urgency
from voice_engine.providers.stt.chunked import ChunkedSTT
from voice_engine.providers.stt.recognizers import NOTHING_HEARD, Recognition

_MIN_MS = 100
"""The API refuses shorter files."""


class OpenAIRecognizer:
    """A `Recognizer` that sends each chunk as a WAV file."""

    overloaded = False

    def __init__(self, settings: OpenAISpeechSettings, client: openai.AsyncOpenAI | None = None) -> None:
        self._settings = settings
        self._client = client or make_client(settings)

    def cost_ms(self, audio_ms: float) -> float:
        """400 ms and a twentieth of the audio: round figures for planning (not measured here)."""
        return 400.0 + audio_ms / 20.0

    async def recognize(self, pcm: PCM, *, language: str, hints: tuple[str, ...], urgency: Urgency) -> Recognition:
        """The text of int16 mono 8 kHz speech, shape (n,). Raises UpstreamFailed."""
        if len(pcm) < _MIN_MS * RATE_HZ // 1000:
            return NOTHING_HEARD
        with upstream_errors():
            async with asyncio.timeout(self._settings.timeout_s):
                answer = await self._client.audio.transcriptions.create(
                    model=self._settings.stt_model,
                    file=("speech.wav", _wav(pcm), "audio/wav"),
                    language=language,
                    prompt=", ".join(hints) if hints else openai.omit,
                    response_format="json",
                )
        return Recognition(text=answer.text.strip())

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.close()


def _wav(pcm: PCM) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(pcm.tobytes())
    return content.getvalue()


def create(context: SpeechContext) -> ChunkedSTT:
    """Entry point `openai`. Raises InvalidInput (`provider_key_missing`)."""
    settings = context.settings.openai
    recognizer = OpenAIRecognizer(settings)
    context.on_close(recognizer.aclose)
    return ChunkedSTT(
        f"{PROVIDER}/{settings.stt_model}", {"en": recognizer, "es": recognizer}, local=False, pool=None
    )
