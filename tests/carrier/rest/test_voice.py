"""The carrier's voice: what the synthesizer gets, what is kept, what it cannot speak."""

import pytest

from tests.carrier.voices import ToneTTS
from voice_engine.audio import mulaw
from voice_engine.audio.level import active_dbfs
from voice_engine.carrier.rest.voice import KEPT_TEXTS, TTSVoice
from voice_engine.carrier.voices import SPEECH_DBFS
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput


def test_sentences_are_spoken_one_by_one_at_a_usual_level() -> None:
    tts = ToneTTS()

    audio = run_virtual(TTSVoice(tts).speak("Your code is 1. Goodbye.", "en-US"))

    assert [request.text for request in tts.requests] == ["Your code is 1.", "Goodbye."]
    assert {request.language for request in tts.requests} == {"en"}
    assert active_dbfs(mulaw.decode_pcm(audio)) == pytest.approx(SPEECH_DBFS, abs=0.5)


def test_what_was_said_once_is_kept_for_a_while() -> None:
    tts = ToneTTS()

    async def main() -> None:
        voice = TTSVoice(tts)
        assert await voice.speak("hello", "en") == await voice.speak("hello", "en-GB")
        assert len(tts.requests) == 1
        for number in range(KEPT_TEXTS):
            await voice.speak(f"number {number}", "en")
        await voice.speak("hello", "en")
        assert len(tts.requests) == 1 + KEPT_TEXTS + 1

    run_virtual(main())


def test_a_language_without_a_voice_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        run_virtual(TTSVoice(ToneTTS()).speak("bonjour", "fr-FR"))

    assert caught.value.code == "no_voice"
