"""Realtime transcription against a real websocket server."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.openai_speech import KEY, FakeOpenAI, Mishap, running
from tests.fakes.stt import silence, speech, take
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.stt import Hypothesis, STTRequest
from voice_engine.providers.speech import OpenAISpeechSettings
from voice_engine.providers.stt.openai_realtime import OpenAIRealtimeStream, OpenAIRealtimeSTT

REQUEST = STTRequest(call_id="c1", language="es", hints=("Nobu",))


async def hear(
    fake: FakeOpenAI, script: Callable[[OpenAIRealtimeStream], Any], *, key: str = KEY
) -> list[Hypothesis]:
    """Run `script` on an open stream; the hypotheses up to the final one."""
    heard: list[Hypothesis] = []
    async with running(fake):
        stt = OpenAIRealtimeSTT(OpenAISpeechSettings(api_key=key, base_url=fake.base_url, timeout_s=2))
        try:
            async with asyncio.timeout(3), stt.open(REQUEST) as stream:
                waiting = script(stream)

                def seen(hypothesis: Hypothesis) -> bool:
                    heard.append(hypothesis)
                    if waiting is not None:
                        waiting(hypothesis)
                    return hypothesis.final

                await take(stream, seen)
        finally:
            await stt.aclose()
    return heard


def one_utterance(stream: OpenAIRealtimeStream) -> None:
    stream.begin(1, 1000)
    for _ in range(30):
        stream.push(1, speech(20))
    stream.request(1, final=True)


async def test_deltas_grow_into_the_final_text() -> None:
    heard = await hear(FakeOpenAI(), one_utterance)

    assert [(each.text, each.final) for each in heard] == [
        ("heard", False),
        ("heard 600", False),
        ("heard 600 ms", True),
    ]
    assert heard[-1].until_ms == 1600


async def test_session_asks_for_mulaw_without_turn_detection() -> None:
    """The engine's VAD decides about turns; audio goes out as the telephone delivers it."""
    fake = FakeOpenAI()

    await hear(fake, one_utterance)

    (session,) = fake.sessions
    assert session["type"] == "transcription"
    assert session["audio"]["input"] == {
        "format": {"type": "audio/pcmu"},
        "transcription": {"model": "gpt-live-transcribe", "language": "es", "prompt": "Nobu"},
        "turn_detection": None,
    }


async def test_an_utterance_is_the_sequence_of_its_committed_pieces() -> None:
    def script(stream: OpenAIRealtimeStream) -> Callable[[Hypothesis], None]:
        stream.begin(1, 0)
        stream.push(1, speech(400))
        stream.request(1, final=False, reason="pause")

        def go_on(hypothesis: Hypothesis) -> None:
            if hypothesis.text == "heard 400 ms":
                stream.push(1, speech(300))
                stream.request(1, final=True)

        return go_on

    heard = await hear(FakeOpenAI(), script)

    assert heard[-1].text == "heard 400 ms heard 300 ms"


async def test_silence_after_a_pause_is_not_transcribed_by_itself() -> None:
    """Alone it would become invented words: the text of the pause is final."""
    fake = FakeOpenAI()

    def script(stream: OpenAIRealtimeStream) -> Callable[[Hypothesis], None]:
        stream.begin(1, 0)
        stream.push(1, speech(400))
        stream.request(1, final=False, reason="pause")

        def finish(hypothesis: Hypothesis) -> None:
            if hypothesis.text == "heard 400 ms" and not hypothesis.final:
                stream.push(1, silence(300))
                stream.request(1, final=True)

        return finish

    heard = await hear(fake, script)

    assert (heard[-1].text, heard[-1].final) == ("heard 400 ms", True)
    assert fake.events.count("input_audio_buffer.commit") == 1


async def test_a_short_word_is_padded_to_what_the_api_commits() -> None:
    def script(stream: OpenAIRealtimeStream) -> None:
        stream.begin(1, 0)
        stream.push(1, speech(60))
        stream.request(1, final=True)

    heard = await hear(FakeOpenAI(), script)

    assert heard[-1].text == "heard 100 ms"


async def test_audio_of_a_dropped_utterance_is_cleared() -> None:
    """Otherwise a cough would be transcribed at the head of the next utterance."""

    def script(stream: OpenAIRealtimeStream) -> None:
        stream.begin(1, 0)
        stream.push(1, speech(300))
        stream.drop(1)
        stream.begin(2, 500)
        stream.push(2, speech(200))
        stream.request(2, final=True)

    heard = await hear(FakeOpenAI(), script)

    assert [(each.utterance_id, each.text) for each in heard][-1] == (2, "heard 200 ms")


@pytest.mark.parametrize(
    ("mishap", "code"),
    [
        (Mishap.REFUSE, "provider_refused"),
        (Mishap.RATE_LIMIT, "provider_rate_limited"),
        (Mishap.CRASH, "provider_failed"),
        (Mishap.CUT, "provider_unreachable"),
        (Mishap.REPORT_FAILURE, "provider_failed"),
    ],
)
async def test_failures_have_a_code(mishap: Mishap, code: str) -> None:
    with pytest.raises(UpstreamFailed) as caught:
        await hear(FakeOpenAI(mishap=mishap), one_utterance)

    assert caught.value.code == code


async def test_a_language_not_offered_is_refused() -> None:
    stt = OpenAIRealtimeSTT(OpenAISpeechSettings(api_key=KEY))

    with pytest.raises(InvalidInput) as caught:
        async with stt.open(STTRequest(call_id="c1", language="xx")):
            pass

    await stt.aclose()
    assert caught.value.code == "language_unsupported"
