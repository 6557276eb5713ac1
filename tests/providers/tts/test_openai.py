"""Streaming synthesis against a real server: the audio, and every way in which it can fail."""

import numpy as np
import pytest

from tests.fakes.openai_speech import KEY, TONE_HZ, FakeOpenAI, Mishap, running
from voice_engine.audio.frames import PCM
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.tts import SpeechRequest
from voice_engine.providers.speech import OpenAISpeechSettings
from voice_engine.providers.tts.openai import OpenAITTS

REQUEST = SpeechRequest(text="Your table is booked.", language="en", speed=0.9)


async def speak(fake: FakeOpenAI, *, key: str = KEY, request: SpeechRequest = REQUEST) -> list[PCM]:
    async with running(fake):
        settings = OpenAISpeechSettings(api_key=key, base_url=fake.base_url, timeout_s=0.4, stall_s=0.1)
        tts = OpenAITTS(settings)
        try:
            return [pcm async for pcm in tts.synthesize(request)]
        finally:
            await tts.aclose()


async def failure(fake: FakeOpenAI, *, key: str = KEY) -> UpstreamFailed:
    with pytest.raises(UpstreamFailed) as caught:
        await speak(fake, key=key)
    return caught.value


async def test_audio_arrives_in_pieces_at_8_khz_with_its_pitch() -> None:
    """A wrong rate or a lost byte would change length or pitch, or turn the tone into noise."""
    fake = FakeOpenAI(seconds=1.0)

    chunks = await speak(fake)

    pcm = np.concatenate(chunks)
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    assert len(chunks) > 5
    assert len(pcm) == pytest.approx(8000, abs=8)
    assert spectrum.argmax() * 8000 / len(pcm) == pytest.approx(TONE_HZ, abs=2)
    assert np.sqrt(np.mean(pcm[400:-400].astype(float) ** 2)) == pytest.approx(8000 / np.sqrt(2), rel=0.02)


async def test_request_names_model_voice_and_speed() -> None:
    fake = FakeOpenAI(seconds=0.1)

    await speak(fake)

    (body,) = fake.requests
    assert body == {
        "model": "gpt-4o-mini-tts",
        "voice": "alloy",
        "input": "Your table is booked.",
        "response_format": "pcm",
        "speed": 0.9,
    }


async def test_a_voice_of_another_provider_is_spoken_by_the_default_one() -> None:
    """The call's voice may be a local one when this provider takes over."""
    fake = FakeOpenAI(seconds=0.1)

    await speak(fake, request=SpeechRequest(text="Hi.", language="en", voice="heart"))

    assert fake.requests[0]["voice"] == "alloy"


async def test_a_character_is_played_by_the_nearest_voice() -> None:
    fake = FakeOpenAI(seconds=0.1)

    await speak(fake, request=SpeechRequest(text="Hola.", language="es", voice="james"))

    assert fake.requests[0]["voice"] == "onyx"


@pytest.mark.parametrize(
    ("mishap", "code", "retryable"),
    [
        (Mishap.REFUSE, "provider_refused", False),
        (Mishap.RATE_LIMIT, "provider_rate_limited", True),
        (Mishap.CRASH, "provider_failed", True),
        (Mishap.STALL, "provider_stalled", True),
        (Mishap.STALL_MIDWAY, "provider_stalled", True),
        (Mishap.CUT, "provider_unreachable", True),
        (Mishap.HALF_SAMPLE, "audio_truncated", True),
        (Mishap.EMPTY, "audio_truncated", True),
    ],
)
@pytest.mark.slow
async def test_failures_have_a_code_and_say_whether_to_retry(mishap: Mishap, code: str, *, retryable: bool) -> None:
    error = await failure(FakeOpenAI(mishap=mishap))

    assert (error.code, error.retryable, error.provider) == (code, retryable, "openai")


async def test_wrong_key_is_refused() -> None:
    assert (await failure(FakeOpenAI(), key="sk-wrong")).code == "provider_refused"


async def test_nobody_listening_is_unreachable() -> None:
    tts = OpenAITTS(OpenAISpeechSettings(base_url="http://127.0.0.1:1/v1", timeout_s=1))

    with pytest.raises(UpstreamFailed) as caught:
        await anext(tts.synthesize(REQUEST))

    await tts.aclose()
    assert caught.value.code == "provider_unreachable"


def test_missing_key_names_the_setting() -> None:
    with pytest.raises(InvalidInput, match="VOICE_ENGINE_OPENAI__API_KEY") as caught:
        OpenAITTS(OpenAISpeechSettings())

    assert caught.value.code == "provider_key_missing"
