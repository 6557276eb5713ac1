"""What callers of other engines suffer when a speech provider dies in the middle of a call."""

import asyncio

from tests.fakes.stt import FragileSTT, speech, until_final
from tests.fakes.tts import FragileTTS
from voice_engine.clock import run_virtual
from voice_engine.ports.stt import STT, Hypothesis, STTRequest
from voice_engine.ports.tts import SpeechRequest
from voice_engine.providers.speech import FailoverSettings
from voice_engine.providers.stt.failover import FailoverSTT
from voice_engine.providers.tts.failover import FailoverTTS

REQUEST = STTRequest(call_id="c1", language="en")
MAX_GAP_S = 1.5


async def say(stt: STT, *, ms: int) -> tuple[Hypothesis, float]:
    """One utterance pushed in real-time frames; its final hypothesis, and how long after the request it came."""
    loop = asyncio.get_running_loop()
    async with stt.open(REQUEST) as stream:
        stream.begin(1, 0)
        for _ in range(ms // 20):
            stream.push(1, speech(20))
            await asyncio.sleep(0.02)
        stream.request(1, final=True)
        asked_s = loop.time()
        *_, hypothesis = await until_final(stream)
        return hypothesis, loop.time() - asked_s


def test_pain_20_recognizer_dies_mid_utterance() -> None:
    """Its socket closes after 1 s of a 2 s utterance: all of the utterance is transcribed by the next."""
    primary, spare = FragileSTT(name="primary", dies_after_ms=1000), FragileSTT(name="spare")

    hypothesis, gap_s = run_virtual(say(FailoverSTT([primary, spare]), ms=2000))

    assert hypothesis.text == "spare heard 2000 ms"
    assert gap_s < MAX_GAP_S


def test_pain_20_recognizer_freezes_mid_utterance() -> None:
    """It takes audio and answers nothing: the watchdog replaces it, nothing of the utterance is lost."""
    primary, spare = FragileSTT(name="primary", frozen=True), FragileSTT(name="spare", delay_ms=400)

    hypothesis, gap_s = run_virtual(say(FailoverSTT([primary, spare]), ms=3000))

    assert hypothesis.text == "spare heard 3000 ms"
    assert gap_s < MAX_GAP_S


def test_pain_20_next_call_starts_on_the_healthy_recognizer() -> None:
    """Only the first call pays for the failure; the breaker closes again after its cooldown."""
    primary, spare = FragileSTT(name="primary", frozen=True), FragileSTT(name="spare")
    stt = FailoverSTT([primary, spare], FailoverSettings(cooldown_s=30))

    async def three_calls() -> list[tuple[str, float]]:
        calls = [await say(stt, ms=500), await say(stt, ms=500)]
        primary.frozen = False
        await asyncio.sleep(31)
        calls.append(await say(stt, ms=500))
        return [(hypothesis.text.split()[0], round(gap_s, 3)) for hypothesis, gap_s in calls]

    assert run_virtual(three_calls()) == [("spare", 1.1), ("spare", 0.1), ("primary", 0.1)]


async def speak(tts: FailoverTTS, text: str) -> tuple[float, float]:
    """Longest gap in seconds before any chunk, and seconds of audio."""
    loop = asyncio.get_running_loop()
    longest, before, samples = 0.0, loop.time(), 0
    async for pcm in tts.synthesize(SpeechRequest(text=text, language="en")):
        longest = max(longest, loop.time() - before)
        before = loop.time()
        samples += len(pcm)
    return longest, samples / 8000


def test_pain_20_synthesizer_freezes_before_it_speaks() -> None:
    """The same clause is spoken from its start by the next."""
    primary, spare = FragileTTS(freezes_after=0), FragileTTS(name="spare")

    gap_s, _ = run_virtual(speak(FailoverTTS([primary, spare]), "Your table is booked for eight."))

    assert [request.text for request in spare.requests] == ["Your table is booked for eight."]
    assert gap_s < MAX_GAP_S


def test_pain_20_synthesizer_dies_in_the_middle_of_a_clause() -> None:
    """The next speaks the rest: no word is lost, at most the last ones are repeated."""
    text = "Your table for four people is booked for half past eight on Friday."
    primary, spare = FragileTTS(breaks_after=20), FragileTTS(name="spare")

    gap_s, audio_s = run_virtual(speak(FailoverTTS([primary, spare]), text))

    (rest,) = [request.text for request in spare.requests]
    assert text.endswith(rest)
    assert len(text) * 0.07 <= audio_s < len(text) * 0.07 + 0.6
    assert gap_s < MAX_GAP_S
