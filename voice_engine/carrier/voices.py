"""The respondent's voice: everything a script may say, rendered before the call so that no reply waits for it."""

from collections.abc import Mapping
from contextlib import aclosing

import numpy as np

from voice_engine.audio import mixing
from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.audio.wav import read_wav
from voice_engine.carrier.script import RespondentScript, Step, segments
from voice_engine.errors import InvalidInput
from voice_engine.ports.tts import TTS, SpeechRequest

SPEECH_DBFS = -20.0
"""Active level of a respondent before the line's gain: what a handset delivers at a usual distance."""

_AUDIBLE = 60
"""Least sample of speech, −55 dBFS. The s that begins "sí" reaches 200 only in its middle on a telephone; cut off
there it is a t (measured: Pico, with which recognizers then wrote "T, eso es"). Silence stays below 40."""

Rendered = Mapping[tuple[str, str], PCM]
"""(step id, slot) → int16 mono 8 kHz; slots are `say`, `else` and `backchannel`."""


async def render(script: RespondentScript, tts: TTS | None, *, avoid_voice: str | None = None) -> Rendered:
    """Render a script with its recordings or with `tts`, in another voice than `avoid_voice` where there is one.

    Raises InvalidInput: `missing_recording`, `unknown_voice`, `no_voice`, and what a WAV file may be refused for.
    """
    if script.wav_dir is not None:
        return {key: _recording(script, step, key[1]) for step in script.steps for key in _wanted(step)}
    if tts is None:
        raise InvalidInput("no_voice", f"{script.name}: needs a synthesizer or a wav_dir")
    voice = choose_voice(script, tts, avoid_voice)
    return {
        key: await _speech(tts, text, language=script.language, voice=voice)
        for step in script.steps
        for key, text in _wanted(step).items()
    }


def choose_voice(script: RespondentScript, tts: TTS, avoid_voice: str | None) -> str | None:
    """The script's voice, else one of its language that the engine does not speak with. None: the only default."""
    voices = [
        voice for voice in tts.capabilities.voices if voice.language == script.language and not voice.is_character
    ]
    if script.voice is not None:
        if script.voice not in {voice.id for voice in voices}:
            known = ", ".join(voice.id for voice in voices) or "none"
            raise InvalidInput("unknown_voice", f"{script.name}: no voice {script.voice!r} (known: {known})")
        return script.voice
    if not voices:
        raise InvalidInput("no_voice", f"{script.name}: {tts.capabilities.name} speaks no {script.language}")
    taken = avoid_voice if avoid_voice is not None else voices[0].id
    return next((voice.id for voice in voices if voice.id != taken), None)


def _wanted(step: Step) -> dict[tuple[str, str], str]:
    texts = {"say": step.say, "else": step.otherwise, "backchannel": step.backchannel}
    return {(step.id, slot): text for slot, text in texts.items() if text}


def _recording(script: RespondentScript, step: Step, slot: str) -> PCM:
    assert script.wav_dir is not None
    path = script.wav_dir / (f"{step.id}.wav" if slot == "say" else f"{step.id}.{slot}.wav")
    if not path.is_file():
        raise InvalidInput("missing_recording", f"{path}: no recording for the {slot} of step {step.id}")
    return read_wav(path)


async def _speech(tts: TTS, say: str, *, language: str, voice: str | None) -> PCM:
    parts: list[PCM] = []
    for segment in segments(say):
        if isinstance(segment, int):
            parts.append(np.zeros(segment * SAMPLES_PER_MS, dtype=np.int16))
            continue
        async with aclosing(tts.synthesize(SpeechRequest(text=segment, language=language, voice=voice))) as chunks:
            parts.extend([chunk async for chunk in chunks])
    joined = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
    return mixing.at_level(_trimmed(joined), SPEECH_DBFS)


def _trimmed(pcm: PCM) -> PCM:
    """Without the synthesizer's silence before and after: answer times are counted from the last speech."""
    audible = np.flatnonzero(np.abs(pcm.astype(np.int32)) > _AUDIBLE)
    return pcm[audible[0] : audible[-1] + 1] if audible.size else pcm
