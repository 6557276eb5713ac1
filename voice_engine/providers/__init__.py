from voice_engine.providers.registry import open_stt, open_tts, stt_names, tts_names
from voice_engine.providers.scripted import ScriptedSettings
from voice_engine.providers.speech import (
    FailoverSettings,
    LocalSpeechSettings,
    OpenAISpeechSettings,
    SpeechContext,
    SpeechSettings,
)
from voice_engine.providers.speech_pool import SpeechPool, SpeechPoolSettings

__all__ = [
    "FailoverSettings",
    "LocalSpeechSettings",
    "OpenAISpeechSettings",
    "ScriptedSettings",
    "SpeechContext",
    "SpeechPool",
    "SpeechPoolSettings",
    "SpeechSettings",
    "open_stt",
    "open_tts",
    "stt_names",
    "tts_names",
]
