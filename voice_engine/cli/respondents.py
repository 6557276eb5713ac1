"""The respondent's side of calls that this process places to itself: local voices to speak with, ears to hear with.

Always the local models, whatever the engine under test uses: they stand for a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from voice_engine.bootstrap import Providers
from voice_engine.carrier.lines import Recognize
from voice_engine.carrier.listener import STTListener
from voice_engine.carrier.scenario import Scenario
from voice_engine.carrier.voices import Rendered, render
from voice_engine.clock import run_virtual
from voice_engine.ports.tts import TTS
from voice_engine.providers import SpeechContext, open_stt, open_tts


class Respondents:
    """Voices and ears of the other party, shared by the calls of one command."""

    def __init__(self, context: SpeechContext, engine_tts: TTS) -> None:
        self._context = context
        self._tts = open_tts("local", context)
        self._engine_tts = engine_tts
        self._ears: dict[str, STTListener] = {}

    def render(self, scenario: Scenario) -> Rendered:
        """Speak everything that the script may say, in a voice that is not the engine's."""
        language = scenario.spec.language
        own = [voice.id for voice in self._engine_tts.capabilities.voices if voice.language == language]
        return run_virtual(render(scenario.script, self._tts, avoid_voice=own[0] if own else None))

    def ears(self, language: str) -> Recognize:
        """Recognition of the engine's audio in that language."""
        if language not in self._ears:
            self._ears[language] = STTListener(lambda: open_stt("local", self._context), language)
        return self._ears[language]


@contextmanager
def open_respondents(providers: Providers) -> Iterator[Respondents]:
    """Respondents for the length of a command. Raises InvalidInput: `speech_extra_missing`."""
    context = SpeechContext()
    try:
        yield Respondents(context, providers.tts)
    finally:
        context.close()
