"""Failover of synthesizers beyond the field's pain: breakers, voices, and what is left of a clause."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.tts import FragileTTS
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.tts import SpeechRequest
from voice_engine.providers.speech import FailoverSettings
from voice_engine.providers.tts.failover import FailoverTTS, rest_after

TEXT = "Your table for four is booked for half past eight."


async def speak(tts: FailoverTTS, *, voice: str | None = None, speed: float = 1.0) -> int:
    """Samples spoken."""
    samples = 0
    async for pcm in tts.synthesize(SpeechRequest(text=TEXT, language="en", voice=voice, speed=speed)):
        samples += len(pcm)
    return samples


def test_a_healthy_primary_speaks() -> None:
    primary, spare = FragileTTS(), FragileTTS(name="spare")

    run_virtual(speak(FailoverTTS([primary, spare])))

    assert (len(primary.requests), len(spare.requests)) == (1, 0)


def test_next_clause_starts_on_the_healthy_one_until_the_cooldown_is_over() -> None:
    primary, spare = FragileTTS(breaks_after=0), FragileTTS(name="spare")
    tts = FailoverTTS([primary, spare], FailoverSettings(cooldown_s=30))

    async def main() -> None:
        await speak(tts)
        await speak(tts)
        primary.breaks_after = None
        await asyncio.sleep(31)
        await speak(tts)

    run_virtual(main())

    assert (len(primary.requests), len(spare.requests)) == (2, 2)


def test_each_provider_gets_a_voice_that_it_has() -> None:
    primary, spare = FragileTTS(voice="ann", breaks_after=0), FragileTTS(name="spare", voice="bob")

    run_virtual(speak(FailoverTTS([primary, spare]), voice="ann"))

    assert (primary.requests[0].voice, spare.requests[0].voice) == ("ann", None)


def test_when_all_have_failed_the_call_is_told() -> None:
    with pytest.raises(UpstreamFailed) as failed:
        run_virtual(speak(FailoverTTS([FragileTTS(breaks_after=2), FragileTTS(freezes_after=0)])))

    assert failed.value.code == "tts_failed"


def test_freezing_after_the_last_word_needs_no_other_voice() -> None:
    """Everything was heard: repeating the end in another voice would be worse than the wait."""
    primary, spare = FragileTTS(freezes_after=45), FragileTTS(name="spare")

    run_virtual(speak(FailoverTTS([primary, spare])))

    assert spare.requests == []


def test_a_language_that_none_speaks_is_refused() -> None:
    async def main() -> None:
        async for _ in FailoverTTS([FragileTTS()]).synthesize(SpeechRequest(text="Hola", language="es")):
            pass

    with pytest.raises(InvalidInput):
        run_virtual(main())


@given(st.text(alphabet="abc ,.", min_size=1, max_size=80), st.floats(0, 10_000))
def test_the_rest_is_an_end_of_the_text_from_the_start_of_a_word(text: str, spoken_ms: float) -> None:
    rest = rest_after(text, spoken_ms)

    before = text.rstrip()[: len(text.rstrip()) - len(rest)]
    assert text.strip().endswith(rest.strip())
    assert not rest or not before or before.endswith(" ") or rest == text


def test_nothing_spoken_leaves_all_and_a_slow_speakers_time_leaves_nothing() -> None:
    assert rest_after(TEXT, 0) == TEXT
    assert rest_after(TEXT, len(TEXT) / 12 * 1000) == ""
