"""The composition root: settings in, working providers and calls out. The only place that names adapters.

Imports that cost much (models, vendors' clients) stand in the factories, so that the command line starts at once.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from voice_engine.clock import LoopClock
from voice_engine.config import OpenAISection, Settings, SpeechSection
from voice_engine.core.dialogue.clauses import CutMode
from voice_engine.core.dialogue.ics import zone_of
from voice_engine.core.turns.settings import TurnSettings
from voice_engine.ports.calendar import BookingBook, Calendar
from voice_engine.ports.call import CallSpec
from voice_engine.ports.knowledge import Knowledge
from voice_engine.ports.llm import LLM
from voice_engine.ports.stt import STT
from voice_engine.ports.telephony import CallControl
from voice_engine.ports.tts import TTS
from voice_engine.providers.calendar.kept import KeptCalendar
from voice_engine.providers.calendar.local import LocalCalendar
from voice_engine.providers.knowledge.local import LocalKnowledge
from voice_engine.providers.scripted import ScriptedSettings
from voice_engine.providers.speech import (
    FailoverSettings,
    LocalSpeechSettings,
    OpenAISpeechSettings,
    SpeechContext,
    SpeechSettings,
)
from voice_engine.providers.speech_pool import SpeechPoolSettings
from voice_engine.runtime.ahead import AheadTTS
from voice_engine.runtime.brain import BrainSettings
from voice_engine.runtime.journal import Journal
from voice_engine.runtime.services import CallServices


@runtime_checkable
class _Connected(Protocol):
    """A model that keeps connections."""

    async def close(self) -> None:
        """Close them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """The providers that one call uses. `llm` None: rules and templates alone."""

    stt: STT
    tts: AheadTTS
    llm: LLM | None


class Providers:
    """The speech and language providers of one process, shared by all its calls."""

    def __init__(self, *, speech: SpeechContext, stt: STT, tts: TTS, llm: LLM | None) -> None:
        self.speech = speech
        self.stt = stt
        self.tts = tts
        self.ahead = AheadTTS(tts)
        """The synthesizer of calls, with what they say first in its memory."""
        self.llm = llm

    def load(self) -> None:
        """Read the local models now (about 3 s; blocks), so that no call waits for them.

        Raises:
            InvalidInput: `speech_model_missing`.
            UpstreamFailed: `speech_model_changed`, `speech_library_unusable`.
        """
        self.speech.load()

    def expect_call(self) -> bool:
        """Whether one more call would still be answered in time; if so, its work is counted from now on."""
        return self.speech.expect_call()

    def spare_calls(self) -> int | None:
        """How many more calls would still be answered in time; None: nothing here limits them."""
        return self.speech.spare_calls()

    @property
    def max_calls(self) -> int | None:
        """The most calls at once that local recognition takes; None: it is not used."""
        return self.speech.max_calls

    async def aclose(self) -> None:
        """Close connections and stop the workers; running jobs end first."""
        llm: object = self.llm
        if isinstance(llm, _Connected):
            await llm.close()
        await self.speech.aclose()

    def close(self) -> None:
        """Stop the workers only, where no loop runs any more; running jobs end first."""
        self.speech.close()


def open_providers(settings: Settings) -> Providers:
    """Make the providers that the settings name.

    Raises:
        InvalidInput: `provider_unknown`, `speech_extra_missing`, `provider_key_missing`.
    """
    from voice_engine.providers import open_stt, open_tts

    context = SpeechContext(_speech_settings(settings))
    return Providers(
        speech=context,
        stt=open_stt(settings.stt, context),
        tts=open_tts(settings.tts, context),
        llm=_open_llm(settings),
    )


@asynccontextmanager
async def open_recognizer(settings: Settings) -> AsyncIterator[STT]:
    """The recognizer alone, for as long as the context is open. Raises InvalidInput as `open_providers`."""
    from voice_engine.providers import open_stt

    context = SpeechContext(_speech_settings(settings))
    try:
        yield open_stt(settings.stt, context)
    finally:
        await context.aclose()


