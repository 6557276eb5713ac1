"""How the packaged speech providers are made from their settings; the targets of this package's entry points."""

from voice_engine.providers.speech import SpeechContext
from voice_engine.providers.stt.local import LocalSTT
from voice_engine.providers.stt.scripted import ScriptedSTT
from voice_engine.providers.tts.hibari import HibariSynthesizer
from voice_engine.providers.tts.local import LocalTTS
from voice_engine.providers.tts.pico import PicoSynthesizer
from voice_engine.providers.tts.scripted import ScriptedTTS


def local_stt(context: SpeechContext) -> LocalSTT:
    """English and Spanish from the packaged models. Raises InvalidInput (`speech_extra_missing`) at once."""
    settings = context.settings.local
    stt = LocalSTT(
        context.pool,
        moonshine_directory=settings.moonshine_directory,
        whisper_directory=settings.whisper_directory,
    )
    stt.check()
    context.on_load(stt.load)
    return stt


def scripted_stt(context: SpeechContext) -> ScriptedSTT:
    """A fixed text after a fixed delay."""
    return ScriptedSTT(context.settings.scripted)


def local_tts(context: SpeechContext) -> LocalTTS:
    """English and Spanish from the packaged voices. Raises InvalidInput (`speech_extra_missing`) at once."""
    settings = context.settings.local
    tts = LocalTTS(
        (HibariSynthesizer(settings.hibari_model), PicoSynthesizer(settings.pico_directory)),
        context.pool,
        cache_bytes=settings.cache_bytes,
    )
    tts.check()
    context.on_load(tts.load)
    return tts


def scripted_tts(context: SpeechContext) -> ScriptedTTS:
    """A fixed tone at fixed times."""
    return ScriptedTTS(context.settings.scripted)
