"""Speech providers by name: the packaged ones and what other packages register as entry points.

A factory is a callable `(SpeechContext) -> STT` under the group `voice_engine.stt`, or `-> TTS` under
`voice_engine.tts`. The packaged names stand here too, so that a source checkout works without being installed.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from voice_engine.errors import InvalidInput
from voice_engine.ports.stt import STT
from voice_engine.ports.tts import TTS
from voice_engine.providers.speech import SpeechContext
from voice_engine.providers.stt.failover import FailoverSTT
from voice_engine.providers.tts.failover import FailoverTTS

STT_GROUP = "voice_engine.stt"
TTS_GROUP = "voice_engine.tts"

PACKAGED: Mapping[str, Mapping[str, str]] = {
    STT_GROUP: {
        "local": "voice_engine.providers.factories:local_stt",
        "openai": "voice_engine.providers.stt.openai:create",
        "openai-realtime": "voice_engine.providers.stt.openai_realtime:create",
        "scripted": "voice_engine.providers.factories:scripted_stt",
    },
    TTS_GROUP: {
        "local": "voice_engine.providers.factories:local_tts",
        "openai": "voice_engine.providers.tts.openai:create",
        "scripted": "voice_engine.providers.factories:scripted_tts",
    },
}
"""Equal to the tables in pyproject.toml (tests/providers/test_registry.py)."""


def stt_names() -> tuple[str, ...]:
    """Names that `open_stt` knows, sorted."""
    return _names(STT_GROUP)


def tts_names() -> tuple[str, ...]:
    """Names that `open_tts` knows, sorted."""
    return _names(TTS_GROUP)


def open_stt(name: str, context: SpeechContext) -> STT:
    """The recognizer of that name; several names joined by commas fail over from left to right, also mid-call.

    Raises:
        InvalidInput: `provider_unknown`, or the provider's own: `speech_extra_missing`, `provider_key_missing`.
    """
    found = [cast(STT, factory(context)) for factory in _factories(STT_GROUP, name)]
    return found[0] if len(found) == 1 else FailoverSTT(found, context.settings.failover)


def open_tts(name: str, context: SpeechContext) -> TTS:
    """The synthesizer of that name, or of those. Raises as `open_stt` does."""
    found = [cast(TTS, factory(context)) for factory in _factories(TTS_GROUP, name)]
    return found[0] if len(found) == 1 else FailoverTTS(found, context.settings.failover)


def _names(group: str) -> tuple[str, ...]:
    return tuple(sorted({*PACKAGED[group], *(point.name for point in entry_points(group=group))}))


def _factories(group: str, names: str) -> list[Callable[[SpeechContext], object]]:
    return [_factory(group, name.strip()) for name in names.split(",")]


def _factory(group: str, name: str) -> Callable[[SpeechContext], object]:
    packaged = PACKAGED[group].get(name)
    if packaged is not None:
        module, _, attribute = packaged.partition(":")
        return cast("Callable[[SpeechContext], object]", getattr(import_module(module), attribute))
    for point in entry_points(group=group, name=name):
        return cast("Callable[[SpeechContext], object]", point.load())
    raise InvalidInput(
        "provider_unknown",
        f"No {group.rpartition('.')[2]} provider {name!r}; there are: {', '.join(_names(group))}.",
    )