def call_services(
    settings: Settings,
    providers: Providers,
    spec: CallSpec,
    control: CallControl,
    *,
    journal: Journal | None = None,
    kept_knowledge: Callable[[str], Knowledge] | None = None,
    kept_bookings: Callable[[str, str], BookingBook] | None = None,
    furniture: Furniture | None = None,
) -> CallServices:
    """What one call needs: its providers, and the calendar and knowledge of the call's business.

    `kept_knowledge` and `kept_bookings` find the store's, by scope (and call); without them a call knows what its
    spec says. `furniture`: the providers chosen for this call; None: the process's.
    """
    used = furniture or Furniture(stt=providers.stt, tts=providers.ahead, llm=providers.llm)
    return CallServices(
        clock=LoopClock(),
        stt=used.stt,
        tts=used.tts,
        llm=used.llm,
        control=control,
        calendar=calendar_of(spec, kept_bookings),
        knowledge=_knowledge(spec, kept_knowledge),
        journal=journal,
        turns=_turn_settings(settings).for_language(spec.language),
        brain=_brain_settings(settings),
    )


def calendar_of(spec: CallSpec, kept: Callable[[str, str], BookingBook] | None) -> Calendar | None:
    """The business's hours with its kept bookings, else with those of the spec; None: there is no business."""
    if spec.assistant is None:
        return None
    local = LocalCalendar.of(spec.assistant, zone=zone_of(spec))
    if kept is not None and spec.calendar_scope is not None:
        return KeptCalendar(local, kept(spec.calendar_scope, spec.call_id))
    return local


def _knowledge(spec: CallSpec, kept: Callable[[str], Knowledge] | None) -> Knowledge | None:
    if kept is not None and spec.knowledge_scope is not None:
        return kept(spec.knowledge_scope)
    return LocalKnowledge(spec.assistant.knowledge) if spec.assistant else None


def _turn_settings(settings: Settings) -> TurnSettings:
    turns = settings.turns
    return TurnSettings(
        endpointing_fixed_ms=_whole(turns.endpointing_fixed_ms), barge_in_fixed_ms=_whole(turns.barge_in_fixed_ms)
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _brain_settings(settings: Settings) -> BrainSettings:
    """Scripted providers are for comparing engines: whole sentences, and the scripted words on every turn."""
    cut: CutMode = "sentence" if settings.tts == "scripted" else "clause"
    return BrainSettings(cut=cut, rehearsal=settings.llm == "scripted")


def _scripted_settings(settings: Settings) -> ScriptedSettings:
    return ScriptedSettings(**settings.scripted.model_dump())


def _speech_settings(settings: Settings) -> SpeechSettings:
    return SpeechSettings(
        local=_local_speech(settings.speech),
        openai=_openai_speech(settings.openai),
        scripted=_scripted_settings(settings),
        failover=FailoverSettings(**settings.failover.model_dump()),
    )


def _local_speech(section: SpeechSection) -> LocalSpeechSettings:
    return LocalSpeechSettings(
        pool=SpeechPoolSettings(
            workers=section.workers,
            max_calls=section.max_calls,
            most_busy=section.most_busy,
            most_delay_s=section.most_delay_s,
        ),
        moonshine_directory=section.moonshine_directory,
        whisper_directory=section.whisper_directory,
        hibari_model=section.hibari_model,
        pico_directory=section.pico_directory,
        cache_bytes=section.cache_mb << 20,
    )


def _openai_speech(section: OpenAISection) -> OpenAISpeechSettings:
    return OpenAISpeechSettings(
        api_key=section.api_key.get_secret_value() if section.api_key else None,
        base_url=section.base_url,
        stt_model=section.stt_model,
        realtime_stt_model=section.realtime_stt_model,
        tts_model=section.tts_model,
        tts_voice=section.tts_voice,
        timeout_s=section.timeout_s,
    )


def _open_llm(settings: Settings) -> LLM | None:
    from voice_engine.providers.llm.registry import open_llm
    from voice_engine.providers.llm.settings import LLMSettings, OpenAILLMSettings

    section = settings.openai
    openai = OpenAILLMSettings(
        api_key=section.api_key.get_secret_value() if section.api_key else None,
        base_url=section.base_url,
        model=section.llm_model,
        timeout_s=section.timeout_s,
    )
    return open_llm(settings.llm, LLMSettings(openai=openai, scripted=_scripted_settings(settings)))


def calls_dir(settings: Settings) -> Path:
    """Where finished calls keep their files."""
    return settings.data_dir / "calls"


def journal_dir(settings: Settings) -> Path:
    """Where live calls keep what they go on from after a lost stream."""
    return settings.data_dir / "journal"
