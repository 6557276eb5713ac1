"""Rendering a script: voices, pauses, recordings, and what is missing."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.carrier.lines import tone
from tests.carrier.voices import FixedTTS, ToneTTS
from voice_engine.audio.level import active_dbfs
from voice_engine.audio.wav import write_wav
from voice_engine.carrier.script import RespondentScript, Step
from voice_engine.carrier.voices import Rendered, render
from voice_engine.errors import InvalidInput
from voice_engine.ports.tts import TTS, Voice

EN1, EN2, ES1 = (
    Voice(id="en-1", language="en", label="One"),
    Voice(id="en-2", language="en", label="Two"),
    Voice(id="es-1", language="es", label="Uno"),
)


def rendered(script: RespondentScript, tts: TTS | None = None, avoid: str | None = None) -> Rendered:
    return asyncio.run(render(script, tts, avoid_voice=avoid))


def script(
    *steps: Step, language: str = "en", voice: str | None = None, wav_dir: Path | None = None
) -> RespondentScript:
    return RespondentScript(name="x", language=language, steps=steps, voice=voice, wav_dir=wav_dir)


def test_everything_that_may_be_said_is_rendered_and_nothing_else() -> None:
    steps = (Step(id="a", say="one"), Step(id="b", otherwise="two", backchannel="three"), Step(id="c", beep=True))

    assert set(rendered(script(*steps), ToneTTS())) == {("a", "say"), ("b", "else"), ("b", "backchannel")}


def test_the_synthesizers_silence_is_cut_and_written_pauses_are_kept() -> None:
    pcm = rendered(script(Step(id="a", say="aaaa [1000] bbbb")), ToneTTS())["a", "say"]

    speech_ms, inner_silence_ms = 2 * 200, 1000 + 2 * 100
    assert pcm.size / 8 == pytest.approx(speech_ms + inner_silence_ms, abs=5)


def test_a_soft_consonant_is_no_silence() -> None:
    """The s of "sí" lies 30 dB below its vowel; cut in two it sounds like a t."""
    silence, hiss = np.zeros(800, np.int16), np.tile(np.array([100, -100], np.int16), 400)
    whole = np.concatenate([silence, hiss, tone(200), hiss, silence])

    pcm = rendered(script(Step(id="a", say="sí")), FixedTTS(whole))["a", "say"]

    assert pcm.size == whole.size - 2 * silence.size


def test_speech_has_a_usual_level() -> None:
    pcm = rendered(script(Step(id="a", say="hello there")), ToneTTS())["a", "say"]

    assert active_dbfs(pcm) == pytest.approx(-20.0, abs=0.5)


@pytest.mark.parametrize(
    ("voices", "wanted", "avoid", "chosen"),
    [
        ((EN1, EN2), None, "en-1", "en-2"),
        ((EN1, EN2), None, "en-2", "en-1"),
        ((EN1, EN2), None, None, "en-2"),
        ((EN1, EN2), "en-1", "en-1", "en-1"),
        ((EN1,), None, "en-1", None),
        ((EN1, ES1), None, "es-1", "en-1"),
    ],
)
def test_the_respondent_speaks_with_another_voice_than_the_engine(
    voices: tuple[Voice, ...], wanted: str | None, avoid: str | None, chosen: str | None
) -> None:
    tts = ToneTTS(*voices)

    rendered(script(Step(id="a", say="hi"), voice=wanted), tts, avoid)

    assert tts.requests[0].voice == chosen


@pytest.mark.parametrize(
    ("voice", "language", "code"), [("nobody", "en", "unknown_voice"), (None, "es", "no_voice")]
)
def test_a_voice_that_is_not_there_is_named(voice: str | None, language: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rendered(script(Step(id="a", say="hi"), language=language, voice=voice), ToneTTS(EN1))

    assert caught.value.code == code


def test_recordings_take_the_place_of_a_synthesizer(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(300))
    write_wav(tmp_path / "a.else.wav", tone(200))

    audio = rendered(script(Step(id="a", say="one", otherwise="two"), wav_dir=tmp_path))

    assert np.array_equal(audio["a", "say"], tone(300))
    assert audio["a", "else"].size == 1600


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"b\.wav: no recording for the say of step b"):
        rendered(script(Step(id="b", say="one"), wav_dir=tmp_path))


def test_a_script_that_speaks_needs_a_voice() -> None:
    with pytest.raises(InvalidInput):
        rendered(script(Step(id="a", say="one")))
