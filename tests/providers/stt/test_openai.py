"""File transcription against a real server."""

import pytest

from tests.fakes.openai_speech import KEY, FakeOpenAI, Mishap, running
from tests.fakes.stt import speech
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.providers.speech import OpenAISpeechSettings, SpeechContext, SpeechSettings
from voice_engine.providers.speech_pool import Urgency
from voice_engine.providers.stt.openai import OpenAIRecognizer, create


async def recognize(fake: FakeOpenAI, *, ms: int = 500, hints: tuple[str, ...] = ()) -> str:
    async with running(fake):
        recognizer = OpenAIRecognizer(OpenAISpeechSettings(api_key=KEY, base_url=fake.base_url, timeout_s=0.3))
        try:
            heard = await recognizer.recognize(speech(ms), language="es", hints=hints, urgency=Urgency.FINAL)
            return heard.text
        finally:
            await recognizer.aclose()


async def test_the_whole_chunk_is_sent_as_8_khz_wav_with_its_language() -> None:
    assert await recognize(FakeOpenAI(), ms=1234) == "heard 1234 ms of es"


async def test_hints_become_the_prompt() -> None:
    fake = FakeOpenAI()

    await recognize(fake, hints=("Nobu", "John Smith"))

    assert fake.requests[0]["prompt"] == "Nobu, John Smith"
    assert fake.requests[0]["model"] == "gpt-transcribe"


async def test_less_than_the_api_takes_is_not_sent() -> None:
    fake = FakeOpenAI()

    assert await recognize(fake, ms=90) == ""
    assert fake.requests == []


@pytest.mark.parametrize(
    ("mishap", "code"),
    [
        (Mishap.REFUSE, "provider_refused"),
        (Mishap.RATE_LIMIT, "provider_rate_limited"),
        (Mishap.CRASH, "provider_failed"),
        (Mishap.STALL, "provider_stalled"),
    ],
)
@pytest.mark.slow
async def test_failures_have_a_code(mishap: Mishap, code: str) -> None:
    with pytest.raises(UpstreamFailed) as caught:
        await recognize(FakeOpenAI(mishap=mishap))

    assert caught.value.code == code


async def test_missing_key_names_the_setting() -> None:
    with pytest.raises(InvalidInput) as caught:
        create(SpeechContext(SpeechSettings()))

    assert caught.value.code == "provider_key_missing"
