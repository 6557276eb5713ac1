"""Local synthesis: voices by language, the clause cache, cost on the virtual clock."""

import asyncio
from collections.abc import Generator

import numpy as np
import pytest

from tests.fakes.tts import CountingSynthesizer
from voice_engine.audio.frames import PCM
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput, QuotaExceeded
from voice_engine.ports.tts import SpeechRequest, Voice
from voice_engine.providers.speech_pool import SpeechPool, SpeechPoolSettings
from voice_engine.providers.tts.local import ClauseCache, LocalTTS

EN, ES = Voice(id="ann", language="en", label="Ann"), Voice(id="eva", language="es", label="Eva")


@pytest.fixture
def pool() -> Generator[SpeechPool, None, None]:
    made = SpeechPool(SpeechPoolSettings(workers=1, max_queued=0))
    yield made
    made.close()


async def speak(
    tts: LocalTTS, text: str, language: str = "en", voice: str | None = None, speed: float = 1.0
) -> list[PCM]:
    request = SpeechRequest(text=text, language=language, voice=voice, speed=speed)
    return [pcm async for pcm in tts.synthesize(request)]


def test_the_first_synthesizer_of_a_language_speaks_it(pool: SpeechPool) -> None:
    first, second = CountingSynthesizer(EN), CountingSynthesizer(ES, Voice(id="bob", language="en", label="Bob"))
    tts = LocalTTS([first, second], pool)

    run_virtual(speak(tts, "Hello."))
    run_virtual(speak(tts, "Hola.", "es"))
    run_virtual(speak(tts, "Hi.", "en", "bob"))

    assert [voice for _, voice, _ in first.calls] == ["ann"]
    assert [voice for _, voice, _ in second.calls] == ["eva", "bob"]


def test_a_voice_of_another_language_gives_way_to_the_default_one(pool: SpeechPool) -> None:
    """The owner chose an English voice; the callee speaks Spanish."""
    synthesizer = CountingSynthesizer(EN, ES)

    run_virtual(speak(LocalTTS([synthesizer], pool), "Hola.", "es", "ann"))

    assert synthesizer.calls[0][1] == "eva"


def test_a_character_is_spoken_in_each_language_by_whoever_has_it(pool: SpeechPool) -> None:
    """The same name and the same words, in two languages: neither the models nor the kept audio may be confused."""
    english = CountingSynthesizer(EN, Voice(id="james", language="en", label="James", is_character=True))
    spanish = CountingSynthesizer(ES, Voice(id="james", language="es", label="James", is_character=True))
    tts = LocalTTS([english, spanish], pool)

    for language in ("en", "es"):
        run_virtual(speak(tts, "No.", language, "james"))

    assert [(text, voice) for text, voice, _ in english.calls] == [("No.", "james")]
    assert [(text, voice) for text, voice, _ in spanish.calls] == [("No.", "james")]


@pytest.mark.parametrize(
    ("language", "voice", "code"), [("fr", None, "language_unsupported"), ("en", "x", "voice_unknown")]
)
def test_what_nobody_speaks_is_refused(pool: SpeechPool, language: str, voice: str | None, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        run_virtual(speak(LocalTTS([CountingSynthesizer(EN)], pool), "Hi.", language, voice))

    assert refused.value.code == code


def test_sentences_come_one_by_one_with_numbers_written_out(pool: SpeechPool) -> None:
    """The first sentence is heard while the second is not yet made."""
    synthesizer = CountingSynthesizer(EN)

    chunks = run_virtual(speak(LocalTTS([synthesizer], pool), "At 8:30. For 4."))

    assert len(chunks) == 2
    assert [text for text, _, _ in synthesizer.calls] == ["At eight thirty.", "For four."]


def test_a_sentence_is_synthesized_once_for_each_voice_and_speed(pool: SpeechPool) -> None:
    synthesizer = CountingSynthesizer(EN)
    tts = LocalTTS([synthesizer], pool)

    async def main() -> None:
        await speak(tts, "Hello. Bye.")
        await speak(tts, "Bye.")
        await speak(tts, "Bye.", speed=0.8)

    run_virtual(main())

    assert [(text, speed) for text, _, speed in synthesizer.calls] == [
        ("Hello.", 1.0),
        ("Bye.", 1.0),
        ("Bye.", 0.8),
    ]


def test_cached_audio_costs_the_same_virtual_time(pool: SpeechPool) -> None:
    """A second replay in the same process must give the same events as the first."""
    tts = LocalTTS([CountingSynthesizer(EN)], pool)

    async def seconds() -> float:
        await speak(tts, "Hello.")
        return asyncio.get_running_loop().time()

    assert run_virtual(seconds()) == run_virtual(seconds()) == pytest.approx(0.06)


def test_callers_cannot_change_cached_audio(pool: SpeechPool) -> None:
    (pcm,) = run_virtual(speak(LocalTTS([CountingSynthesizer(EN)], pool), "Hello."))

    assert not pcm.flags.writeable


def test_cache_forgets_the_least_recently_used_beyond_its_bound() -> None:
    cache = ClauseCache(1000)
    for name in ("a", "b"):
        cache.keep((name, "v", "en", 1.0), np.zeros(200, np.int16))
    cache.find(("a", "v", "en", 1.0))

    cache.keep(("c", "v", "en", 1.0), np.zeros(200, np.int16))
    cache.keep(("huge", "v", "en", 1.0), np.zeros(501, np.int16))

    found = [cache.find((name, "v", "en", 1.0)) is not None for name in ("a", "b", "c", "huge")]
    assert found == [True, False, True, False]
    assert cache.bytes == 800


async def test_too_much_queued_work_is_refused_politely(pool: SpeechPool) -> None:
    tts = LocalTTS([CountingSynthesizer(EN)], pool)

    results = []
    async with asyncio.TaskGroup() as group:
        for index in range(3):
            results.append(group.create_task(_code(tts, f"Sentence {index}.")))

    assert sorted(task.result() for task in results) == ["spoken", "tts_busy", "tts_busy"]


async def _code(tts: LocalTTS, text: str) -> str:
    try:
        await speak(tts, text)
    except QuotaExceeded as error:
        return error.code
    return "spoken"


def test_load_and_check_reach_every_synthesizer_once(pool: SpeechPool) -> None:
    synthesizer = CountingSynthesizer(EN, ES)
    tts = LocalTTS([synthesizer], pool)

    tts.check()
    tts.load()

    assert synthesizer.loaded == 1
    assert tts.capabilities.cost_ms("Hello. And more.") == 60
