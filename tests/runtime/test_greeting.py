"""Who speaks first: the three ways in which a call may begin, on a whole call."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from tests.audio.voiceprint import voiceprint
from tests.fakes.call_rig import RECEPTIONIST, Call, ClipLine, Rig, Say, clip
from tests.fakes.llm import FakeLLM, Item
from voice_engine.audio import mulaw
from voice_engine.ports.call import CallSpec, Disposition, GreetingMode, Language
from voice_engine.ports.tts import TTS
from voice_engine.providers import SpeechContext, open_tts
from voice_engine.providers.stt.moonshine import MoonshineTranscriber

OWN = "Thank you for calling Bright Smile, how may I help you today?"
GENERATED = GreetingMode.ASSISTANT_FIRST_GENERATED


def in_mode(mode: GreetingMode) -> CallSpec:
    assert RECEPTIONIST.assistant is not None
    assistant = replace(RECEPTIONIST.assistant, greeting=OWN, greeting_mode=mode)
    return replace(RECEPTIONIST, assistant=assistant, record=False)


def first_sound_ms(rig: Rig) -> int:
    """When the caller heard the engine for the first time, in ms of the line."""
    loud = np.flatnonzero(np.abs(mulaw.decode_pcm(rig.heard).astype(int)) > 100)
    assert len(loud), "the engine never spoke"
    return int(loud[0]) // 8


def lines(rig: Rig) -> list[str]:
    return [turn.text for turn in rig.report.turns if turn.speaker == "AI"]


def test_an_assistant_that_speaks_first_needs_no_word_of_the_caller() -> None:
    rig = Call(spec=in_mode(GreetingMode.ASSISTANT_FIRST), line=ClipLine(hang_up_ms=6_000)).run()

    assert first_sound_ms(rig) < 1_000
    assert lines(rig) == [OWN]


def test_a_greeting_can_be_interrupted() -> None:
    rig = Call(
        spec=in_mode(GreetingMode.ASSISTANT_FIRST),
        line=ClipLine(Say(clip(), at_ms=1_000), hang_up_after_ms=6_000),
        texts=["Where are you located?"],
    ).run()

    greeting = rig.report.turns[0]
    assert greeting.interrupted
    assert len(greeting.heard_text or "") < len(OWN)
    assert any("High Street" in line for line in lines(rig))


def test_an_assistant_that_waits_is_silent_until_the_callers_turn_is_over() -> None:
    line = ClipLine(Say(clip(), at_ms=3_000), hang_up_after_ms=6_000)
    rig = Call(spec=in_mode(GreetingMode.CALLER_FIRST), line=line, texts=["Where are you located?"]).run()

    assert first_sound_ms(rig) > line.spoken[0][1]
    assert [turn.speaker for turn in rig.report.turns] == ["HUMAN", "AI"]


def test_a_caller_who_says_nothing_is_asked_once_after_fifteen_seconds() -> None:
    rig = Call(spec=in_mode(GreetingMode.CALLER_FIRST), line=ClipLine(hang_up_ms=26_000)).run()

    assert first_sound_ms(rig) == pytest.approx(15_000, abs=600)
    assert lines(rig) == ["Hello?"]


def test_a_line_on_which_nobody_ever_speaks_is_given_up() -> None:
    rig = Call(spec=in_mode(GreetingMode.CALLER_FIRST), line=ClipLine(hang_up_ms=60_000)).run()

    assert rig.report.outcome.disposition is Disposition.SILENCE
    assert rig.report.duration_seconds < 40


@pytest.mark.parametrize(
    ("script", "said", "latest_ms"),
    [
        ([500.0, "Hello, I'm Ann, the AI assistant of Bright Smile. What brings you here?"], "I'm Ann", 1_200),
        ([5_000.0, "Hello, I'm Ann, the AI assistant of Bright Smile."], OWN, 2_600),
        (None, OWN, 1_000),
    ],
)
def test_a_generated_opening_or_in_its_place_the_owners(
    script: Sequence[Item] | None, said: str, latest_ms: int
) -> None:
    llm = FakeLLM(script) if script is not None else None
    rig = Call(spec=in_mode(GENERATED), line=ClipLine(hang_up_ms=9_000), llm=llm).run()

    assert said in lines(rig)[0]
    assert first_sound_ms(rig) < latest_ms
    if llm is not None:
        assert all(message.role != "user" for message in llm.requests[0].messages)


def test_a_voice_that_the_synthesizer_lacks_does_not_cost_the_call() -> None:
    spec = replace(in_mode(GreetingMode.ASSISTANT_FIRST), voice="james")

    rig = Call(spec=spec, line=ClipLine(hang_up_ms=4_000)).run()

    assert lines(rig) == [OWN]


@contextmanager
def packaged_voices() -> Iterator[TTS]:
    context = SpeechContext()
    try:
        yield open_tts("local", context)
    finally:
        context.close()


@pytest.mark.speech
@pytest.mark.slow
def test_what_the_caller_hears_first_is_the_owners_greeting() -> None:
    """In real audio: recognized from what came over the line, before the caller made a sound."""
    with packaged_voices() as tts:
        rig = Call(spec=in_mode(GreetingMode.ASSISTANT_FIRST), line=ClipLine(hang_up_ms=8_000), tts=tts).run()

    heard = MoonshineTranscriber().transcribe(mulaw.decode_pcm(rig.heard)[: 8 * 6_000], "en").text
    assert first_sound_ms(rig) < 1_000
    assert "bright smile" in heard.lower()
    assert "how may i help you today" in heard.lower()


@pytest.mark.speech
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_voice_that_was_chosen_is_the_voice_that_is_heard(language: Language) -> None:
    """Same words, same line, two voices of the catalogue."""
    prints = {}
    with packaged_voices() as tts:
        for voice in ("savannah", "james", "chloe"):
            spec = replace(in_mode(GreetingMode.ASSISTANT_FIRST), voice=voice, language=language)
            rig = Call(spec=spec, line=ClipLine(hang_up_ms=7_000), tts=tts).run()
            prints[voice] = voiceprint(mulaw.decode_pcm(rig.heard))

    assert prints["james"].pitch_hz < 0.75 * prints["savannah"].pitch_hz
    assert prints["chloe"].pitch_hz > 1.05 * prints["savannah"].pitch_hz
