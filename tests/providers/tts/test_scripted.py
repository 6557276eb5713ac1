"""The scripted synthesizer keeps its times."""

import asyncio

import numpy as np
import pytest

from voice_engine.clock import run_virtual
from voice_engine.ports.tts import SpeechRequest
from voice_engine.providers.scripted import ScriptedSettings
from voice_engine.providers.tts.scripted import ScriptedTTS

REQUEST = SpeechRequest(text="Any sentence.", language="en")


def arrivals(settings: ScriptedSettings, *, consume_s: float = 0.0) -> list[tuple[float, int]]:
    """Time of each chunk in ms, and its samples."""

    async def main() -> list[tuple[float, int]]:
        loop = asyncio.get_running_loop()
        seen = []
        async for pcm in ScriptedTTS(settings).synthesize(REQUEST):
            seen.append((round(loop.time() * 1000, 6), len(pcm)))
            await asyncio.sleep(consume_s)
        return seen

    return run_virtual(main())


def test_first_chunk_after_its_delay_then_one_every_20_ms() -> None:
    seen = arrivals(ScriptedSettings())

    assert seen == [(40 + 20 * index, 800) for index in range(20)]


def test_a_slow_consumer_does_not_shift_the_times_of_later_chunks() -> None:
    seen = arrivals(ScriptedSettings(tts_sentence_ms=300), consume_s=0.03)

    assert [at for at, _ in seen] == [40, 70, 100]


def test_last_chunk_holds_what_is_left_of_the_sentence() -> None:
    seen = arrivals(ScriptedSettings(tts_sentence_ms=250))

    assert [samples for _, samples in seen] == [800, 800, 400]


def test_the_tone_is_continuous_at_minus_20_dbfs() -> None:
    async def main() -> list[np.ndarray[tuple[int], np.dtype[np.int16]]]:
        return [pcm async for pcm in ScriptedTTS().synthesize(REQUEST)]

    tone = np.concatenate(run_virtual(main())).astype(float)

    assert 20 * np.log10(np.sqrt(np.mean(tone**2)) / 32768) == pytest.approx(-20, abs=0.1)
    assert np.abs(np.diff(tone)).max() < 4634 * 2 * np.pi * 440 / 8000 + 2
